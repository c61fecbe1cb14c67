/** Many resources at once and two programs at once: calls respect the rate limit, and one pair has one pool. */
import { type Bench, expectSettled, startBench, succeed, token } from "../support/warm-pools.js";

const count = 64;
const projects = Array.from({ length: 8 }, (_, project) => ({
  name: `project-${project}`,
  environmentClasses: Array.from({ length: 8 }, (_, each) => ({ name: `class-${each}` })),
}));

const sixtyFour = (bench: Bench, sizes: object) =>
  bench.sim.projects.flatMap(({ id, environmentClassIds }, project) =>
    environmentClassIds.map((environmentClassId, each) => ({
      name: `pool-${project}-${each}`,
      args: { projectId: id, environmentClassId, ...sizes },
    })),
  );

test("creates, resizes, reads, and deletes 64 pools in parallel, all with the token from the stack's configuration", async () => {
  await using bench = await startBench({
    simulator: { projects },
    stack: { parallel: count, env: { ONA_API_KEY: undefined, ONA_BASE_URL: undefined } },
  });
  // The dynamic host hands out the provider before it is configured.
  bench.stack.setConfig("ona:apiKey", { value: token, secret: true });
  bench.stack.setConfig("ona:baseUrl", { value: bench.sim.url, secret: false });
  bench.declare(...sixtyFour(bench, { minSize: 1, maxSize: 2 }));
  await succeed(bench.stack.up());
  expect(bench.calls().filter((rpc) => rpc === "CreateWarmPool")).toHaveLength(count);
  bench.declare(...sixtyFour(bench, { minSize: 1, maxSize: 3 }));
  await succeed(bench.stack.up());
  expect(bench.calls().filter((rpc) => rpc === "UpdateWarmPool")).toHaveLength(count);
  await expectSettled(bench);
  await succeed(bench.stack.destroy());
  expect(bench.sim.pools.every(({ phase }) => phase === "DELETED")).toBe(true);
});

test("creates 64 pools under a rate limit with few rejected calls, and none of them twice", async () => {
  await using bench = await startBench({ simulator: { projects }, stack: { parallel: count } });
  const limit = bench.sim.fault({ tokenBucket: { capacity: 8, refillPerSecond: 4 } });
  bench.declare(...sixtyFour(bench, { waitForReady: false }));
  const { calls } = await succeed(bench.stack.up());
  const creates = calls.filter(({ rpc }) => rpc === "CreateWarmPool");
  expect(creates.filter(({ status }) => status === 200)).toHaveLength(count);
  // The first burst, then one rejected call for about ten that succeed.
  expect(limit.struck).toBeLessThan(1.5 * count);
  expect(bench.sim.pools).toHaveLength(count);
  limit.remove();
  await expectSettled(bench);
});

test("fails all 64 pools within 3 minutes if the rate limit never ends, and reports the delay that the API requested", async () => {
  await using bench = await startBench({ simulator: { projects }, stack: { parallel: count } });
  bench.sim.fault({ error: { code: "resource_exhausted", retryInfoSeconds: 7 }, times: "always" });
  bench.declare(...sixtyFour(bench, {}));
  const startedAt = bench.sim.clock.now();
  const { exitCode, text, calls } = await bench.stack.up();
  expect(exitCode).toBe(1);
  expect(text).toMatch(/The API asks to wait 7s before the next try/);
  expect(calls.length).toBeLessThanOrEqual(2 * count);
  expect(bench.sim.clock.now() - startedAt).toBeLessThan(3 * 60_000);
  expect(bench.sim.pools).toEqual([]);
  bench.sim.clearFaults();
  await succeed(bench.stack.up());
  await expectSettled(bench);
});

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "lets one of two programs create the pool of a pair and tells the other its id, if the API answers %s",
  async (duplicatePair) => {
    await using bench = await startBench({ simulator: { unknowns: { duplicatePair } } });
    await using other = await startBench({
      stack: { env: { ONA_API_KEY: bench.sim.token, ONA_BASE_URL: bench.sim.url } },
    });
    const pair = { projectId: bench.project, environmentClassId: bench.regular };
    bench.declare({ name: "ours", args: { ...pair, minSize: 1, maxSize: 3, waitForReady: false } });
    other.declare({ name: "theirs", args: { ...pair, minSize: 2, maxSize: 5, waitForReady: false } });
    const results = await Promise.all([bench.stack.up(), other.stack.up()]);
    expect(results.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1]);
    const id = bench.sim.pools[0]?.id ?? "none";
    expect(bench.sim.pools).toHaveLength(1);
    expect(results.find(({ exitCode }) => exitCode === 1)?.text).toContain(`already have a warm pool: ${id}`);
    const claims = [...bench.stack.state, ...other.stack.state].filter((resource) => resource.id === id);
    expect(claims).toHaveLength(1);
  },
);
