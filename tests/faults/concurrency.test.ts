/** Many resources at once, and two programs at once: the API is asked as it wants to be asked, and one pair has one pool. */
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

test("64 pools are made, resized, read and deleted at once, by a configuration that all of them wait for", async () => {
  await using bench = await startBench({
    simulator: { projects },
    stack: { parallel: count, env: { ONA_API_KEY: undefined, ONA_BASE_URL: undefined } },
  });
  // The host hands out the provider before it has been configured.
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

test("under a rate limit 64 pools are made with few requests in vain, and none is made twice", async () => {
  await using bench = await startBench({ simulator: { projects }, stack: { parallel: count } });
  const limit = bench.sim.fault({ tokenBucket: { capacity: 8, refillPerSecond: 4 } });
  bench.declare(...sixtyFour(bench, { waitForReady: false }));
  const { calls } = await succeed(bench.stack.up());
  const creates = calls.filter(({ rpc }) => rpc === "CreateWarmPool");
  expect(creates.filter(({ status }) => status === 200)).toHaveLength(count);
  // The first burst, and afterwards one in vain for about ten that get through.
  expect(limit.struck).toBeLessThan(1.5 * count);
  expect(bench.sim.pools).toHaveLength(count);
  limit.remove();
  await expectSettled(bench);
});

test("a rate limit that stays ends all of them, soon and with what the API asked for", async () => {
  await using bench = await startBench({ simulator: { projects }, stack: { parallel: count } });
  bench.sim.fault({ error: { code: "resource_exhausted", retryInfoSeconds: 7 }, times: "always" });
  bench.declare(...sixtyFour(bench, {}));
  const startedAt = bench.sim.clock.now();
  const { exitCode, text, calls } = await bench.stack.up();
  expect(exitCode).toBe(1);
  expect(text).toMatch(/The API asked to wait 7s before the next try/);
  expect(calls.length).toBeLessThanOrEqual(2 * count);
  expect(bench.sim.clock.now() - startedAt).toBeLessThan(3 * 60_000);
  expect(bench.sim.pools).toEqual([]);
  bench.sim.clearFaults();
  await succeed(bench.stack.up());
  await expectSettled(bench);
});

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "of two programs that want the pool of one pair (%s), one has it, and the other one is told its id",
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
