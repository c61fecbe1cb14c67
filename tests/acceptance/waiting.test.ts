/** Waiting for a pool, and what stays in state if it does not become ready. */
import { type Bench, expectSettled, fail, startBench, succeed } from "../support/warm-pools";

const web = (bench: Bench, args: object = {}, opts: object = {}) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular, minSize: 1, maxSize: 2, ...args },
  opts: { ...opts },
});

/** A simulator whose first project has no completed prebuild yet. */
async function withoutSnapshot(): Promise<Bench> {
  const probe = await startBench();
  const projects = probe.sim.projects.map(({ id, name, environmentClasses }) => ({
    id,
    name,
    environmentClasses: environmentClasses.map((each) => ({ ...each, snapshot: false })),
  }));
  await probe[Symbol.asyncDispose]();
  return startBench({ simulator: { projects } });
}

test("up succeeds without a snapshot after 30 s and warns why the pool is empty", async () => {
  await using bench = await withoutSnapshot();
  bench.declare(web(bench));
  const started = bench.sim.clock.now();
  const { text } = await succeed(bench.stack.up());
  const waited = bench.sim.clock.now() - started;
  expect(waited).toBeGreaterThanOrEqual(30_000);
  expect(waited).toBeLessThan(45_000);
  expect(text).toMatch(
    /warning: warm pool web \(.*\): it is PENDING and still empty: this project and environment class have no completed prebuild/,
  );
  await expectSettled(bench);
  // The snapshot that comes later is no change that anybody has to deal with.
  bench.sim.completePrebuild(bench.project, bench.regular);
  bench.sim.clock.advance(60_000);
  await expectSettled(bench);
});

test("waitForReady: true waits until the timeout, keeps the id, and the next up continues", async () => {
  await using bench = await withoutSnapshot();
  bench.declare(web(bench, { waitForReady: true }, { customTimeouts: { create: "2m" } }));
  const started = bench.sim.clock.now();
  const failed = await bench.stack.up();
  expect(failed.exitCode).toBe(1);
  expect(bench.sim.clock.now() - started).toBeLessThan(150_000);
  const [pool] = bench.sim.pools;
  expect(failed.text).toContain(
    `The warm pool ${pool?.id} did not become READY within 2m (PENDING, no prebuild snapshot yet`,
  );
  expect(bench.stack.state.find(({ id }) => id === pool?.id)).toMatchObject({
    outputs: { phase: "PENDING", __unfinished: true },
  });

  const { text } = await succeed(bench.stack.preview());
  expect(text).toContain(`(${pool?.id}): it was last seen PENDING, and \`pulumi up\` waits for it again`);
  bench.sim.completePrebuild(bench.project, bench.regular);
  bench.sim.clearRequests();
  await succeed(bench.stack.up());
  expect(bench.calls()).not.toContain("CreateWarmPool");
  expect(bench.sim.pools).toHaveLength(1);
  await expectSettled(bench);
});

test("waitForReady: false does not wait", async () => {
  await using bench = await withoutSnapshot();
  bench.declare(web(bench, { waitForReady: false }));
  await succeed(bench.stack.up());
  expect(bench.calls()).toEqual(["CreateWarmPool"]);
  await expectSettled(bench);
});

test("a pool that becomes DEGRADED is a partial failure with the runner's message; a refresh does not hide it", async () => {
  await using bench = await withoutSnapshot();
  bench.declare(web(bench, { waitForReady: true }, { customTimeouts: { create: "10h" } }));
  const degradeOnceWaitedFor = (text: string) => {
    if (text.includes("no prebuild snapshot yet"))
      bench.sim.degrade(bench.sim.pools[0]?.id ?? "", "no capacity in the region");
  };
  expect(await fail(bench.stack.up({ onOutput: degradeOnceWaitedFor }))).toContain(
    " is DEGRADED: no capacity in the region",
  );
  const id = bench.sim.pools[0]?.id ?? "";
  expect(bench.stack.state.find((resource) => resource.id === id)).toMatchObject({
    initErrors: [expect.stringContaining("DEGRADED")],
  });

  await succeed(bench.stack.refresh());
  expect(bench.stack.state.find((resource) => resource.id === id)?.initErrors ?? []).toEqual([]);
  expect((await succeed(bench.stack.preview())).changeSummary).toMatchObject({ update: 1 });

  bench.sim.completePrebuild(bench.project, bench.regular);
  bench.sim.recover(id);
  bench.calls();
  await succeed(bench.stack.up());
  expect(bench.calls().filter((rpc) => rpc !== "GetWarmPool")).toEqual([]);
  await expectSettled(bench);
});

test("up prints progress when something changes and every 30 s, but not for every poll", async () => {
  await using bench = await withoutSnapshot();
  bench.declare(web(bench, { waitForReady: true }, { customTimeouts: { create: "5m" } }));
  const { text } = await bench.stack.up();
  const [summary] = text.split("Resources:");
  const lines = new Set(summary?.match(/warm pool web \(.*\): PENDING, no prebuild snapshot yet \(.*\)/g));
  expect(lines.size).toBeGreaterThanOrEqual(10);
  expect(lines.size).toBeLessThanOrEqual(16);
});

test("the default of 30 m or customTimeouts.delete ends the wait for a deletion and keeps the pool in state", async () => {
  await using bench = await startBench({ simulator: { timings: { poolDrain: 3_600_000 } } });
  bench.declare(web(bench, {}, { customTimeouts: { delete: "10m" } }));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  expect(await fail(bench.stack.destroy())).toContain(`The warm pool ${id} was not deleted within 10m (DELETING`);
  expect(bench.stack.state.some((resource) => resource.id === id)).toBe(true);
  const { text } = await succeed(bench.stack.refresh());
  expect(text).toContain("it is DELETING, and stays in state until it is gone");
  bench.sim.clock.advance(3_600_000);
  await succeed(bench.stack.destroy());
  expect(bench.stack.state.some((resource) => resource.id === id)).toBe(false);
});

test("a pool that someone is deleting is drift, and after a refresh up waits until it is gone and replaces it", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  bench.sim.drain(id);
  expect((await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).exitCode).toBe(7);
  expect((await succeed(bench.stack.preview({ refresh: true }))).changeSummary).toMatchObject({ replace: 1 });
  const { text } = await succeed(bench.stack.up({ refresh: true }));
  expect(text).toContain(
    "it is DELETING, and stays in state until it is gone. After that `pulumi up` creates a new one",
  );
  expect(bench.sim.pools.map(({ phase }) => phase).toSorted()).toEqual(["DELETED", "READY"]);
  await expectSettled(bench);
});

test("an update of a DELETING pool waits until it is gone and fails with what to do", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  bench.sim.drain(id);
  bench.declare(web(bench, { maxSize: 3 }));
  expect(await fail(bench.stack.up())).toContain(
    `The warm pool ${id} was being deleted and is gone now. Run \`pulumi refresh\`, then \`pulumi up\``,
  );
  await succeed(bench.stack.up({ refresh: true }));
  await expectSettled(bench);
});
