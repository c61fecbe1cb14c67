/** The validation rules of requests, at their limits. */
import type { RPC } from "../../../src/testing/simulator/index.js";
import { call, nobody, pairs, simulate } from "./support.js";

const id = nobody;
const many = (n: number) => Array<string>(n).fill(id);
const pair = { projectId: id, environmentClassId: id };

const refused: [RPC, object, string][] = [
  ["GetWarmPool", {}, "warm_pool_id"],
  ["GetWarmPool", { warmPoolId: "pool-1" }, "warm_pool_id"],
  ["DeleteWarmPool", { warmPoolId: "x" }, "warm_pool_id"],
  ["CreateWarmPool", { environmentClassId: id }, "project_id"],
  ["CreateWarmPool", { ...pair, environmentClassId: "regular" }, "environment_class_id"],
  ["CreateWarmPool", { ...pair, minSize: -1 }, "min_size"],
  ["CreateWarmPool", { ...pair, minSize: 21 }, "min_size"],
  ["CreateWarmPool", { ...pair, maxSize: 0 }, "max_size"],
  ["CreateWarmPool", { ...pair, maxSize: 21 }, "max_size"],
  ["CreateWarmPool", { ...pair, desiredSize: 21 }, "desired_size"],
  ["UpdateWarmPool", { warmPoolId: id, desiredSize: 0 }, "desired_size"],
  ["ListWarmPools", { filter: { projectIds: many(26) } }, "project_ids"],
  ["ListWarmPools", { filter: { environmentClassIds: ["x"] } }, "environment_class_ids"],
  ["ListPrebuilds", { filter: { phases: Array(11).fill(10) } }, "phases"],
  ["ListPrebuilds", { filter: { phases: [11] } }, "phases"],
  ["ListPrebuilds", { filter: { triggeredBy: Array(6).fill(1) } }, "triggered_by"],
  ["ListPrebuilds", { filter: { creatorIds: many(26) } }, "creator_ids"],
  ["ListPrebuilds", { filter: { executorIds: many(26) } }, "executor_ids"],
  ["CreatePrebuild", { projectId: id }, "spec"],
  ["CreatePrebuild", { projectId: id, spec: { timeout: "299s" } }, "timeout"],
  ["CreatePrebuild", { projectId: id, spec: { timeout: "7200.000000001s" } }, "timeout"],
  ["CreatePrebuild", { projectId: id, environmentClassId: "", spec: {} }, "environment_class_id"],
  ["CancelPrebuild", { prebuildId: "1" }, "prebuild_id"],
  ["CreatePrebuildLogsToken", {}, "prebuild_id"],
];

test.each(refused)("%s refuses %j and names the field %s", async (rpc, body, field) => {
  const simulator = await simulate();
  const answer = await call(simulator, rpc, body);
  expect(answer).toMatchObject({ status: 400, body: { code: "invalid_argument" } });
  expect(answer.body.message).toContain(field);
  expect(answer.body.details).toMatchObject([{ type: "buf.validate.Violations" }]);
});

test("accepts values at the limits of the rules", async () => {
  const simulator = await simulate();
  const [one, two] = pairs(simulator);
  const edges = [
    call(simulator, "CreateWarmPool", { ...one, minSize: 0, maxSize: 20 }),
    call(simulator, "CreateWarmPool", { ...two, minSize: 20, maxSize: 20 }),
    call(simulator, "CreatePrebuild", { projectId: one.projectId, spec: { timeout: "300s" } }),
    call(simulator, "CreatePrebuild", { projectId: one.projectId, spec: { timeout: "7200s" } }),
    call(simulator, "ListWarmPools", { filter: { projectIds: many(25) }, pagination: { pageSize: 100 } }),
  ];
  expect((await Promise.all(edges)).map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
});

test.each(["not json", '{"warmPoolId": 7}', '{"warmPoolID": ""}'])("refuses the body %s", async (body) => {
  const simulator = await simulate();
  const response = await fetch(`${simulator.url}/gitpod.v1.PrebuildService/GetWarmPool`, {
    method: "POST",
    headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" },
    body,
  });
  expect(await response.json()).toMatchObject({ code: "invalid_argument" });
});
