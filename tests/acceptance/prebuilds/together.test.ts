/** Prebuilds with the pools that start from them: the component, and the unchanged example. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack } from "../../../src/testing/engine/index";
import { startSimulator } from "../../../src/testing/simulator/index";
import { copyProgram } from "../../support/consumer";
import { alive } from "../../support/prebuild-stack";
import { consumer, expectSettled, fail, lookupsByName, startBench, succeed } from "../../support/warm-pools";

const component = (body: string) => ({
  "index.js": `
const { ProjectWarmPools } = require("pulumi-ona");
const args = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
${body}`,
});

const declaring = component(`
const web = new ProjectWarmPools("web", {
  projectId: args.project,
  pools: {
    regular: { environmentClassId: args.regular, minSize: 1, maxSize: 4, waitForReady: true },
    large: { environmentClassId: args.large, minSize: 0, waitForReady: true },
  },
  prebuild: args.prebuild,
}, { protect: args.protect });
module.exports = { is: ProjectWarmPools.isInstance(web), regular: web.pools.regular.phase, built: Object.keys(web.prebuilds) };`);

test("ProjectWarmPools creates pools as its children, each after its prebuild", async () => {
  await using bench = await startBench({ files: declaring, simulator: { snapshots: false } });
  const { project, regular, large } = bench;
  bench.declare({ name: "any", args: { project, regular, large, prebuild: { triggers: 1, timeout: "30m" } } });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({
    is: { value: true },
    regular: { value: "READY" },
    built: { value: ["regular", "large"] },
  });
  const names = bench.stack.state.filter(({ parent }) => parent?.endsWith("ona:index:ProjectWarmPools::web"));
  const ends = names.map(({ urn }) => urn.split("$").at(-1));
  expect(ends.toSorted()).toEqual(
    ["Prebuild::web-large", "Prebuild::web-regular", "WarmPool::web-large", "WarmPool::web-regular"].map(
      (end) => `pulumi-nodejs:dynamic/ona:${end}`,
    ),
  );
  expect(bench.sim.pools).toMatchObject([{ phase: "READY" }, { phase: "READY" }]);
  await expectSettled(bench);
  await succeed(bench.stack.destroy());
  expect(alive(bench)).toEqual([]);
});

const asked = component(`
const { output } = require("@pulumi/pulumi");
const pool = { environmentClassId: args.regular };
const web = new ProjectWarmPools("web", { projectId: args.project, pools: { a: pool }, ...eval("(" + args.more + ")") });
module.exports = { pools: Object.keys(web.pools), prebuilds: Object.keys(web.prebuilds) };`);

test("ProjectWarmPools refuses unknown, missing, and overridden arguments by path before anything runs", async () => {
  await using bench = await startBench({ files: asked });
  const { project, regular } = bench;
  for (const [more, said] of [
    [
      "{ prebuilds: true }",
      'web: "prebuilds" is not an argument of ProjectWarmPools. Use projectId, pools, prebuild, connection.',
    ],
    ["{ projectId: undefined }", "web.projectId is required."],
    ["{ pools: undefined }", "web.pools must be an object of pools by name"],
    ["{ pools: [pool] }", "web.pools must be an object of pools by name"],
    ["{ pools: output({ a: pool }) }", "web.pools must be an object of pools by name"],
    ["{ pools: { a: null } }", "web.pools.a must be an object such as { environmentClassId, minSize: 1 }."],
    ["{ pools: { '': pool } }", `web.pools[""] needs a name. The name becomes part of the resources' names.`],
    ["{ pools: { a: pool, 'b c': { minSize: 1 } } }", 'web.pools["b c"].environmentClassId is required'],
    ["{ pools: { large: { environmentClassId: null } } }", "web.pools.large.environmentClassId is required"],
    [
      "{ pools: { a: pool, b: { environmentClassId: args.regular.toUpperCase() } }, prebuild: true }",
      "web.pools.b.environmentClassId is the same as that of web.pools.a. A project and environment class can have only one warm pool.",
    ],
    ["{ pools: { a: { ...pool, projectId: 'x' } } }", "web.pools.a.projectId cannot be set: set it on the component."],
    ["{ prebuild: 'yes' }", "web.prebuild must be true, false, or an object"],
    ["{ prebuild: output(true) }", "web.prebuild must be true, false, or an object"],
    ["{ prebuild: pool }", "web.prebuild.environmentClassId cannot be set: each pool has its own."],
  ]) {
    bench.declare({ name: "any", args: { project, regular, more } });
    const error = await fail(bench.stack.up());
    expect(error).toContain(said);
    expect(error).not.toContain("    at ");
    expect(bench.calls()).toEqual([]);
  }
});

test.each([
  ["prebuild: null", "{ prebuild: null }", ["a"]],
  [
    "null and undefined in arguments",
    "{ pools: { a: { ...pool, projectId: undefined, minSize: null } }, prebuild: null }",
    ["a"],
  ],
  ["no pools", "{ pools: {}, prebuild: true }", []],
  [
    "environment classes that are outputs",
    "{ pools: { a: { environmentClassId: output(args.large) }, b: pool } }",
    ["a", "b"],
  ],
])("ProjectWarmPools accepts %s", async (_what, more, pools) => {
  await using bench = await startBench({ files: asked });
  const { project, regular, large } = bench;
  bench.declare({ name: "any", args: { project, regular, large, more } });
  const { outputs } = await succeed(bench.stack.preview());
  expect(outputs).toMatchObject({ pools: { value: pools }, prebuilds: { value: [] } });
});

test("ProjectWarmPools without prebuilds passes protect to its pools", async () => {
  await using bench = await startBench({ files: declaring });
  const { project, regular, large } = bench;
  bench.declare({ name: "any", args: { project, regular, large, protect: true } });
  await succeed(bench.stack.up());
  expect(alive(bench)).toEqual([]);
  expect(await fail(bench.stack.destroy())).toContain("protected");
});

test("examples/prebuilds fills its pool and runs the prebuild again when the lock file changes", async () => {
  await using sim = await startSimulator({ snapshots: false });
  const workDir = copyProgram(consumer(), join(__dirname, "../../../examples/prebuilds"));
  try {
    const config = { project: "storefront", environmentClass: "regular" };
    await using stack = await createStack({ workDir, config, simulator: sim, reuseProcesses: true });
    const { outputs } = await succeed(stack.up());
    expect(outputs).toMatchObject({ phase: { value: "READY" }, snapshot: { value: { sizeBytes: "21474836480" } } });
    await expectSettled({ stack, sim }, lookupsByName);

    const lockFile = join(workDir, "app/package-lock.json");
    writeFileSync(lockFile, readFileSync(lockFile, "utf8").replace("1.0.0", "1.0.1"));
    expect((await succeed(stack.up())).changeSummary).toMatchObject({ replace: 1, same: 2 });
    expect(alive({ sim })).toMatchObject([{ phase: "COMPLETED" }]);
    await expectSettled({ stack, sim }, lookupsByName);
    await succeed(stack.destroy());
    expect(alive({ sim })).toEqual([]);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
});
