// The page: shows the state, which it reads twice a second, and pulls levers.

const refreshIntervalMs = 500;
/** How much of a pool's history its chart shows. */
const chartMs = 30 * 60_000;
const base = "/_simulator";
const byId = (id) => document.getElementById(id);

/** Calls a lever and throws its error. */
async function lever(method, path, body) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(base + path, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

/** Does something with levers, and says what was done or why it failed. */
async function act(done, run) {
  showMessage("");
  try {
    await run();
    await refresh();
    showMessage(done);
  } catch (error) {
    showMessage(withNames(error.message), "error");
  }
}

const pull = (done, path, body = {}) => act(done, () => lever("POST", path, body));

/** Shows an error, or tells screen readers alone what the rest of the page already shows. */
function showMessage(text, kind = "quiet") {
  byId("message").textContent = text;
  byId("box").className = kind;
}

function fill(created, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") created.onclick = value;
    else if (value !== undefined) created.setAttribute(key, value);
  }
  created.append(...children.filter((child) => child !== undefined && child !== ""));
  return created;
}

/** Creates an element. Strings become text, never markup. */
const element = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

/** Gives an element the content of a new one and keeps what both have, so that the focus survives. */
function patch(old, next) {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  old.onclick = next.onclick;
  const children = [...next.childNodes];
  for (const extra of [...old.childNodes].slice(children.length)) extra.remove();
  for (const [index, child] of children.entries()) {
    const same = old.childNodes[index];
    if (same === undefined) old.append(child);
    else if (same.nodeName !== child.nodeName || same.className !== child.className) same.replaceWith(child);
    else if (child.nodeType === Node.ELEMENT_NODE) patch(same, child);
    else if (same.data !== child.data) same.data = child.data;
  }
}

// What each element shows, so that only changes are drawn.
const drawn = new WeakMap();

/** Shows a list of items with ids. What has the focus keeps it, or passes it to its item. */
function show(id, items, draw) {
  const list = byId(id);
  const ids = new Set(items.map((item) => String(item.id)));
  for (const one of [...list.children]) if (!ids.has(one.dataset.id)) one.remove();
  const old = new Map([...list.children].map((one) => [one.dataset.id, one]));
  for (const [index, item] of items.entries()) {
    const text = JSON.stringify(item);
    let shown = old.get(String(item.id));
    if (shown === undefined || drawn.get(shown) !== text) {
      const next = draw(item);
      next.dataset.id = item.id;
      next.tabIndex = -1;
      const hadFocus = shown?.contains(document.activeElement);
      if (shown === undefined) shown = next;
      else patch(shown, next);
      if (hadFocus && !shown.contains(document.activeElement)) shown.focus();
      drawn.set(shown, text);
    }
    if (list.children[index] !== shown) list.insertBefore(shown, list.children[index] ?? null);
  }
}

const phaseClasses = {
  READY: "good",
  COMPLETED: "good",
  PENDING: "waiting",
  CANCELLED: "gone",
  DEGRADED: "bad",
  FAILED: "bad",
  DELETED: "gone",
};

/** A card: names first, then the phase and the id. */
function card({ id, phase }, names, ...children) {
  return element(
    "article",
    { class: phase === "DELETED" ? "card gone" : "card", "aria-labelledby": `name-${id}` },
    element(
      "div",
      { class: "head" },
      element("h3", { id: `name-${id}` }, names),
      element("span", { class: `phase ${phaseClasses[phase] ?? "busy"}` }, phase),
    ),
    element("code", { class: "soft id" }, id),
    ...children,
  );
}

/** The buttons of a card: rows of a label, a path, and a body. */
function buttons(kind, names, levers) {
  const one = ([label, path, body]) =>
    element("button", { type: "button", onclick: () => pull(`${label}: ${names}`, path, body) }, label);
  return element("div", { class: `buttons ${kind}`, role: "group", "aria-label": names }, ...levers.map(one));
}

function poolCard({ names, now, ...pool }) {
  const { minSize: min = pool.oldSize, maxSize: max = pool.oldSize, phase } = pool;
  if (phase === "DELETED") return card(pool, names);
  const path = `/pools/${pool.id}`;
  const smaller = Math.max(1, max - 1);
  const levers = [
    ["Smaller", `${path}/resize`, { minSize: Math.min(min, smaller), maxSize: smaller }],
    ["Larger", `${path}/resize`, { minSize: min, maxSize: max + 1 }],
    phase === "DEGRADED" ? ["Recover", `${path}/recover`] : ["Degrade", `${path}/degrade`],
    ["Rotate", `${path}/rotate`],
    ["Drain", `${path}/drain`],
    ["Remove", `${path}/remove`],
  ];
  const figure = (kind, label, value) => element("span", { class: kind }, `${label} `, element("b", {}, value));
  return card(
    pool,
    names,
    chart(pool, min, max, now),
    element(
      "p",
      { class: "soft figures" },
      figure("running", "running", `${pool.runningInstances}`),
      figure("desired", "desired", `${pool.desiredSize}`),
      figure("stopped", "stopped", `${pool.stoppedInstances}`),
      figure("range", "min–max", `${min}–${max}`),
    ),
    element("p", { class: "failure" }, pool.failureMessage),
    phase === "DELETING" ? undefined : buttons("pool", names, levers),
  );
}

