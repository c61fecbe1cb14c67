/** Read-only prebuilds: get and the functions. */
import { mustBeUuid } from "../../../src/lifecycle/validation.js";
import { fail, startBench, succeed } from "../../support/warm-pools.js";

const program = (body: string) => ({
  "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const args = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0]?.args ?? {};
${body}`,
});

/** An id that does not exist. */
const missing = "00000000-0000-4000-8000-000000000000";

test("Prebuild.get reads a prebuild and ignores volatile outputs and expiry", async () => {
  await using bench = await startBench({
    files: program(`
const shared = ona.Prebuild.get("shared", args.id);
module.exports = { timeout: shared.timeout, is: ona.Prebuild.isInstance(shared), project: shared.projectId };`),
  });
  const { id } = bench.sim.createPrebuild({ projectId: bench.project, environmentClassId: bench.regular });
  bench.declare({ name: "shared", args: { id } });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({ timeout: { value: "1h" }, is: { value: true }, project: { value: bench.project } });
  for (const milliseconds of [60_000, 8 * 24 * 3_600_000]) {
    bench.sim.clock.advance(milliseconds);
    await succeed(bench.stack.refresh({ previewOnly: true, expectNoChanges: true }));
  }
  expect(await fail(bench.stack.preview())).toContain(`There is no prebuild ${id}.`);
  await succeed(bench.stack.destroy());
  expect(bench.calls()).not.toContain("DeletePrebuild");
});

test("the functions find prebuilds by id and by each filter, and the newest completed one", async () => {
  await using bench = await startBench({
    simulator: { snapshots: false },
    files: program(`
module.exports = async () => {
  const of = async (filter) => (await ona.getPrebuilds(filter)).prebuilds.map(({ id }) => id);
  const latest = async (more) => (await ona.getLatestPrebuild({ projectId: args.project, ...more }))?.id;
  const all = await ona.getPrebuilds();
  return {
    byId: await ona.getPrebuild({ id: args.first }),
    all: await of(),
    none: await of({ phases: [] }),
    projects: await of({ projectIds: [args.other] }),
    running: await of({ phases: ["RUNNING", "STARTING"] }),
    scheduled: await of({ triggeredBy: ["SCHEDULED"] }),
    creators: await of({ creatorIds: [args.creator] }),
    executors: await of({ executorIds: all.prebuilds.map(({ executorId }) => executorId) }),
    many: await of({ projectIds: [...Array(60).keys()].map((n) => args.project.slice(0, -2) + (10 + n)).concat(args.other) }),
    latest: await latest(),
    latestLarge: await latest({ environmentClassId: args.large }),
    nothing: (await latest({ environmentClassId: args.first })) ?? "none",
    output: ona.getPrebuildOutput({ id: pulumi.output(args.first) }).phase,
    outputs: ona.getPrebuildsOutput({ phases: ["COMPLETED"] }).prebuilds.length,
    latestOutput: ona.getLatestPrebuildOutput({ projectId: args.project }).apply((found) => found?.id),
  };
};`),
  });
  const { sim, project, otherProject: other, regular, large } = bench;
  const first = sim.createPrebuild({ projectId: project, environmentClassId: regular }).id;
  sim.clock.advance(60_000);
  const second = sim.completePrebuild(project, large).id;
  sim.clock.advance(60_000);
  const otherClass = sim.projects[1]?.environmentClassIds[0] ?? "";
  const third = sim.createPrebuild({ projectId: other, environmentClassId: otherClass }).id;
  sim.clock.advance(5_000);
  const { creatorId: creator } = sim.prebuild(first);
  bench.declare({ name: "any", args: { project, other, large, first, creator } });
  const { outputs } = await succeed(bench.stack.preview());
  const found = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  expect(found).toMatchObject({
    byId: { id: first, phase: "COMPLETED", snapshotSizeBytes: "21474836480", timeout: "1h" },
    all: [third, second, first],
    none: [],
    projects: [third],
    running: [third],
    scheduled: [second],
    creators: bench.sim.prebuilds
      .filter(({ creatorId }) => creatorId === creator)
      .map(({ id }) => id)
      .toReversed(),
    executors: [third, second, first],
    many: [third],
    latest: second,
    latestLarge: second,
    nothing: "none",
    output: "COMPLETED",
    outputs: 2,
    latestOutput: second,
  });
});

test("getPrebuildLogsToken returns a secret that opens the log, and makes no call until the id is known", async () => {
  await using bench = await startBench({
    files: program(`
const made = new ona.Prebuild("made", args);
module.exports = { token: ona.getPrebuildLogsToken({ prebuildId: made.id }), url: made.logUrl };`),
  });
  bench.declare({ name: "any", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.preview());
  expect(bench.calls()).not.toContain("CreatePrebuildLogsToken");
  const { outputs, text } = await succeed(bench.stack.up());
  expect(outputs["token"]).toMatchObject({ secret: true });
  const [token = "", url = ""] = [outputs["token"]?.value, outputs["url"]?.value] as string[];
  expect(text).not.toContain(token);
  expect(JSON.stringify(await bench.stack.exportDeployment())).not.toContain(token);
  const log = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  expect(await log.text()).toContain("Prebuild tasks done");
});

test.each([
  ["getPrebuild({ id: 'x' })", "getPrebuild: id must be a UUID"],
  ["getPrebuild({ id: null })", "getPrebuild: id is required"],
  ["getPrebuilds({ creatorIds: [id, 'me'] })", `getPrebuilds: creatorIds[1] ${mustBeUuid}`],
  ["getPrebuilds({ executorIds: [id + '0'] })", `getPrebuilds: executorIds[0] ${mustBeUuid}`],
  ["getPrebuilds({ projectIds: [id, undefined] })", "getPrebuilds: projectIds[1] must be a UUID, got undefined"],
  ["getPrebuilds({ phases: ['FAILED', 'FINISHED'] })", 'DELETING or DELETED, got "FINISHED"'],
  ["getPrebuilds({ phases: ['FAILED', 'FINISHED'] })", "getPrebuilds: phases[1] must be PENDING, STARTING"],
  ["getPrebuilds({ triggeredBy: ['ME'] })", 'getPrebuilds: triggeredBy[0] must be MANUAL or SCHEDULED, got "ME"'],
  ["getLatestPrebuild({ projectId: 'x' })", "getLatestPrebuild: projectId must be a UUID"],
  ["getLatestPrebuild({ environmentClassId: id })", "getLatestPrebuild: projectId is required"],
  ["getPrebuildLogsToken({})", "getPrebuildLogsToken: prebuildId is required"],
  ["getWarmPool({ id: null, projectId: id })", "getWarmPool: environmentClassId is required"],
  ["getPrebuilds({ projectId: 'x' })", "projectId is not an argument of getPrebuilds. Did you mean projectIds?"],
  [
    "getPrebuildsOutput({ pools: pulumi.output([]) })",
    "pools is not an argument of getPrebuilds. Its arguments are projectIds, phases, triggeredBy, creatorIds, executorIds, connection",
  ],
  ["getPrebuilds({ phases: 'FAILED' })", "getPrebuilds: phases must be a list"],
  ["getPrebuild()", "getPrebuild takes an object of arguments: id, connection"],
  ["getLatestPrebuild({ projectID: 'x' })", "Did you mean projectId?"],
  [
    "getPrebuildLogsToken({ id: 'x' })",
    "id is not an argument of getPrebuildLogsToken. Its arguments are prebuildId, connection",
  ],
  ["getWarmPools({ projects: [] })", "projects is not an argument of getWarmPools. Did you mean projectIds?"],
  ["getWarmPools({ environmentClassIds: 'x' })", "getWarmPools: environmentClassIds must be a list"],
  ["getWarmPool({ Id: 'x' })", "Id is not an argument of getWarmPool. Did you mean id?"],
])("%s fails with its cause and without a stack", async (call, said) => {
  await using bench = await startBench({
    files: program(`const id = "${missing}"; module.exports = async () => ({ found: await ona.${call} });`),
  });
  const error = await fail(bench.stack.preview());
  expect(error).toContain(said);
  expect(error).not.toMatch(/\n\s+at |unhandled|name: 'OnaError'/);
});

test.each([
  ["is awaited", "module.exports = async () => ({ found: await ona.getPrebuild({ id }) });"],
  ["is an export", "module.exports = { found: ona.getPrebuild({ id }) };"],
  ["is an output", "module.exports = { found: ona.getPrebuildOutput({ id }).phase };"],
  ["is used by nobody", "void ona.getPrebuild({ id });"],
])("a lookup of a missing prebuild that %s ends the program with only the message", async (_what, body) => {
  await using bench = await startBench({ files: program(`const id = "${missing}"; ${body}`) });
  const preview = bench.stack.preview();
  expect(await fail(preview)).toBe(
    `GetPrebuild: the Ona API answered not_found: prebuild ${missing} not found. The API removes each prebuild after seven days`,
  );
  // Node warns if an export has failed before Pulumi looks at it, some turns after the program.
  const late = /.*(PromiseRejectionHandledWarning|--trace-warnings).*/g;
  expect((await preview).text.replaceAll(late, "")).not.toMatch(/warning/i);
});

test("a caught error of a function has its class and code", async () => {
  await using bench = await startBench({
    files: program(`
module.exports = async () => {
  const error = await ona.getPrebuild({ id: "${missing}" }).catch((thrown) => thrown);
  return { caught: [error instanceof ona.OnaError, error.code, Object.keys(error)] };
};`),
  });
  const { outputs } = await succeed(bench.stack.preview());
  expect(outputs).toMatchObject({ caught: { value: [true, "not_found", []] } });
});
