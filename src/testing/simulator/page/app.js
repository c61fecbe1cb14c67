// The page: reads the state twice a second, shows it, and pulls levers.

const refreshEvery = 500;
const base = "/_simulator";
const byId = (id) => document.getElementById(id);

/** Calls a lever; what it refuses is shown to the person. */
async function lever(method, path, body) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(base + path, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

async function pull(path, body = {}) {
  try {
    await lever("POST", path, body);
    say("");
  } catch (error) {
    say(error.message);
  }
  await refresh();
}

function say(text) {
  byId("message").textContent = text;
  byId("message").hidden = text === "";
}

/** Makes an element; text is always text, never markup. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") made.addEventListener("click", value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

const moods = {
  READY: "good",
  COMPLETED: "good",
  PENDING: "waiting",
  CANCELLED: "waiting",
  DEGRADED: "bad",
  FAILED: "bad",
  DELETED: "gone",
};

function head(names, phase) {
  return element(
    "div",
    { class: "head" },
    element("h3", {}, names),
    element("span", { class: `phase ${moods[phase] ?? "busy"}` }, phase),
  );
}

const button = (label, onclick) => element("button", { type: "button", onclick }, label);

function poolCard(pool, names) {
  const levers = (path, body) => () => pull(`/pools/${pool.id}/${path}`, body);
  const { minSize: min = pool.oldSize, maxSize: max = pool.oldSize, runningInstances: running } = pool;
  const isGone = pool.phase === "DELETED";
  const isLeaving = isGone || pool.phase === "DELETING";
  const squares = Array.from({ length: Math.max(max, running) }, (_, index) => {
    const kind = index < running ? "running" : index < running + pool.stoppedInstances ? "stopped" : "";
    return element("i", { class: kind });
  });
  const sizes = `min ${min} · max ${max} · wanted ${pool.desiredSize} · running ${running}`;
  const pullers = [
    button(
      "Smaller",
      levers("resize", { minSize: Math.min(min, Math.max(1, max - 1)), maxSize: Math.max(1, max - 1) }),
    ),
    button("Larger", levers("resize", { minSize: min, maxSize: max + 1 })),
    pool.phase === "DEGRADED" ? button("Recover", levers("recover")) : button("Degrade", levers("degrade")),
    button("Rotate", levers("rotate")),
    button("Drain", levers("drain")),
    button("Remove", levers("remove")),
  ];
  return element(
    "article",
    { class: isGone ? "card gone" : "card", "data-id": pool.id },
    head(names, pool.phase),
    element("code", { class: "soft" }, pool.id),
    element("div", { class: "instances", title: "running, stopped" }, ...squares),
    element("p", { class: "soft numbers" }, sizes),
    pool.failureMessage && element("p", { class: "failure" }, pool.failureMessage),
    isLeaving ? undefined : element("div", { class: "buttons" }, ...pullers),
  );
}

const ended = new Set(["COMPLETED", "FAILED", "CANCELLED", "DELETING", "DELETED"]);

function prebuildCard(prebuild, names, now) {
  const levers = (path, body) => () => pull(`/prebuilds/${prebuild.id}/${path}`, body);
  const isGone = prebuild.phase === "DELETED";
  const isOver = ended.has(prebuild.phase);
  const pullers = isOver
    ? [button("Delete", levers("drain")), button("Expire", levers("expire"))]
    : [button("Fail", levers("fail")), button("Cancel", levers("cancel"))];
  const isSnapshotting = prebuild.phase === "SNAPSHOTTING";
  const value = isSnapshotting ? { value: prebuild.snapshotCompletionPercentage, max: 100 } : {};
  return element(
    "article",
    { class: isGone ? "card gone" : "card", "data-id": prebuild.id },
    head(names, prebuild.phase),
    element("code", { class: "soft" }, prebuild.id),
    element("p", { class: "soft" }, `${prebuild.triggeredBy.toLowerCase()}, ${age(prebuild.createdAt, now)} old`),
    isOver ? undefined : element("progress", value),
    prebuild.failureMessage && element("p", { class: "failure" }, prebuild.failureMessage),
    prebuild.warningMessage && element("p", { class: "soft" }, prebuild.warningMessage),
    isGone ? undefined : element("div", { class: "buttons" }, ...pullers),
  );
}

function age(createdAt, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(createdAt)) / 1000));
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  for (const [length, unit] of units) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${seconds} s`;
}

function requestRow({ at, rpc, status, code, fault, body }) {
  const answer = [status ?? "…", code, fault && `fault: ${fault}`].filter(Boolean).join(" ");
  const cells = [new Date(at).toLocaleTimeString(), rpc, answer, JSON.stringify(body) ?? "unreadable"];
  return element("tr", {}, ...cells.map((cell) => element("td", { title: cell }, String(cell))));
}

const empty = (text) => element("p", { class: "empty" }, text);

// A list is only replaced when it differs, so that a click is never lost to a refresh.
const shown = new Map();
function show(id, key, children) {
  const text = JSON.stringify(key);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  byId(id).replaceChildren(...children());
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

// Kept for ever: what has left the configuration still has its name.
const nameOf = new Map();

async function refresh() {
  const [state, requests] = await Promise.all([lever("GET", "/state"), lever("GET", "/requests")]);
  for (const project of state.projects) {
    for (const { id, name } of [project, ...project.environmentClasses]) nameOf.set(id, name);
  }
  const names = ({ projectId, environmentClassId }) => `${nameOf.get(projectId)} / ${nameOf.get(environmentClassId)}`;
  byId("now").textContent = new Date(state.now).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  showChoices(state.projects);
  show("pools", state.pools, () => {
    const cards = state.pools.toReversed().map((pool) => poolCard(pool, names(pool)));
    return cards.length > 0 ? cards : [empty("No pool yet. Create one here, or with a program.")];
  });
  const minute = Math.floor(state.now / (state.prebuilds.some((one) => !ended.has(one.phase)) ? 1000 : 60_000));
  show("prebuilds", [minute, state.prebuilds], () =>
    state.prebuilds.toReversed().map((prebuild) => prebuildCard(prebuild, names(prebuild), state.now)),
  );
  const newest = requests.slice(-50).toReversed();
  show("requests", newest, () => newest.map(requestRow));
  byId("no-requests").hidden = newest.length > 0;
}

function pairOf(form) {
  const [projectId, environmentClassId] = form.elements.pair.value.split("/");
  return { projectId, environmentClassId };
}

function onSubmit(id, act) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void act(event.target);
  });
}

onSubmit("new-pool", (form) => {
  const { minSize, maxSize } = form.elements;
  return pull("/pools", { ...pairOf(form), minSize: minSize.valueAsNumber, maxSize: maxSize.valueAsNumber });
});
onSubmit("new-prebuild", async (form) => {
  await pull("/prebuilds/next", { end: form.elements.end.value });
  await pull("/prebuilds", pairOf(form));
});
onSubmit("new-fault", (form) =>
  pull("/faults", { rpc: form.elements.rpc.value, error: { code: form.elements.code.value } }),
);

const verbs = ["Create", "Get", "List", "Update", "Delete"];
const rpcs = [
  ...verbs.map((verb) => `${verb}WarmPool${verb === "List" ? "s" : ""}`),
  ...verbs.map((verb) => `${verb}Prebuild${verb === "List" ? "s" : ""}`),
  "CreatePrebuildLogsToken",
].map((name) => (name === "UpdatePrebuild" ? "CancelPrebuild" : name));
byId("new-fault").elements.rpc.replaceChildren(...rpcs.map((rpc) => element("option", {}, rpc)));
byId("address").textContent = `${location.origin}/api`;
for (const one of document.querySelectorAll("[data-advance]")) {
  one.addEventListener("click", () => pull("/clock", { advance: Number(one.dataset.advance) }));
}

async function keepUp() {
  try {
    await refresh();
  } catch {
    say("The simulator does not answer.");
  }
  setTimeout(keepUp, refreshEvery);
}

void keepUp();