/** The sizes of a pool over time: running instances as an area, the desired size as a dashed line. */
function chart({ sizeHistory }, min, max, now) {
  const [width, height, edge] = [300, 56, 3];
  const from = Math.max(sizeHistory[0].at, now - chartMs);
  const length = Math.max(now - from, 60_000);
  const before = sizeHistory.findLastIndex(({ at }) => at <= from);
  const sizes = sizeHistory.slice(Math.max(0, before));
  const top = Math.max(1, max, ...sizes.flatMap(({ desired, running }) => [desired, running]));
  const x = (at) => Math.max(0, width - ((now - at) / length) * width).toFixed(1);
  const y = (size) => (height - edge - (size / top) * (height - 2 * edge)).toFixed(1);
  const start = x(sizes[0].at);
  // A horizontal line to each change, and from there a vertical one to the new size.
  const line = (key) =>
    `M${start} ${y(sizes[0][key])}${sizes.map((size) => `H${x(size.at)}V${y(size[key])}`).join("")}H${width}`;
  const range = (key) => {
    const values = sizes.map((size) => size[key]);
    return `${Math.min(...values)} to ${Math.max(...values)}`;
  };
  const label = `Sizes of the last ${duration(now - from)}: ${range("running")} running, ${range("desired")} desired`;
  return element(
    "figure",
    {},
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      svg("rect", { class: "range", y: y(max), width, height: y(min) - y(max) }),
      svg("path", { class: "area", d: `${line("running")}V${y(0)}H${start}Z` }),
      svg("path", { class: "running", d: line("running") }),
      svg("path", { class: "desired", d: line("desired") }),
    ),
    element(
      "figcaption",
      { class: "soft" },
      element("span", {}, `${duration(length)} ago`),
      element("span", {}, "now"),
    ),
  );
}

const steps = ["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"];
const isPresent = ({ phase }) => phase !== "DELETED";
const isOver = ({ phase }) => !steps.includes(phase) && phase !== "CANCELLING";

function prebuildCard({ names, age, ...prebuild }) {
  const { phase } = prebuild;
  if (phase === "DELETED") return card(prebuild, names);
  const path = `/prebuilds/${prebuild.id}`;
  const step = steps.indexOf(phase) + 1;
  const progress = { value: step, max: steps.length, "aria-label": `Step ${step} of ${steps.length}` };
  const snapshot = phase === "SNAPSHOTTING" ? `, snapshot ${prebuild.snapshotCompletionPercentage}%` : "";
  return card(
    prebuild,
    names,
    element("p", { class: "soft" }, `${prebuild.triggeredBy.toLowerCase()}, ${age} old${snapshot}`),
    element("progress", step === 0 ? { hidden: "", "aria-label": "Progress" } : progress),
    element("p", { class: "failure" }, prebuild.failureMessage),
    element("p", { class: "soft" }, prebuild.warningMessage),
    isOver(prebuild)
      ? buttons("ended", names, [
          ["Delete", `${path}/drain`],
          ["Expire", `${path}/expire`],
        ])
      : buttons("ongoing", names, [
          ["Fail", `${path}/fail`],
          ["Cancel", `${path}/cancel`],
        ]),
  );
}

