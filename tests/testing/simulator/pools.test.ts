/** The lifecycle of warm pools: what calls do to them, and what they do by themselves. */
import { call, nobody, pairs, pull, simulate, textOf } from "./support.js";

test("a new pool is PENDING, becomes READY with the newest snapshot, and omits zero values on the wire", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  const made = (await call(simulator, "CreateWarmPool", { ...pair, minSize: 0, maxSize: 3 })).body.warmPool;
  expect(made).toMatchObject({
    metadata: pair,
    spec: { minSize: 0, maxSize: 3, specVersion: "1" },
    status: { phase: "WARM_POOL_PHASE_PENDING" },
  });
  simulator.clock.advance(2_999);
  expect(simulator.pool(textOf(made?.id)).phase).toBe("PENDING");
  simulator.clock.advance(1);
  const ready = (await call(simulator, "GetWarmPool", { warmPoolId: made?.id })).body.warmPool;
  expect(ready?.status).toEqual({ phase: "WARM_POOL_PHASE_READY", statusVersion: "2", stoppedInstances: 3 });
  expect(ready?.metadata?.createdAt).toMatch(/^2026-01-01T00:00:00\.\d{9}Z$/);
});

test("without a completed prebuild a pool stays PENDING until one completes", async () => {
  const simulator = await simulate({ projects: [{ environmentClasses: [{ snapshot: false }] }] });
  const [project] = simulator.projects;
  const pair = { projectId: project?.id ?? "", environmentClassId: project?.environmentClassIds[0] ?? "" };
  const pool = simulator.createPool({ ...pair, minSize: 1, maxSize: 2 });
  simulator.clock.advance(86_400_000);
  expect(pool).toMatchObject({ phase: "PENDING", snapshotId: undefined, runningInstances: 0 });
  simulator.completePrebuild(pair.projectId, pair.environmentClassId);
  simulator.clock.advance(3_000);
  expect(pool).toMatchObject({ phase: "READY", runningInstances: 1, stoppedInstances: 1 });
  expect(pool.snapshotId).toMatch(/^[0-9a-f-]{36}$/);
});

test("creates one pool for a pair when ten calls arrive at once", async () => {
  const simulator = await simulate();
  const [pair, other] = pairs(simulator);
  const answers = await Promise.all(Array.from({ length: 10 }, () => call(simulator, "CreateWarmPool", pair)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 409)).toHaveLength(9);
  expect((await call(simulator, "CreateWarmPool", other)).status).toBe(200);
});

test("an update changes only the sizes in its request", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool({ ...pairs(simulator)[0], minSize: 1, maxSize: 2 });
  await call(simulator, "UpdateWarmPool", { warmPoolId: pool.id, maxSize: 7 });
  expect(pool).toMatchObject({ minSize: 1, maxSize: 7, specVersion: "2" });
  await call(simulator, "UpdateWarmPool", { warmPoolId: pool.id, minSize: 0 });
  expect(pool).toMatchObject({ minSize: 0, maxSize: 7, specVersion: "3" });
  const crossed = await call(simulator, "UpdateWarmPool", { warmPoolId: pool.id, minSize: 8 });
  expect(crossed.body).toMatchObject({ code: "invalid_argument" });
  expect(pool).toMatchObject({ minSize: 0, maxSize: 7 });
});

test("an update without sizes changes nothing", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool(pairs(simulator)[0]);
  const before = { ...pool };
  expect((await call(simulator, "UpdateWarmPool", { warmPoolId: pool.id })).status).toBe(200);
  expect(pool).toEqual(before);
});

test("a deletion drains the pool, ignores a second deletion, and then frees the pair", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  const pool = simulator.createPool(pair);
  expect(await call(simulator, "DeleteWarmPool", { warmPoolId: pool.id })).toMatchObject({ status: 200, body: {} });
  expect(pool.phase).toBe("DELETING");
  simulator.clock.advance(4_000);
  expect((await call(simulator, "DeleteWarmPool", { warmPoolId: pool.id })).status).toBe(200);
  expect((await call(simulator, "CreateWarmPool", pair)).body.code).toBe("failed_precondition");
  simulator.clock.advance(1_000);
  expect(pool.phase).toBe("DELETED");
  expect((await call(simulator, "GetWarmPool", { warmPoolId: pool.id })).body.code).toBe("not_found");
  expect((await call(simulator, "DeleteWarmPool", { warmPoolId: pool.id })).body.code).toBe("not_found");
  expect((await call(simulator, "ListWarmPools")).body).toEqual({ pagination: {} });
  expect((await call(simulator, "CreateWarmPool", pair)).status).toBe(200);
});

test("a degraded pool shows the reason and can recover", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool(pairs(simulator)[0]);
  simulator.clock.advance(3_000);
  simulator.degrade(pool.id, "no capacity in the zone");
  const { body } = await call(simulator, "GetWarmPool", { warmPoolId: pool.id });
  expect(body.warmPool?.status).toMatchObject({
    phase: "WARM_POOL_PHASE_DEGRADED",
    failureMessage: "no capacity in the zone",
  });
  simulator.recover(pool.id);
  expect(pool).toMatchObject({ phase: "READY", failureMessage: "" });
});

