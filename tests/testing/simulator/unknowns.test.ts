/** Every plausible answer to an open point can be switched on. */
import { plausible, type Simulator, type Unknowns } from "../../../src/testing/simulator/index.js";
import { call, nobody, pairs, simulate, textOf } from "./support.js";

/** What a caller sees of each open point, in terms of its answers. */
const observed: { [Point in keyof Unknowns]: (simulator: Simulator) => Promise<unknown> } = {
  duplicatePair: async (simulator) => {
    simulator.createPool(pairs(simulator)[0]);
    return (await call(simulator, "CreateWarmPool", pairs(simulator)[0])).body.code;
  },
  missingConfiguration: async (simulator) =>
    (await call(simulator, "CreateWarmPool", { ...pairs(simulator)[0], environmentClassId: nobody })).body.code,
  createWhileDeleting: async (simulator) => {
    simulator.drain(simulator.createPool(pairs(simulator)[0]).id);
    return (await call(simulator, "CreateWarmPool", pairs(simulator)[0])).body.code;
  },
  crossedSizes: async (simulator) =>
    (await call(simulator, "CreateWarmPool", { ...pairs(simulator)[0], minSize: 3, maxSize: 2 })).body.code,
  neitherSize: async (simulator) => {
    const { body } = await call(simulator, "CreateWarmPool", pairs(simulator)[0]);
    if (body.code !== undefined) return body.code;
    const names: Record<string, string> = { "[1,2]": "oneToTwo", "[1,1]": "one", "[null,null]": "unset" };
    return names[JSON.stringify([body.warmPool?.spec?.minSize, body.warmPool?.spec?.maxSize])];
  },
  deletedPool: async (simulator) => {
    const { id } = simulator.createPool(pairs(simulator)[0]);
    simulator.remove(id);
    const { body } = await call(simulator, "GetWarmPool", { warmPoolId: id });
    return textOf(body.warmPool?.status?.phase ?? body.code)
      .replace("WARM_POOL_PHASE_", "")
      .toLowerCase();
  },
  deletedPrebuild: async (simulator) => {
    const { id } = simulator.createPrebuild(pairs(simulator)[0]);
    simulator.expire(id);
    const { body } = await call(simulator, "GetPrebuild", { prebuildId: id });
    return textOf(body.prebuild?.status?.phase ?? body.code)
      .replace("PREBUILD_PHASE_", "")
      .toLowerCase();
  },
  listDeleted: async (simulator) => {
    simulator.setUnknowns({ deletedPool: "deleted" });
    simulator.remove(simulator.createPool(pairs(simulator)[0]).id);
    return (await call(simulator, "ListWarmPools")).body.warmPools === undefined ? "hidden" : "shown";
  },
  listOrder: async (simulator) => {
    const [first] = pairs(simulator).map((pair) => simulator.createPool(pair).id);
    const { body } = await call(simulator, "ListWarmPools", { pagination: { pageSize: 1 } });
    return textOf(body.warmPools?.[0]?.id) === first ? "oldestFirst" : "newestFirst";
  },
  queryPagination: async (simulator) => {
    const { body } = await call(simulator, "ListPrebuilds?pageSize=1");
    return Array.isArray(body.prebuilds) && body.prebuilds.length === 1 ? "read" : "ignored";
  },
  unknownProject: async (simulator) =>
    (await call(simulator, "CreateWarmPool", { ...pairs(simulator)[0], projectId: nobody })).body.code,
  identityCalls: async (simulator) => (await call(simulator, "GetAuthenticatedIdentity")).body.code ?? "allowed",
  projectCalls: async (simulator) => {
    const [{ id } = {}] = simulator.projects;
    const { body } = await call(simulator, "GetProject", { projectId: id });
    expect((await call(simulator, "ListProjects")).body.code).toBe(body.code);
    return body.code ?? "allowed";
  },
  environmentClassCalls: async (simulator) => (await call(simulator, "ListEnvironmentClasses")).body.code ?? "allowed",
  projectSearch: async (simulator) => {
    const { body } = await call(simulator, "ListProjects", { filter: { search: "git.example/storefront" } });
    return body.projects === undefined ? "name" : "nameAndRepository";
  },
  updateWhileDeleting: async (simulator) => {
    const { id } = simulator.createPool(pairs(simulator)[0]);
    simulator.drain(id);
    return (await call(simulator, "UpdateWarmPool", { warmPoolId: id, maxSize: 3 })).body.code ?? "ok";
  },
  deleteAgain: async (simulator) => {
    const { id } = simulator.createPool(pairs(simulator)[0]);
    simulator.drain(id);
    return (await call(simulator, "DeleteWarmPool", { warmPoolId: id })).body.code ?? "ok";
  },
  cancelFinished: async (simulator) =>
    (await call(simulator, "CancelPrebuild", { prebuildId: simulator.prebuilds[0]?.id })).body.code ?? "ok",
  deleteRunning: async (simulator) => {
    const { id } = simulator.createPrebuild(pairs(simulator)[0]);
    return (await call(simulator, "DeletePrebuild", { prebuildId: id })).body.code ?? "ok";
  },
  liveLogs: async (simulator) => {
    const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
    simulator.clock.advance(4_000);
    const { body } = await call(simulator, "CreatePrebuildLogsToken", { prebuildId: prebuild.id });
    const response = await fetch(prebuild.logUrl, { headers: { Authorization: `Bearer ${textOf(body.accessToken)}` } });
    simulator.clock.advance(60_000);
    const text = await response.text();
    if (!text.includes("Prebuild tasks done")) return "soFar";
    return text.includes("Starting the prebuild environment") ? "follow" : "fromNow";
  },
};

const isPoint = (name: string): name is keyof Unknowns => name in plausible;
const cases = Object.entries(plausible).flatMap(([point, answers]) =>
  answers.map((answer): [string, string] => [point, answer]),
);

test.each(cases)("the open point %s can be switched to %s", async (point, answer) => {
  const simulator = await simulate();
  simulator.setUnknowns({ [point]: answer });
  if (!isPoint(point)) throw new Error(`no test observes ${point}`);
  expect(await observed[point](simulator)).toBe(answer);
});

test("refuses an answer that is not plausible and lists those that are", async () => {
  const simulator = await simulate();
  expect(() => simulator.setUnknowns(JSON.parse('{"duplicatePair": "teapot"}') as object)).toThrow("already_exists");
});
