/** The levers over HTTP, for processes that did not start the simulator, and the clock. */
import { startSimulator } from "../../../src/testing/simulator/index.js";
import { call, nobody, pairs, pull, simulate, textOf } from "./support.js";

test("serves every lever for pools over HTTP", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  const made = await pull(simulator, "POST", "/pools", { ...pair, minSize: 1, maxSize: 3 });
  const id = textOf(made.body.id);
  const pool = simulator.pool(id);
  expect(await pull(simulator, "POST", "/clock", { advance: 3_000 })).toMatchObject({
    body: { now: simulator.clock.now() },
  });
  expect(pool.phase).toBe("READY");
  await pull(simulator, "POST", `/pools/${id}/resize`, { minSize: 2, maxSize: 4 });
  expect(pool).toMatchObject({ minSize: 2, maxSize: 4 });
  await pull(simulator, "POST", `/pools/${id}/scale`, { size: 4 });
  expect(pool.desiredSize).toBe(4);
  await pull(simulator, "POST", `/pools/${id}/degrade`, { message: "out of quota" });
  expect(pool).toMatchObject({ phase: "DEGRADED", failureMessage: "out of quota" });
  await pull(simulator, "POST", `/pools/${id}/recover`);
  expect(pool.phase).toBe("READY");
  const before = pool.snapshotId;
  await pull(simulator, "POST", `/pools/${id}/rotate`);
  expect(pool.snapshotId).not.toBe(before);
  await pull(simulator, "POST", `/pools/${id}/drain`);
  expect(pool.phase).toBe("DELETING");
  await pull(simulator, "POST", `/pools/${id}/remove`);
  expect(pool.phase).toBe("DELETED");
});

test("serves every lever for prebuilds over HTTP", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  await pull(simulator, "POST", "/prebuilds/next", { end: "failed", message: "boom", snapshotSizeBytes: "5" });
  const made = await pull(simulator, "POST", "/prebuilds", {
    projectId: pair.projectId,
    timeoutSeconds: 600,
    creatorId: nobody,
  });
  expect(made.body.creatorId).toBe(nobody);
  simulator.clock.advance(60_000);
  expect(simulator.prebuild(textOf(made.body.id))).toMatchObject({ phase: "FAILED", failureMessage: "boom" });
  const phases: string[] = [];
  for (const lever of ["fail", "cancel", "expire", "remove", "drain"]) {
    const { id } = simulator.createPrebuild(pair);
    expect((await pull(simulator, "POST", `/prebuilds/${id}/${lever}`)).status).toBe(200);
    phases.push(simulator.prebuild(id).phase);
  }
  expect(phases).toEqual(["FAILED", "CANCELLING", "DELETED", "DELETED", "DELETING"]);
  const completed = await pull(simulator, "POST", "/prebuilds/complete", pair);
  expect(completed.body).toMatchObject({ phase: "COMPLETED", triggeredBy: "SCHEDULED" });
});

