/** Read-only pools: get and the functions. */
import { unknownValue } from "../../src/testing/engine/index.js";
import { fail, startBench, succeed } from "../support/warm-pools.js";

const program = (body: string) => ({
  "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { id, projectId, environmentClassId } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0]?.args ?? {};
${body}`,
});

test("WarmPool.get reads a pool and ignores volatile outputs", async () => {
  await using bench = await startBench({
    files: program(`
const shared = ona.WarmPool.get("shared", id);
module.exports = { max: shared.maxSize, isPool: ona.WarmPool.isInstance(shared), project: shared.projectId };`),
  });
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 1,
    maxSize: 3,
  });
  bench.declare({ name: "shared", args: { id } });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({ max: { value: 3 }, isPool: { value: true }, project: { value: bench.project } });
  bench.sim.clock.advance(60_000);
  bench.sim.degrade(id);
  bench.sim.rotate(id);
  await succeed(bench.stack.refresh({ previewOnly: true, expectNoChanges: true }));
  bench.sim.resize(id, { maxSize: 5 });
  expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
  await succeed(bench.stack.destroy());
  expect(bench.sim.pool(id).phase).not.toBe("DELETED");
});

test.each([
  ["00000000-0000-4000-8000-000000000000", "There is no warm pool 00000000-0000-4000-8000-000000000000."],
  ["abc", "The id of a warm pool must be a UUID"],
])("WarmPool.get of a missing or invalid id (%s) fails at preview", async (id, said) => {
  await using bench = await startBench({ files: program(`ona.WarmPool.get("shared", "${id}");`) });
  expect(await fail(bench.stack.preview())).toContain(said);
});

test("getWarmPool and getWarmPools find pools by id, by pair, and all pools", async () => {
  await using bench = await startBench({
    files: program(`
module.exports = async () => {
  const byId = await ona.getWarmPool({ id });
  const byPair = await ona.getWarmPool({ projectId, environmentClassId });
  const all = await ona.getWarmPools();
  const none = await ona.getWarmPools({ projectIds: [] });
  const output = ona.getWarmPoolOutput({ projectId: pulumi.output(projectId), environmentClassId });
  return { byId, same: byId.id === byPair.id, all: all.warmPools.length, none: none.warmPools.length, phase: output.phase };
};`),
  });
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 1,
    maxSize: 3,
  });
  for (const environmentClassId of [bench.large])
    bench.sim.createPool({ projectId: bench.project, environmentClassId });
  bench.sim.clock.advance(60_000);
  bench.declare({ name: "any", args: { id, projectId: bench.project, environmentClassId: bench.regular } });
  const { outputs } = await succeed(bench.stack.preview());
  expect(outputs).toMatchObject({
    byId: { value: { id, phase: "READY", minSize: 1, maxSize: 3, runningInstances: 1 } },
    same: { value: true },
    all: { value: 2 },
    none: { value: 0 },
    phase: { value: "READY" },
  });
});

test("the functions make no call and have no result until the resources that they ask about exist", async () => {
  await using bench = await startBench({
    stack: { config: { "ona:preflight": "false" } },
    files: program(`
class Group extends pulumi.ComponentResource {
  constructor(name) {
    super("test:index:Group", name);
    this.pool = new ona.WarmPool("made", { projectId, environmentClassId }, { parent: this });
  }
}
const group = new Group("group");
const made = group.pool;
const ran = new ona.Prebuild("ran", { projectId, environmentClassId });
const projectIds = [projectId];
const hasRun = (prebuilds) => prebuilds.some(({ phase }) => phase === "COMPLETED");
module.exports = {
  byId: ona.getWarmPoolOutput({ id: made.id }).phase,
  byOutputs: ona.getWarmPoolOutput({ projectId: made.projectId, environmentClassId: made.environmentClassId }).phase,
  byDerived: ona.getWarmPoolsOutput({ projectIds: [made.projectId.apply((id) => id)] }).warmPools[0].phase,
  afterPool: ona.getWarmPoolsOutput({ projectIds }, { dependsOn: made }).warmPools[0].phase,
  afterGroup: ona.getWarmPoolOutput({ projectId, environmentClassId }, { dependsOn: [group] }).phase,
  prebuild: ona.getPrebuildOutput({ id: ran.id }).phase,
  latest: ona.getLatestPrebuildOutput({ projectId: ran.projectId }).apply(({ phase }) => phase),
  prebuilds: ona.getPrebuildsOutput({ projectIds: [ran.projectId] }).apply((found) => hasRun(found.prebuilds)),
  afterPrebuild: ona.getPrebuildsOutput({ projectIds }, { dependsOn: Promise.resolve([ran]) }).apply((found) => hasRun(found.prebuilds)),
  token: ona.getPrebuildLogsToken({ prebuildId: pulumi.output(projectId).apply(() => ran.id) }).apply((token) => token !== ""),
};`),
  });
  const { sim, stack, project, otherProject, regular } = bench;
  const [READY, COMPLETED] = [{ value: "READY" }, { value: "COMPLETED" }];
  const results = {
    byId: READY,
    byOutputs: READY,
    byDerived: READY,
    afterPool: READY,
    afterGroup: READY,
    prebuild: COMPLETED,
    latest: COMPLETED,
    prebuilds: { value: true },
    afterPrebuild: { value: true },
    token: { value: true },
  };
  const unknown = Object.fromEntries(Object.keys(results).map((name) => [name, { value: unknownValue }]));

  bench.declare({ name: "any", args: { projectId: project, environmentClassId: regular } });
  expect((await succeed(stack.preview())).outputs).toMatchObject(unknown);
  expect(bench.calls()).toEqual([]);
  expect((await succeed(stack.up())).outputs).toMatchObject(results);

  // Of a replacement, the new project is known, but nothing is in it yet.
  const otherClass = sim.projects[1]?.environmentClassIds[0] ?? "";
  bench.declare({ name: "any", args: { projectId: otherProject, environmentClassId: otherClass } });
  bench.calls();
  const replaced = await succeed(stack.preview());
  expect(replaced.changeSummary).toMatchObject({ replace: 2 });
  expect(replaced.outputs).toMatchObject(unknown);
  expect(bench.calls()).toEqual([]);
  expect((await succeed(stack.up())).outputs).toMatchObject(results);
});

test("getWarmPool reports missing pools, malformed ids, and refusals without a stack", async () => {
  const cases: [string, string | RegExp][] = [
    ["ona.getWarmPool({ projectId, environmentClassId })", "There is no warm pool for project"],
    ["ona.getWarmPool({ id: 'x' })", "getWarmPool: id must be a UUID"],
    ["ona.getWarmPool({})", "getWarmPool takes either id, or projectId and environmentClassId"],
    ["ona.getWarmPools({ projectIds: ['x'] })", "getWarmPools: projectIds[0] must be a UUID"],
    [`ona.getWarmPool({ id: "${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}" })`, "the Ona API answered not_found"],
  ];
  for (const [call, said] of cases) {
    await using bench = await startBench({
      files: program(`module.exports = async () => ({ found: await ${call} });`),
    });
    bench.declare({ name: "any", args: { projectId: bench.project, environmentClassId: bench.regular } });
    const error = await fail(bench.stack.preview());
    expect(error).toContain(said);
    expect(error).not.toMatch(/\n\s+at |unhandled|name: 'OnaError'/);
  }
});
