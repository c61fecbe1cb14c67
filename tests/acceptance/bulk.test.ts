/** Many pools and prebuilds in one stack share calls in refreshes and waits, with the same results as single reads. */
import { type Bench, startBench, succeed } from "../support/warm-pools";

const projects = Array.from({ length: 3 }, () => ({ environmentClasses: Array.from({ length: 20 }, () => ({})) }));

/** Declares 60 pools in 3 projects. */
const declared = ({ sim }: Bench) =>
  sim.projects.flatMap(({ id: projectId, environmentClassIds }, index) =>
    environmentClassIds.map((environmentClassId, place) => ({
      name: `pool-${index}-${place}`,
      args: { projectId, environmentClassId, minSize: 1, maxSize: 2 },
    })),
  );
const count = (calls: readonly string[], rpc: string) => calls.filter((call) => call === rpc).length;

test("60 pools share calls in up, refresh, and destroy, also under a rate limit", async () => {
  await using bench = await startBench({ simulator: { projects }, stack: { parallel: 8 } });
  bench.declare(...declared(bench));
  await succeed(bench.stack.up());
  const made = bench.calls();
  expect(count(made, "CreateWarmPool")).toBe(60);
  // Each pool needs at least three polls to become READY.
  expect(made.length - 60).toBeLessThan(3 * 60);

  await succeed(bench.stack.refresh({ expectNoChanges: true }));
  expect(bench.calls().length).toBeLessThanOrEqual(3 + 8);

  const [resized, removed, drained] = bench.sim.pools;
  if (!resized || !removed || !drained) throw new Error("no pools");
  bench.sim.resize(resized.id, { maxSize: 9 });
  bench.sim.remove(removed.id);
  bench.sim.drain(drained.id);
  const limit = bench.sim.fault({ tokenBucket: { capacity: 5, refillPerSecond: 5 } });
  const begun = bench.sim.clock.now();
  const { text, changeSummary } = await succeed(bench.stack.refresh());
  // 60 Gets would be 55 calls beyond the first five, at five per second: 11 s.
  expect(bench.sim.clock.now() - begun).toBeLessThan(3_000);
  limit.remove();
  expect(changeSummary).toMatchObject({ update: 2, delete: 1 });
  expect(text).toContain(`${drained.id}: it is DELETING, and stays in state until it is gone`);
  expect(bench.stack.state.some(({ id }) => id === removed.id)).toBe(false);
  expect(bench.stack.state.find(({ id }) => id === resized.id)?.outputs).toMatchObject({ maxSize: 9 });

  await succeed(bench.stack.destroy());
  expect(bench.sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
}, 600_000);

test("a refresh of many pools falls back to Get when List is refused or hangs", async () => {
  await using bench = await startBench({ simulator: { projects: projects.slice(1) }, stack: { parallel: 8 } });
  bench.declare(...declared(bench).map((each) => ({ ...each, args: { ...each.args, waitForReady: false } })));
  await succeed(bench.stack.up());
  bench.sim.clock.advance(60_000);
  for (const fault of [{ error: { code: "permission_denied" } }, { hang: "before" }] as const) {
    bench.calls();
    const handle = bench.sim.fault({ rpc: "ListWarmPools", times: "always", ...fault });
    const begun = bench.sim.clock.now();
    await succeed(bench.stack.refresh({ expectNoChanges: true }));
    handle.remove();
    expect(count(bench.calls(), "GetWarmPool")).toBe(40);
    expect(bench.sim.clock.now() - begun).toBeLessThan(40_000);
  }
  bench.sim.fault({ times: "always", error: { code: "unauthenticated" } });
  const { text, exitCode } = await bench.stack.refresh();
  expect(exitCode).toBe(1);
  expect(text).toContain("GetWarmPool: the Ona API answered unauthenticated");
  expect(text).not.toContain("ListWarmPools");
}, 600_000);

test("a refresh of many prebuilds shares calls and uses Get only for unlisted and expired ones", async () => {
  const many = Array.from({ length: 12 }, () => ({ environmentClasses: [{}, {}] }));
  await using bench = await startBench({ simulator: { projects: many }, stack: { parallel: 8 } });
  bench.declare(
    ...bench.sim.projects.map(({ id: projectId }, index) => ({
      kind: "Prebuild" as const,
      name: `build-${index}`,
      args: { projectId },
    })),
  );
  await succeed(bench.stack.up());
  bench.calls();
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
  expect(bench.calls().length).toBeLessThan(8);
  const [gone] = bench.sim.prebuilds.filter(({ triggeredBy }) => triggeredBy === "MANUAL");
  bench.sim.remove(gone?.id ?? "");
  expect((await succeed(bench.stack.refresh())).changeSummary).toMatchObject({ delete: 1 });
  const calls = bench.calls();
  expect(count(calls, "GetPrebuild")).toBeGreaterThan(0);
  // Because one prebuild was not found.
  expect(count(calls, "GetAuthenticatedIdentity")).toBe(1);
  expect(calls.length).toBeLessThan(9);
  bench.sim.clock.advance(8 * 24 * 3_600_000);
  await succeed(bench.stack.refresh());
  expect(count(bench.calls(), "GetPrebuild")).toBe(11);
  const kept = bench.stack.state.filter(({ urn }) => urn.includes("ona:Prebuild"));
  expect(kept.map(({ outputs }) => (outputs as { expired?: boolean }).expired)).toEqual(Array(11).fill(true));
}, 600_000);
