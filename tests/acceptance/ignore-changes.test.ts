/** `ignoreChanges` means the same to the provider and the commands as to Pulumi. */
import { pulumiOna } from "../support/fake-io.js";
import { type Bench, type Declared, expectSettled, fail, startBench, succeed } from "../support/warm-pools.js";

const sizesSent = ({ sim }: Bench) =>
  sim.requests.filter(({ rpc }) => rpc === "UpdateWarmPool").map(({ body }) => body as Record<string, unknown>);

/** Expects no drift, neither from a refresh nor from the command. */
async function expectNoDrift({ stack, sim }: Bench) {
  await succeed(stack.refresh({ previewOnly: true, expectNoChanges: true }));
  const stdin = JSON.stringify(await stack.exportDeployment());
  expect(await pulumiOna(["drift", "-"], { env: sim.env, stdin })).toMatchObject({ exitStatus: 0, stderr: "" });
}

/** A pool that ignores changes of maxSize, or of what the paths say. */
const web = ({ project, regular }: Bench, args: object, ...ignoreChanges: string[]): Declared => ({
  name: "web",
  args: { projectId: project, environmentClassId: regular, minSize: 1, maxSize: 4, ...args },
  opts: { ignoreChanges: ignoreChanges.length === 0 ? ["maxSize"] : ignoreChanges },
});

test("an ignored size that someone else changed is no drift, and unrelated updates never send it", async () => {
  await using bench = await startBench();
  const { sim, stack } = bench;
  bench.declare(web(bench, {}));
  await succeed(stack.up());
  const [{ id = "" } = {}] = sim.pools;
  sim.resize(id, { maxSize: 9 });
  await expectNoDrift(bench);
  await expectSettled(bench);
  // State has the live size after the first update, and the declared one as input.
  for (const minSize of [2, 3]) {
    bench.declare(web(bench, { minSize, maxSize: 5 }));
    bench.sim.clearRequests();
    await succeed(stack.up());
    expect(sizesSent(bench)).toEqual([{ warmPoolId: id, minSize }]);
    expect(sim.pool(id)).toMatchObject({ minSize, maxSize: 9 });
    await expectNoDrift(bench);
    await expectSettled(bench);
  }
  bench.declare(web(bench, { minSize: 3, maxSize: 6, adoptExisting: true, waitForReady: false }));
  await succeed(stack.up({ refresh: true }));
  await succeed(stack.refresh());
  bench.declare(web(bench, { minSize: 0, maxSize: 6 }));
  await succeed(stack.up());
  expect(sizesSent(bench)).toEqual([{ warmPoolId: id, minSize: 0 }]);
  expect(sim.pool(id)).toMatchObject({ minSize: 0, maxSize: 9 });
  await expectNoDrift(bench);
  await expectSettled(bench);
});

test("a size that is no longer ignored is restored after a refresh", async () => {
  await using bench = await startBench();
  bench.declare(web(bench, {}));
  await succeed(bench.stack.up());
  const [{ id = "" } = {}] = bench.sim.pools;
  bench.sim.resize(id, { maxSize: 9 });
  bench.declare({ ...web(bench, {}), opts: {} });
  await succeed(bench.stack.up({ refresh: true }));
  expect(bench.sim.pool(id)).toMatchObject({ minSize: 1, maxSize: 4 });
  await expectNoDrift(bench);
});

test.each([["*"], ['["minSize"]', '["maxSize"]']])("a pool that ignores %s %s is never resized", async (...paths) => {
  await using bench = await startBench();
  bench.declare(web(bench, {}, ...paths));
  await succeed(bench.stack.up());
  const [{ id = "" } = {}] = bench.sim.pools;
  bench.sim.resize(id, { minSize: 3, maxSize: 9 });
  bench.declare(web(bench, { minSize: 0, maxSize: 2 }, ...paths));
  await expectNoDrift(bench);
  await succeed(bench.stack.up({ refresh: true, expectNoChanges: true }));
  expect(sizesSent(bench)).toEqual([]);
  bench.sim.remove(id);
  const stdin = JSON.stringify(await bench.stack.exportDeployment());
  expect(await pulumiOna(["drift", "-"], { env: bench.sim.env, stdin })).toMatchObject({ exitStatus: 7 });
});

