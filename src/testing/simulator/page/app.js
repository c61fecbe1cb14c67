// The page: shows the state, which it reads twice a second, and pulls levers.

const refreshIntervalMs = 500;
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

/** Pulls a lever and shows its error, if any. */
async function pull(path, body = {}) {
  try {
    await lever("POST", path, body);
    showMessage("");
  } catch (error) {
    showMessage(error.message);
  }
  await refresh();
}

function showMessage(text) {
  byId("message").textContent = text;
  byId("message").hidden = text === "";
}

/** Creates an element. Strings become text, never markup. */
function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") created.addEventListener("click", value);
    else if (value !== undefined) created.setAttribute(key, value);
  }
  created.append(...children.filter((child) => child !== undefined && child !== ""));
  return created;
}

const phaseClasses = {
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
    element("span", { class: `phase ${phaseClasses[phase] ?? "busy"}` }, phase),
  );
}

const button = (label, onclick) => element("button", { type: "button", onclick }, label);

function poolCard(pool, names) {
  const pullLever = (path, body) => () => pull(`/pools/${pool.id}/${path}`, body);
  const { minSize: min = pool.oldSize, maxSize: max = pool.oldSize, runningInstances: running } = pool;
  const isGone = pool.phase === "DELETED";
  const isBeingDeleted = isGone || pool.phase === "DELETING";
  const squares = Array.from({ length: Math.max(max, running) }, (_, index) => {
    const kind = index < running ? "running" : index < running + pool.stoppedInstances ? "stopped" : "";
    return element("i", { class: kind });
  });
  const sizes = `min ${min} · max ${max} · desired ${pool.desiredSize} · running ${running}`;
  const buttons = [
    button(
      "Smaller",
      pullLever("resize", { minSize: Math.min(min, Math.max(1, max - 1)), maxSize: Math.max(1, max - 1) }),
    ),
    button("Larger", pullLever("resize", { minSize: min, maxSize: max + 1 })),
    pool.phase === "DEGRADED" ? button("Recover", pullLever("recover")) : button("Degrade", pullLever("degrade")),
    button("Rotate", pullLever("rotate")),
    button("Drain", pullLever("drain")),
    button("Remove", pullLever("remove")),
  ];
  return element(
    "article",
    { class: isGone ? "card gone" : "card", "data-id": pool.id },
    head(names, pool.phase),
    element("code", { class: "soft" }, pool.id),
    element("div", { class: "instances", title: "running and stopped instances" }, ...squares),
    element("p", { class: "soft numbers" }, sizes),
    pool.failureMessage && element("p", { class: "failure" }, pool.failureMessage),
    isBeingDeleted ? undefined : element("div", { class: "buttons" }, ...buttons),
  );
}

const ended = new Set(["COMPLETED", "FAILED", "CANCELLED", "DELETING", "DELETED"]);

function prebuildCard(prebuild, names, now) {
  const pullLever = (path, body) => () => pull(`/prebuilds/${prebuild.id}/${path}`, body);
  const isGone = prebuild.phase === "DELETED";
  const isOver = ended.has(prebuild.phase);
  const buttons = isOver
    ? [button("Delete", pullLever("drain")), button("Expire", pullLever("expire"))]
    : [button("Fail", pullLever("fail")), button("Cancel", pullLever("cancel"))];
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
    isGone ? undefined : element("div", { class: "buttons" }, ...buttons),
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

// A list is replaced only when it changes, so that a refresh never swallows a click.
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

// Names stay known after a class has left the configuration.
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
    return cards.length > 0 ? cards : [empty("No pools yet. Create one here or with a program.")];
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

const rpcs = [
  ...["CreateWarmPool", "GetWarmPool", "ListWarmPools", "UpdateWarmPool", "DeleteWarmPool"],
  ...["CreatePrebuild", "GetPrebuild", "ListPrebuilds", "CancelPrebuild", "DeletePrebuild", "CreatePrebuildLogsToken"],
];
byId("new-fault").elements.rpc.replaceChildren(...rpcs.map((rpc) => element("option", {}, rpc)));
byId("address").textContent = `${location.origin}/api`;
for (const one of document.querySelectorAll("[data-advance]")) {
  one.addEventListener("click", () => pull("/clock", { advance: Number(one.dataset.advance) }));
}

async function keepUp() {
  try {
    await refresh();
  } catch {
    showMessage("The simulator doesn't respond.");
  }
  setTimeout(keepUp, refreshIntervalMs);
}

void keepUp();
