/** A create without a clear response never claims a pool or run that a colleague created in the meantime. */
import {
  type Bench,
  type BenchOptions,
  expectSettled,
  fail,
  startBench,
  succeed,
  whenSaid,
} from "../support/warm-pools";

/** Opens a stack in which something happens when the text is first printed. */
async function startTelling(
  said: string,
  act: (bench: Bench) => void,
  unknowns: NonNullable<BenchOptions["simulator"]>["unknowns"] = {},
): Promise<Bench> {
  const bench: Bench = await startBench({
    simulator: { unknowns },
    stack: { env: { ONA_LOG: "debug" }, onOutput: whenSaid(said, () => act(bench)) },
  });
  return bench;
}

const pair = ({ project, regular }: Bench) => ({ projectId: project, environmentClassId: regular });
/** Creates a colleague's pool with the declared sizes. */
const colleagues = (bench: Bench) => bench.sim.createPool({ ...pair(bench), minSize: 1, maxSize: 2 });
const declared = (bench: Bench) => ({ name: "web", args: { ...pair(bench), minSize: 1, maxSize: 2 } });

/** Returns the runs that were not scheduled. */
const started = ({ sim }: Bench) => sim.prebuilds.filter(({ triggeredBy }) => triggeredBy === "MANUAL");

test("a create does not claim a pool that was created while it waited for a rate limit", async () => {
  await using bench = await startTelling("resource_exhausted", colleagues, { duplicatePair: "aborted" });
  bench.sim.fault({ rpc: "CreateWarmPool", error: { code: "resource_exhausted", retryInfoSeconds: 20 } });
  bench.declare(declared(bench));
  const text = await fail(bench.stack.up());
  const theirs = bench.sim.pools.find(({ phase }) => phase !== "DELETED");
  expect(text).toContain(`already have a warm pool: ${theirs?.id}`);
  expect(bench.stack.state.some(({ id }) => id === theirs?.id)).toBe(false);
  await succeed(bench.stack.destroy());
  expect(bench.calls()).not.toContain("DeleteWarmPool");
});

test("a create does not claim a run that was started while it waited for a rate limit", async () => {
  await using bench = await startTelling("resource_exhausted", ({ sim, project, regular }) => {
    sim.createPrebuild({ projectId: project, environmentClassId: regular });
  });
  bench.sim.fault({ rpc: "CreatePrebuild", error: { code: "resource_exhausted", retryInfoSeconds: 20 } });
  bench.sim.fault({ rpc: "CreatePrebuild", nth: 2, reset: "before" });
  bench.declare({ kind: "Prebuild", name: "web", args: pair(bench) });
  expect(await fail(bench.stack.up())).toContain("No new prebuild of the project was found afterwards");
  await succeed(bench.stack.up());
  expect(started(bench)).toHaveLength(2);
  await expectSettled(bench);
});

test("a create claims the run or pool that it created after a rate limit", async () => {
  await using bench = await startBench();
  for (const rpc of ["CreatePrebuild", "CreateWarmPool"] as const) {
    bench.sim.fault({ rpc, error: { code: "resource_exhausted", retryInfoSeconds: 20 } });
    bench.sim.fault({ rpc, nth: 2, reset: "after" });
  }
  bench.declare({ kind: "Prebuild", name: "run", args: pair(bench) }, declared(bench));
  await succeed(bench.stack.up());
  expect([started(bench).length, bench.sim.pools.length]).toEqual([1, 1]);
  await expectSettled(bench);
});