test("an adoption leaves ignored sizes alone, and so do later updates", async () => {
  await using bench = await startBench();
  const { sim, stack, project, regular } = bench;
  const { id } = sim.createPool({ projectId: project, environmentClassId: regular, minSize: 2, maxSize: 9 });
  sim.clock.advance(60_000);
  bench.declare(web(bench, { adoptExisting: true }));
  expect((await succeed(stack.preview())).text).toContain("minSize 2 => 1, maxSize 9 left alone");
  sim.clearRequests();
  expect((await succeed(stack.up())).text).toContain("minSize 2 => 1, maxSize 9 left alone");
  expect(sizesSent(bench)).toEqual([{ warmPoolId: id, minSize: 1 }]);
  const { inputs, outputs } = stack.state.find(({ urn }) => urn.endsWith("::web")) ?? {};
  expect(Object.keys({ ...inputs, ...outputs })).not.toContain("__ignoreChanges");
  await expectNoDrift(bench);
  await expectSettled(bench);
  bench.declare(web(bench, { adoptExisting: true, minSize: 3 }));
  await succeed(stack.up());
  expect(sizesSent(bench)).toEqual([{ warmPoolId: id, minSize: 3 }]);
  expect(sim.pool(id)).toMatchObject({ minSize: 3, maxSize: 9 });
  await expectNoDrift(bench);
});

test("a new pool gets ignored sizes too, as in Pulumi", async () => {
  await using bench = await startBench();
  bench.declare(web(bench, { adoptExisting: true }));
  await succeed(bench.stack.up());
  expect(bench.sim.pools).toMatchObject([{ minSize: 1, maxSize: 4 }]);
});

test("a size that crosses an ignored one is refused before anything is sent, and following the advice helps", async () => {
  await using bench = await startBench();
  bench.declare(web(bench, {}));
  await succeed(bench.stack.up());
  const [{ id = "" } = {}] = bench.sim.pools;
  bench.sim.resize(id, { maxSize: 2 });
  bench.declare(web(bench, { minSize: 3 }));
  const advice = "Run `pulumi up --refresh` without maxSize in `ignoreChanges`, or lower minSize";
  expect(await fail(bench.stack.up())).toContain(advice);
  expect(sizesSent(bench)).toEqual([]);
  bench.declare({ ...web(bench, { minSize: 3 }), opts: {} });
  await succeed(bench.stack.up({ refresh: true }));
  expect(bench.sim.pool(id)).toMatchObject({ minSize: 3, maxSize: 4 });
});

test.each(["runtime.registerStackTransformation", "runtime.registerResourceTransform"])(
  "ignoreChanges that pulumi.%s adds counts too, for updates and adoptions",
  async (register) => {
    await using bench = await startBench({
      files: {
        "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
pulumi.${register}(({ props, opts }) => ({ props, opts: { ...opts, ignoreChanges: ["maxSize"] } }));
for (const { name, args } of JSON.parse(require("fs").readFileSync("declared.json", "utf8"))) new ona.WarmPool(name, args);
`,
      },
    });
    const { sim, project, large } = bench;
    const existing = sim.createPool({ projectId: project, environmentClassId: large, minSize: 2, maxSize: 9 });
    const args = { projectId: project, environmentClassId: large, minSize: 1, maxSize: 4, adoptExisting: true };
    bench.declare(web(bench, {}), { name: "adopted", args });
    await succeed(bench.stack.up());
    expect(sizesSent(bench)).toEqual([{ warmPoolId: existing.id, minSize: 1 }]);
    const { id = "" } = sim.pools.find((pool) => pool.id !== existing.id) ?? {};
    sim.resize(id, { maxSize: 9 });
    await expectNoDrift(bench);
    bench.declare(web(bench, { minSize: 2 }), { name: "adopted", args: { ...args, minSize: 3 } });
    sim.clearRequests();
    await succeed(bench.stack.up());
    expect(sizesSent(bench)).toEqual(
      expect.arrayContaining([
        { warmPoolId: id, minSize: 2 },
        { warmPoolId: existing.id, minSize: 3 },
      ]),
    );
    expect(sizesSent(bench)).toHaveLength(2);
    await expectNoDrift(bench);
    await expectSettled(bench);
  },
);

test.each([[["triggers.commit"]], [["triggers"]], [["*"]], [['triggers["commit"]', "timeout", "logs"]]])(
  "a prebuild that ignores %j does not run again for such a change",
  async (ignoreChanges) => {
    await using bench = await startBench();
    const build = (commit: string, args: object = {}): Declared => ({
      kind: "Prebuild",
      name: "build",
      args: { projectId: bench.project, timeout: "30m", triggers: { commit, lock: "a" }, ...args },
      opts: { ignoreChanges },
    });
    bench.declare(build("1"));
    await succeed(bench.stack.up());
    bench.declare(build("2", ignoreChanges.length > 1 ? { timeout: "45m", logs: "stream" } : {}));
    await succeed(bench.stack.preview({ expectNoChanges: true, refresh: true }));
    await succeed(bench.stack.up({ expectNoChanges: true }));
    expect(bench.sim.requests.filter(({ rpc }) => rpc === "CreatePrebuild")).toHaveLength(1);
    await expectNoDrift(bench);
  },
);
