// Lifecycle of the native probe, a resource `probe:index:Thing`: what it does with plain objects. service.js turns messages into these and back.
//   size         in-place update            key      replacement        dbr  false: create before delete
//   phase        an output; once it is DELETING in the state, diff answers a replacement
//   behave       ok | vague (diff answers DIFF_UNKNOWN and names nothing) | brief (diff names no property in detail) | checkFail | createFail | initFail
//                | checkError, diffError (the call itself fails) | updateFail | updateInitFail | deleteFail | warn (words of each severity)
//                | logError (an ERROR line, and success) | adopt (create knows its id in a preview already)
//                | slow, slowUpdate, slowDelete (5 s; Cancel ends it: create and update as partial failures) | deaf (slow create that does not listen to Cancel)
//                | exit (the process ends in the middle of create)
// PROBE_LIVE names a JSON file {"<id>": {"size": 9}} or {"<id>": {"gone": true}} or {"<id>": {"unready": "why"}} (a partial failure)
// or {"<id>": {"error": "why"}}: what `read` and getThing find at the remote end.
const fs = require("fs");

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";

/** A value without the marks of secrets and outputs: unknown outputs become the marker of an unknown. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (value[signature] !== undefined) return "value" in value ? plain(value.value) : unknown;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** A failure that leaves something behind: the engine keeps id and properties. */
class Partial extends Error {
  constructor(id, properties, reason, inputs) {
    super(reason);
    Object.assign(this, { id, properties, inputs, reasons: [reason] });
  }
}

const live = (id) => {
  try {
    return JSON.parse(fs.readFileSync(process.env.PROBE_LIVE, "utf8"))[id] ?? {};
  } catch {
    return {};
  }
};
const idOf = (inputs) => `id-${plain(inputs.key)}`;
const behaviour = (properties) => plain(properties.behave) ?? "ok";

/** Waits that Cancel ends. */
const waits = new Set();
const wait = (deaf) =>
  new Promise((resolve) => {
    const end = (cancelled) => {
      clearTimeout(timer);
      waits.delete(end);
      resolve(cancelled);
    };
    const timer = setTimeout(end, 5000, false);
    if (!deaf) waits.add(end);
  });

/** Names of the properties that differ, each with what happened to it. Names with `__` come from dynamic state and mean nothing here. */
function changes(olds, news, replacing) {
  const [before, after] = [plain(olds), plain(news)];
  const found = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name.startsWith("__") || JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    found[name] = {
      kind: before[name] === undefined ? "ADD" : after[name] === undefined ? "DELETE" : "UPDATE",
      replaces: replacing.includes(name),
    };
  }
  return found;
}

module.exports = {
  unknown,
  Partial,

  // config ---------------------------------------------------------------------------------------------------------
  checkConfig(_olds, news) {
    return plain(news.region) === "nowhere" ? [{ property: "region", reason: "there is no such region" }] : [];
  },
  diffConfig(olds, news) {
    return { changes: changes(olds, news, ["region"]) };
  },

  // resource -------------------------------------------------------------------------------------------------------
  check(news) {
    if (behaviour(news) === "checkError") throw new Error("the check broke");
    if (behaviour(news) === "checkFail")
      return { inputs: news, failures: [{ property: "size", reason: "size must be at least 0" }] };
    return { inputs: { dbr: true, ...news }, failures: [] };
  },
  diff(olds, oldInputs, news) {
    const behave = behaviour(news);
    if (behave === "diffError") throw new Error("the comparison broke");
    const found = changes(oldInputs, news, ["key"]);
    if (plain(olds.phase) === "DELETING") found.phase = { kind: "DELETE", replaces: true, output: true };
    return {
      changes: behave === "vague" ? undefined : found,
      detailed: behave !== "brief",
      deleteBeforeReplace: plain(news.dbr) === true,
    };
  },
  async create(inputs, preview, say) {
    if (preview)
      return { id: behaviour(inputs) === "adopt" ? idOf(inputs) : "", properties: { ...inputs, phase: unknown } };
    const pending = { ...inputs, phase: "PENDING" };
    switch (behaviour(inputs)) {
      case "createFail":
        throw new Error("create was refused");
      case "initFail":
        throw new Partial(idOf(inputs), pending, "not ready in time");
      case "slow":
      case "deaf":
        say("INFO", "waiting: PENDING", { ephemeral: true });
        if (await wait(behaviour(inputs) === "deaf")) throw new Partial(idOf(inputs), pending, "interrupted");
        break;
      case "warn":
        say("DEBUG", "a debug line");
        say("INFO", "a line of progress", { ephemeral: true });
        say("INFO", "a line that stays");
        say("WARNING", "a warning");
        say("WARNING", "a warning about no resource", { urn: "" });
        break;
      case "logError":
        say("ERROR", "an error line, though create succeeds");
        break;
      case "exit":
        process.exit(3);
    }
    return { id: idOf(inputs), properties: { ...inputs, phase: "READY" } };
  },
  read(id, properties, inputs, withInputs) {
    const { gone, unready, error, ...remote } = live(id);
    if (error) throw new Error(error);
    if (gone) return undefined;
    // Only presence tells import (neither field is there), get (both empty), refresh, and refresh of what is only read (inputs empty) apart.
    const managed = inputs !== undefined && Object.keys(inputs).length > 0;
    const onlyRead = inputs !== undefined && !managed;
    const known = { key: "remote", size: 0, ...pick(properties, ["key", "size"]), ...remote };
    const answer = {
      properties: { phase: "READY", ...properties, ...known },
      inputs:
        onlyRead && !withInputs
          ? {}
          : managed
            ? { ...inputs, ...pick(remote, ["key", "size"]) }
            : { dbr: true, ...pick(known, ["key", "size"]) },
    };
    if (unready) throw new Partial(id, answer.properties, unready, answer.inputs);
    return answer;
  },
  async update(id, _olds, news, preview, say) {
    const done = { ...news, phase: "READY" };
    if (preview) return done;
    const pending = { ...news, phase: "PENDING" };
    switch (behaviour(news)) {
      case "updateFail":
        throw new Error("update was refused");
      case "updateInitFail":
        throw new Partial(id, pending, "resized, but not ready in time");
      case "slowUpdate":
        say("INFO", "waiting: resized", { ephemeral: true });
        if (await wait(false)) throw new Partial(id, pending, "interrupted");
        break;
      case "warn":
        say("WARNING", "a warning about an update");
    }
    return done;
  },
  async delete(properties, say) {
    switch (behaviour(properties)) {
      case "deleteFail":
        throw new Error("delete was refused");
      case "slowDelete":
        say("INFO", "waiting: gone", { ephemeral: true });
        if (await wait(false)) throw new Error("interrupted");
        break;
      case "warn":
        say("WARNING", "a warning about a deletion");
    }
  },
  cancel() {
    for (const end of [...waits]) end(true);
  },

  // function -------------------------------------------------------------------------------------------------------
  getThing(args) {
    const key = plain(args.key);
    if (key === "bad") return { failures: [{ property: "key", reason: "there is no such key" }] };
    if (key === "boom") throw new Error("the question was refused");
    return { result: { key: args.key, size: 0, phase: "READY", ...live(`id-${key}`) }, failures: [] };
  },
};

function pick(object, names) {
  return Object.fromEntries(names.filter((name) => object?.[name] !== undefined).map((name) => [name, object[name]]));
}
