/** Interrupted creates leave no objects behind. */
import { until } from "../support/until";
import { type Bench, expectSettled, startBench, succeed, whenSaid } from "../support/warm-pools";

const web = (bench: Bench, more: object = {}) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular, waitForReady: true, ...more },
});
const alive = (bench: Bench) => bench.sim.pools.filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");

test("two interrupts during the wait delete the pool that the create made", async () => {
  await using bench = await startBench({ virtualTime: false });
  bench.declare(web(bench));
  const twice = () => {
    bench.stack.cancel();
    bench.stack.cancel();
  };
  const result = await bench.stack.up({ onOutput: whenSaid("warm pool web", twice) });
  expect(result.exitCode).not.toBe(0);
  expect(bench.calls()).toContain("DeleteWarmPool");
  expect(alive(bench)).toEqual([]);
  bench.sim.clock.advance(60_000);
  bench.declare(web(bench, { waitForReady: false }));
  await succeed(bench.stack.up());
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

test("one interrupt lets the create finish and keeps the pool in state", async () => {
  await using bench = await startBench({ virtualTime: false });
  bench.declare(web(bench));
  const once = () => {
    bench.stack.cancel();
    bench.sim.clock.advance(60_000);
  };
  await bench.stack.up({ onOutput: whenSaid("warm pool web", once) });
  const [pool] = alive(bench);
  expect(bench.stack.state.some(({ id }) => id === pool?.id)).toBe(true);
  expect(bench.calls()).not.toContain("DeleteWarmPool");
});

test("an interrupted create keeps an adopted pool", async () => {
  await using bench = await startBench({ virtualTime: false });
  const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular });
  bench.declare(web(bench, { adoptExisting: true }));
  const twice = () => {
    bench.stack.cancel();
    bench.stack.cancel();
  };
  await bench.stack.up({ onOutput: whenSaid("PENDING", twice) });
  expect(alive(bench).map((pool) => pool.id)).toEqual([id]);
});

test.each(["WarmPool", "Prebuild"] as const)(
  "an interrupt finds and undoes a %s whose create has no response yet, even under a rate limit",
  async (kind) => {
    await using bench = await startBench({ virtualTime: false, stack: { env: { ONA_LOG: "debug" } } });
    const rpc = `Create${kind}` as const;
    bench.sim.fault({ rpc, hang: "after" });
    bench.sim.fault({ rpc, nth: 2, error: { code: "resource_exhausted", retryInfoSeconds: 25 } });
    bench.declare(
      { kind, name: "a", args: { projectId: bench.project, environmentClassId: bench.regular } },
      { kind, name: "b", args: { projectId: bench.project, environmentClassId: bench.large } },
    );
    const twice = () => {
      bench.stack.cancel();
      bench.stack.cancel();
    };
    await bench.stack.up({ onOutput: whenSaid("resource_exhausted", twice) });
    expect(bench.calls()).toContain(`Delete${kind}`);
    bench.sim.clock.advance(60_000);
    const made = [...bench.sim.pools, ...bench.sim.prebuilds.filter(({ triggeredBy }) => triggeredBy === "MANUAL")];
    expect(made.map(({ phase }) => phase)).toEqual(["DELETED"]);
  },
);

describe("the plugin, at the first interrupt,", () => {
  test("ends the wait and keeps the pool, and the next up continues", async () => {
    await using bench = await startBench({ host: "native", virtualTime: false });
    bench.declare(web(bench));
    const { exitCode, text } = await bench.stack.up({ onOutput: whenSaid("PENDING", () => bench.stack.cancel()) });
    expect(exitCode).toBe(1);
    expect(text).toContain("but the wait was interrupted. It stays in state and the next `pulumi up` continues.");
    bench.sim.clock.advance(60_000);
    expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ update: 1 });
    expect(bench.calls().filter((rpc) => /^(?:Create|Delete)/.test(rpc))).toEqual(["CreateWarmPool"]);
    await expectSettled(bench);
  });

  test("finds and keeps a pool whose create has no response yet", async () => {
    await using bench = await startBench({ host: "native", virtualTime: false });
    bench.sim.fault({ rpc: "CreateWarmPool", hang: "after" });
    bench.declare(web(bench));
    const running = bench.stack.up();
    await until(() => bench.sim.pools.length > 0);
    bench.stack.cancel();
    expect((await running).exitCode).toBe(1);
    expect(alive(bench).map(({ id }) => id)).toEqual([bench.stack.state.at(-1)?.id]);
    expect(bench.calls()).not.toContain("DeleteWarmPool");
  });
});