test("the autoscaler scales a pool between its sizes, and its instances follow", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool({ ...pairs(simulator)[0], minSize: 1, maxSize: 3 });
  simulator.clock.advance(3_000);
  const wanted = Array.from({ length: 5 }, () => {
    const before = pool.desiredSize;
    simulator.clock.advance(60_000);
    return before;
  });
  expect(wanted).toEqual([1, 2, 3, 2, 1]);
  simulator.scale(pool.id, 99);
  expect(pool.desiredSize).toBe(3);
  simulator.clock.advance(10_000);
  expect(pool).toMatchObject({ runningInstances: 3, stoppedInstances: 0 });
});

test("a new prebuild replaces a pool's snapshot and instances without changing its phase", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool({ ...pairs(simulator)[0], minSize: 4, maxSize: 4 });
  simulator.clock.advance(3_000);
  const before = pool.snapshotId;
  simulator.rotate(pool.id);
  expect(pool).toMatchObject({ phase: "READY", runningInstances: 2 });
  expect(pool.snapshotId).not.toBe(before);
  simulator.clock.advance(4_000);
  expect(pool.runningInstances).toBe(4);
});

test("drains a pool when its class leaves the configuration or prebuilds are disabled", async () => {
  const simulator = await simulate();
  const [one, two] = pairs(simulator);
  const [first, second] = [simulator.createPool(one), simulator.createPool(two)];
  simulator.configureProject(one.projectId, { environmentClassIds: [two.environmentClassId] });
  expect([first.phase, second.phase]).toEqual(["DELETING", "PENDING"]);
  expect((await call(simulator, "CreateWarmPool", one)).body.code).toBe("failed_precondition");
  simulator.configureProject(one.projectId, { prebuildsEnabled: false });
  expect(second.phase).toBe("DELETING");
  simulator.configureProject(one.projectId, { prebuildsEnabled: true });
  simulator.clock.advance(5_000);
  expect((await call(simulator, "CreateWarmPool", two)).status).toBe(200);
});

test("an old pool has only the deprecated size until an update gives it both sizes", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool({ ...pairs(simulator)[0], desiredSize: 4 });
  const { body } = await call(simulator, "GetWarmPool", { warmPoolId: pool.id });
  expect(body.warmPool?.spec).toMatchObject({ desiredSize: 4 });
  expect(body.warmPool?.spec).not.toHaveProperty("minSize");
  simulator.clock.advance(3_000);
  expect(pool.runningInstances).toBe(4);
  await call(simulator, "UpdateWarmPool", { warmPoolId: pool.id, maxSize: 6 });
  expect(pool).toMatchObject({ minSize: 4, maxSize: 6, oldSize: 0 });
});

test("refuses a project, class, or pool that does not exist", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  const unknownProject = await call(simulator, "CreateWarmPool", { ...pair, projectId: nobody });
  expect(unknownProject.body).toMatchObject({ code: "not_found", message: `project ${nobody} not found` });
  const unknownClass = await call(simulator, "CreateWarmPool", { ...pair, environmentClassId: nobody });
  expect(unknownClass.body.code).toBe("failed_precondition");
  expect((await call(simulator, "GetWarmPool", { warmPoolId: nobody })).status).toBe(404);
});

test("the state depends on the clock alone, not on the number of its steps", async () => {
  const story = async (step: number) => {
    const simulator = await simulate();
    const pool = simulator.createPool({ ...pairs(simulator)[0], minSize: 0, maxSize: 5 });
    simulator.createPrebuild(pairs(simulator)[0]);
    for (let at = 0; at < 600_000; at += step) {
      simulator.clock.advance(step);
      expect(pool.desiredSize).toBeLessThanOrEqual(5);
    }
    const { id: _id, snapshotId: _snapshot, ...rest } = pool;
    return rest;
  };
  expect(await story(1_500)).toEqual(await story(600_000));
});

test("the state has the last 100 changes of a pool's size until the pool is deleted", async () => {
  const simulator = await simulate();
  const start = simulator.clock.now();
  const pool = simulator.createPool({ ...pairs(simulator)[0], minSize: 1, maxSize: 3 });
  const history = async () => (await pull(simulator, "GET", "/state")).body.pools?.[0]?.sizeHistory;
  simulator.clock.advance(80_000);
  const first = [
    { at: start, desired: 0, running: 0 },
    { at: start + 3_000, desired: 1, running: 1 },
    { at: start + 63_000, desired: 2, running: 1 },
    { at: start + 73_000, desired: 2, running: 2 },
  ];
  expect(await history()).toEqual(first);
  simulator.degrade(pool.id);
  simulator.resize(pool.id, { maxSize: 4 });
  expect(await history()).toEqual(first);
  simulator.recover(pool.id);
  simulator.clock.advance(86_400_000);
  const all = await history();
  expect(all).toHaveLength(100);
  expect(all?.[99]).toMatchObject({ desired: pool.desiredSize, running: pool.runningInstances });
  simulator.remove(pool.id);
  expect(await history()).toEqual([]);
});
