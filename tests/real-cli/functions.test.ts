/** Functions wait with the real CLI until the resources behind their arguments and `dependsOn` exist. */
import { cliTest, startCli } from "../support/pulumi-cli.js";
import { startBench } from "../support/warm-pools.js";

/** Each function with known arguments, on resources that a preview creates or replaces. */
const program = `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { projectId, environmentClassId, triggers, otherPair } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const build = new ona.Prebuild("build", { projectId, environmentClassId, triggers });
const pool = new ona.WarmPool("pool", { projectId, environmentClassId }, { dependsOn: build });
const pair = { projectId: pool.projectId, environmentClassId: pool.environmentClassId };
const { projectId: otherProject, ...only } = otherPair;
const component = new ona.ProjectWarmPools("component", { projectId: otherProject, pools: { only } });
module.exports = {
  pool: ona.getWarmPoolOutput(pair).environmentClassId,
  poolOfComponent: ona.getWarmPoolOutput(otherPair, { dependsOn: component }).phase,
  pools: ona.getWarmPoolsOutput({ projectIds: [pool.projectId] }).warmPools.apply((pools) => pools.length),
  prebuild: ona.getPrebuildOutput({ id: build.id }).phase,
  prebuilds: ona.getPrebuildsOutput({ projectIds: [projectId] }, { dependsOn: [build] }).prebuilds.apply(([newest]) => newest?.phase),
  latest: ona.getLatestPrebuildOutput({ projectId: build.projectId }).apply((latest) => latest.phase),
  token: pulumi.unsecret(ona.getPrebuildLogsToken({ prebuildId: build.id })).apply((token) => token.length > 0),
};`;

cliTest("functions are unknown in previews that create or replace what they wait for, and make no call", async () => {
  await using bench = await startBench({
    simulator: {
      clock: "real",
      timings: {
        poolReady: 200,
        poolDrain: 200,
        prebuildRunning: 200,
        prebuildSnapshotting: 200,
        prebuildDeleting: 200,
      },
    },
    virtualTime: false,
    files: { "index.js": program },
  });
  const [, other] = bench.sim.projects;
  const otherPair = { projectId: other?.id, environmentClassId: other?.environmentClassIds[0] };
  using pulumi = await startCli(bench);
  const declare = (environmentClassId: string, triggers: number) => {
    bench.declare({ name: "any", args: { projectId: bench.project, environmentClassId, triggers, otherPair } });
  };
  const outputs = async () =>
    JSON.parse((await pulumi.run(["stack", "output", "--json", "--show-secrets"])).stdout) as unknown;
  const preview = async () => {
    bench.calls();
    const text = await pulumi.expectStatus(0, "preview");
    const unknown = [...text.matchAll(/(\w+) *: \[unknown\]/g)].map(([, name]) => name);
    // Without the checks of what the preview would create.
    return { unknown, calls: bench.calls().filter((rpc) => !/Project|EnvironmentClass/.test(rpc)) };
  };

  declare(bench.regular, 1);
  const everything = ["latest", "pool", "poolOfComponent", "pools", "prebuild", "prebuilds", "token"];
  expect(await preview()).toEqual({ unknown: everything, calls: [] });
  await pulumi.up();
  const created = {
    pool: bench.regular,
    poolOfComponent: "READY",
    pools: 1,
    prebuild: "COMPLETED",
    prebuilds: "COMPLETED",
    latest: "COMPLETED",
    token: true,
  };
  expect(await outputs()).toEqual(created);
  await pulumi.expectStatus(0, "preview", "--expect-no-changes");

  // The CLI shows no output that was known before. A replaced prebuild leaves the three functions of pools to call.
  declare(bench.regular, 2);
  expect(await preview()).toEqual({ unknown: [], calls: ["ListWarmPools", "ListWarmPools", "ListWarmPools"] });
  declare(bench.large, 1);
  expect(await preview()).toEqual({ unknown: [], calls: ["ListWarmPools"] });
  await pulumi.up();
  expect(await outputs()).toEqual({ ...created, pool: bench.large });
});