test("serves the levers for projects, open points, plan, tokens, faults, and requests over HTTP", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  await pull(simulator, "POST", `/projects/${pair.projectId}`, { prebuildsEnabled: false });
  expect(simulator.projects[0]?.prebuildsEnabled).toBe(false);
  await pull(simulator, "POST", "/unknowns", { missingConfiguration: "aborted" });
  expect((await call(simulator, "CreateWarmPool", pair)).body.code).toBe("aborted");
  expect((await pull(simulator, "POST", "/unknowns", { missingConfiguration: "teapot" })).status).toBe(400);
  const { body } = await pull(simulator, "POST", "/tokens", { scope: "readOnly" });
  const headers = { Authorization: `Bearer ${textOf(body.token)}` };
  expect((await call(simulator, "ListWarmPools", {}, headers)).status).toBe(200);
  await pull(simulator, "POST", "/tokens/revoke", { token: body.token ?? {} });
  expect((await call(simulator, "ListWarmPools", {}, headers)).status).toBe(401);
  await pull(simulator, "POST", "/plan", { plan: "core" });
  expect((await call(simulator, "ListWarmPools")).status).toBe(403);
  const fault = await pull(simulator, "POST", "/faults", { error: { code: "internal" }, times: "always" });
  expect((await pull(simulator, "GET", "/state")).body.faults).toMatchObject([fault.body]);
  expect((await call(simulator, "ListPrebuilds")).status).toBe(500);
  await pull(simulator, "DELETE", `/faults/${JSON.stringify(fault.body.id)}`);
  expect((await call(simulator, "ListPrebuilds")).status).toBe(200);
  expect((await pull(simulator, "GET", "/requests")).body).toMatchObject({ length: 6 });
  const since = async (number: number) => (await pull(simulator, "GET", `/requests/${number}`)).body;
  expect(await since(4)).toMatchObject({ first: 0, next: 6, requests: [{ status: 500 }, { status: 200 }] });
  expect(await since(-1)).toMatchObject({ first: 0, next: 6, requests: [{ status: 200 }] });
  await pull(simulator, "DELETE", "/requests");
  expect(simulator.requests).toEqual([]);
  await call(simulator, "ListPrebuilds");
  expect(await since(2)).toMatchObject({ first: 6, next: 7, requests: [{ rpc: "ListPrebuilds" }] });
  expect(await since(7)).toMatchObject({ first: 6, next: 7, requests: [] });
});

test("explains what is wrong with the call of a lever", async () => {
  const simulator = await simulate();
  expect((await pull(simulator, "POST", "/nothing")).status).toBe(404);
  expect((await pull(simulator, "GET", "/pools")).status).toBe(405);
  expect((await pull(simulator, "POST", `/pools/${nobody}/drain`)).status).toBe(404);
  expect((await pull(simulator, "POST", "/clock", { advance: -1 })).status).toBe(400);
  expect((await pull(simulator, "POST", "/clock", { forward: 1 })).body.message).toContain("forward");
});

test("keeps virtual time still and moves it ahead by autoAdvance with each call", async () => {
  const simulator = await simulate({ autoAdvance: 1_000 });
  const start = simulator.clock.now();
  expect(simulator.clock.now()).toBe(start);
  const pool = simulator.createPool(pairs(simulator)[0]);
  const phases: unknown[] = [];
  for (let n = 0; n < 4; n++) {
    const { body } = await call(simulator, "GetWarmPool", { warmPoolId: pool.id });
    phases.push(body.warmPool?.status?.phase);
  }
  expect(simulator.clock.now()).toBe(start + 4_000);
  expect(phases.at(-1)).toBe("WARM_POOL_PHASE_READY");
  expect(() => simulator.clock.advance(-1)).toThrow("can't be advanced by -1 ms");
});

test("lets real time run and moves it ahead too", async () => {
  const simulator = await startSimulator({ clock: "real" });
  try {
    const before = simulator.clock.now();
    expect(Math.abs(before - Date.now())).toBeLessThan(5_000);
    expect(simulator.clock.advance(3_600_000)).toBeGreaterThanOrEqual(before + 3_600_000);
  } finally {
    await simulator.close();
  }
});

test("uses the same seed in every run and random ids for new objects", async () => {
  const [one, two] = [await simulate(), await simulate()];
  expect(one.projects).toEqual(two.projects);
  expect(one.prebuilds.map((p) => p.id)).toEqual(two.prebuilds.map((p) => p.id));
  expect(one.createPool(pairs(one)[0]).id).not.toBe(two.createPool(pairs(two)[0]).id);
  expect(one.token).not.toBe(two.token);
  for (const { id } of [...one.pools, ...one.prebuilds, ...one.projects]) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("can be closed twice and frees its port", async () => {
  const first = await startSimulator();
  const port = Number(new URL(first.origin).port);
  await Promise.all([first.close(), first.close()]);
  const second = await startSimulator({ port });
  expect(second.origin).toBe(first.origin);
  await second[Symbol.asyncDispose]();
});
