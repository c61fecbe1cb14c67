/** Read-only pools: get and the functions. */
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

test("getWarmPoolOutput makes no call until its arguments are known", async () => {
  await using bench = await startBench({
    files: program(`
const made = new ona.WarmPool("made", { projectId, environmentClassId });
module.exports = {
  seen: ona.getWarmPoolOutput({ id: made.id }).phase,
  after: ona.getWarmPoolsOutput({ projectIds: [projectId] }, { dependsOn: made }).warmPools.length,
};`),
  });
  bench.declare({ name: "any", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.preview());
  expect(bench.calls()).toEqual([]);
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({ seen: { value: "READY" }, after: { value: 1 } });
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