function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  for (const [length, unit] of units) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${seconds} s`;
}

// Names stay known after a class has left the configuration.
const nameOf = new Map();
const withNames = (text) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => nameOf.get(id) ?? id);

function requestRow({ at, rpc, status, code, fault, body }) {
  const result = status === undefined ? "busy" : status < 400 ? "good" : "bad";
  const answer = [status ?? "…", code, fault && `· fault: ${fault}`].filter(Boolean).join(" ");
  return element(
    "li",
    {},
    element(
      "details",
      {},
      element(
        "summary",
        {},
        element("time", { class: "soft" }, new Date(at).toLocaleTimeString()),
        element("b", {}, rpc),
        element("span", { class: `answer ${result}` }, answer),
        element("code", { class: "soft" }, withNames(JSON.stringify(body) ?? "")),
      ),
      element("pre", { tabindex: 0 }, JSON.stringify(body, undefined, 2) ?? "The body is unreadable or empty."),
    ),
  );
}

function faultRow({ id, struck, rpc = "any call", ...effect }) {
  const what = JSON.stringify(effect).replace(/[{}"]/g, "").replace(/[:,]/g, "$& ");
  const remove = () => act(`Removed the fault of ${rpc}`, () => lever("DELETE", `/faults/${id}`));
  return element(
    "li",
    {},
    element("span", { class: "answer waiting" }, `Fault for ${rpc}: ${what}`),
    element("button", { type: "button", onclick: remove, "aria-label": `Remove the fault of ${rpc}` }, "Remove"),
  );
}

function showChoices(projects) {
  const pairs = projects.flatMap((project) =>
    project.environmentClasses.map(({ id, name }) => ({
      value: `${project.id}/${id}`,
      label: `${project.name} / ${name}`,
    })),
  );
  for (const form of ["new-pool", "new-prebuild"]) {
    const select = byId(form).elements.pair;
    if (select.dataset.shown === JSON.stringify(pairs)) continue;
    select.dataset.shown = JSON.stringify(pairs);
    select.replaceChildren(...pairs.map(({ value, label }) => element("option", { value }, label)));
  }
}

const maxRequests = 50;
/** The newest requests. Their ids are their numbers. */
let requests = [];
/** The number of the first request that the next read needs. */
let since = -maxRequests;

/** Adds new requests, and those that had no response yet, to the known ones. Returns how many the simulator has. */
function addRequests({ first, next, requests: read }) {
  const start = next - read.length;
  const kept = requests.filter(({ id }) => id >= first && id < start);
  const added = read.map((request, index) => ({ ...request, id: start + index }));
  requests = [...kept, ...added].slice(-maxRequests);
  // A simulator that was started again numbers from 0.
  since = next < since ? -maxRequests : (requests.find(({ status }) => status === undefined)?.id ?? next);
  return next - first;
}

async function refresh() {
  const [state, log] = await Promise.all([lever("GET", "/state"), lever("GET", `/requests/${since}`)]);
  for (const project of state.projects) {
    for (const { id, name } of [project, ...project.environmentClasses]) nameOf.set(id, name);
  }
  for (const one of [...state.pools, ...state.prebuilds]) {
    one.names = withNames(`${one.projectId} / ${one.environmentClassId}`);
    nameOf.set(one.id, one.names);
  }
  byId("now").textContent = new Date(state.now).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  byId("clock").textContent = state.clock === "virtual" ? "stands still" : "";
  showChoices(state.projects);
  // Each item carries the time that it shows. It does not change for those that show none.
  const now = Math.ceil(state.now / 1000) * 1000;
  const pools = state.pools.map((pool) => (isPresent(pool) ? { ...pool, now } : pool));
  const prebuilds = state.prebuilds.map((one) => ({ ...one, age: duration(state.now - Date.parse(one.createdAt)) }));
  show("pools", pools.toReversed(), poolCard);
  show("prebuilds", prebuilds.toReversed(), prebuildCard);
  show("faults", state.faults, faultRow);
  const count = addRequests(log);
  show("requests", requests.toReversed(), requestRow);
  byId("pool-count").textContent = pools.filter(isPresent).length;
  byId("prebuild-count").textContent = prebuilds.filter(isPresent).length;
  byId("request-count").textContent = count;
}

function pairOf(form) {
  const [projectId, environmentClassId] = form.elements.pair.value.split("/");
  return { projectId, environmentClassId };
}

function onSubmit(id, submit) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void submit(event.target);
  });
}

onSubmit("new-pool", (form) => {
  const { minSize, maxSize } = form.elements;
  const sizes = { minSize: minSize.valueAsNumber, maxSize: maxSize.valueAsNumber };
  return pull("Created the pool", "/pools", { ...pairOf(form), ...sizes });
});
onSubmit("new-prebuild", (form) =>
  act("Started the prebuild", async () => {
    await lever("POST", "/prebuilds/next", { end: form.elements.end.value });
    await lever("POST", "/prebuilds", pairOf(form));
  }),
);
onSubmit("new-fault", (form) => {
  const rpc = form.elements.rpc.value;
  return pull(`The next ${rpc} fails`, "/faults", { rpc, error: { code: form.elements.code.value } });
});

const rpcs = [
  ...["CreateWarmPool", "GetWarmPool", "ListWarmPools", "UpdateWarmPool", "DeleteWarmPool"],
  ...["CreatePrebuild", "GetPrebuild", "ListPrebuilds", "CancelPrebuild", "DeletePrebuild"],
  ...["CreatePrebuildLogsToken", "PrebuildLogs"],
  ...["GetProject", "ListProjects", "ListEnvironmentClasses", "GetAuthenticatedIdentity"],
];
byId("new-fault").elements.rpc.replaceChildren(...rpcs.map((rpc) => element("option", {}, rpc)));
byId("address").textContent = `${location.origin}/api`;
for (const one of document.querySelectorAll("[data-advance]")) {
  one.onclick = () =>
    pull(`Moved the time ahead by ${one.textContent.slice(1)}`, "/clock", { advance: Number(one.dataset.advance) });
}

byId("close").onclick = () => showMessage("");

const unreachable = "The simulator doesn't respond.";
async function keepUp() {
  try {
    await refresh();
    if (byId("message").textContent === unreachable) showMessage("");
  } catch {
    if (byId("message").textContent !== unreachable) showMessage(unreachable, "error");
  }
  setTimeout(keepUp, refreshIntervalMs);
}

void keepUp();
