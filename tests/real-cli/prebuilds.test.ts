/** Tests prebuilds with the real CLI: their lifecycle, an interrupt, and the component. */
import { cliTest, startCli } from "../support/pulumi-cli.js";
import { alive, build } from "../support/prebuild-stack.js";
import { files, seen } from "../support/unset-outputs.js";
import { startBench, token, whenSaid } from "../support/warm-pools.js";

const quick = {
  prebuildPending: 500,
  prebuildStarting: 500,
  prebuildRunning: 1_000,
  prebuildStopping: 500,
  prebuildSnapshotting: 2_000,
  prebuildDeleting: 500,
  prebuildCancelling: 500,
  poolReady: 500,
  poolDrain: 500,
};
const real = { simulator: { clock: "real", timings: quick }, virtualTime: false } as const;

cliTest(
  "a prebuild runs, reruns after a changed trigger or a failure, expires without drift, and is destroyed",
  async () => {
    await using bench = await startBench(real);
    using pulumi = await startCli(bench);
    bench.declare(build(bench, { timeout: "90 minutes", triggers: { a: 1, b: [2] } }));
    const created = await pulumi.up();
    const [first] = alive(bench);
    expect(created).toMatch(new RegExp(`prebuild build \\(${first?.id ?? ""}\\): RUNNING \\(\\d+s\\)`));
    expect(created).toContain("COMPLETED, a snapshot of 21.5 GB");
    await pulumi.expectNoChanges();

    bench.declare(build(bench, { timeout: "1h30m", triggers: { b: [2], a: 1 }, logs: "stream" }));
    bench.calls();
    await pulumi.up();
    expect(bench.calls()).toEqual([]);
    await pulumi.expectNoChanges();

    bench.declare(build(bench, { timeout: "1h30m", triggers: { b: [3], a: 1 } }));
    expect(await pulumi.expectStatus(0, "preview", "--diff")).toContain(
      "+-pulumi-nodejs:dynamic/ona:Prebuild: (replace)",
    );
    bench.sim.nextPrebuild({
      end: "failed",
      message: "npm ci exited with 1",
      log: "installing\n\u001b[31mERESOLVE\u001b[0m\n",
    });
    const { status, text } = await pulumi.run(["up", "--yes", "--skip-preview"]);
    expect(status).not.toBe(0);
    expect(text).toContain(" FAILED: npm ci exited with 1. The next `pulumi up` runs it again.");
    expect(text).toContain("build | ERESOLVE\n");
    expect(alive(bench).map(({ phase }) => phase)).toEqual(["COMPLETED", "FAILED"]);
    expect(await pulumi.expectStatus(0, "preview")).toContain(
      "it FAILED: npm ci exited with 1. `pulumi up` runs it again",
    );
    await pulumi.up();
    const [last, ...others] = alive(bench);
    expect([last?.phase, others]).toEqual(["COMPLETED", []]);
    await pulumi.expectNoChanges();

    // The test engine loads the state that the CLI stored, and also plans no changes.
    await bench.stack.importDeployment(await pulumi.exportStack());
    expect(await bench.stack.preview({ expectNoChanges: true, refresh: true })).toMatchObject({ exitCode: 0 });

    bench.sim.clock.advance(8 * 24 * 3_600_000);
    await pulumi.expectStatus(0, "refresh", "--preview-only", "--expect-no-changes");
    await pulumi.up("--refresh");
    await pulumi.expectNoChanges();
    bench.declare(build(bench, { timeout: "1h30m", triggers: { b: [3], a: 1 }, recreateWhenExpired: true }));
    await pulumi.up();
    expect(alive(bench)).toMatchObject([{ phase: "COMPLETED" }]);
    await pulumi.expectStatus(0, "destroy", "--yes", "--skip-preview");
    expect(alive(bench)).toEqual([]);
    for (const printed of pulumi.texts) expect(printed).not.toContain(token);
  },
);

cliTest("two Ctrl+C during the wait cancel and delete the run, and the next up starts another one", async () => {
  await using bench = await startBench({
    ...real,
    simulator: { clock: "real", timings: { ...quick, prebuildRunning: 600_000 } },
  });
  using pulumi = await startCli(bench);
  bench.declare(build(bench));
  const { status } = await pulumi.run(["up", "--yes", "--skip-preview"], (process) => {
    const twice = () => {
      process.kill("SIGINT");
      setTimeout(() => process.kill("SIGINT"), 500);
    };
    process.stdout?.on("data", whenSaid("RUNNING", twice));
  });
  expect(status).not.toBe(0);
  expect(alive(bench).filter(({ phase }) => !["CANCELLED", "DELETING"].includes(phase))).toEqual([]);
  bench.declare(build(bench, { waitForCompletion: false }));
  await pulumi.up();
  expect(alive(bench)).toHaveLength(1);
});

cliTest("a preview shows no change for resources that depend on unset outputs", async () => {
  await using bench = await startBench({ ...real, files });
  using pulumi = await startCli(bench);
  const { project: projectId, regular, large, sim } = bench;
  const shared = sim.createPrebuild({ projectId, environmentClassId: regular }).id;
  bench.declare({ name: "any", args: { projectId, regular, large, shared } });
  await pulumi.up();
  for (const more of [[], ["--refresh"]]) await pulumi.expectStatus(0, "preview", "--expect-no-changes", ...more);
  await pulumi.expectStatus(0, "refresh", "--preview-only", "--expect-no-changes");
  expect(JSON.parse((await pulumi.run(["stack", "output", "--json"])).stdout)).toEqual({ seen });
});

cliTest(
  "a component passes its options to its children, and functions with unknown arguments make no call",
  async () => {
    await using bench = await startBench({
      ...real,
      simulator: { ...real.simulator, snapshots: false },
      files: {
        "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { project, regular, large, old } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const aliases = old ? [] : [{ name: "old" }];
const limits = ({ props, opts }) => ({ props: { ...props, minSize: 2 }, opts: { ...opts, customTimeouts: { create: "3m" } } });
const web = new ona.ProjectWarmPools(
  old ? "old" : "web",
  { projectId: project, pools: { regular: { environmentClassId: regular }, large: { environmentClassId: large } }, prebuild: { timeout: 1800 } },
  { protect: !old, aliases, transforms: [(args) => (args.type.endsWith("WarmPool") ? limits(args) : undefined)] },
);
const first = web.prebuilds.regular;
module.exports = {
  latest: ona.getLatestPrebuildOutput({ projectId: project, environmentClassId: regular }, { dependsOn: first }).apply((found) => found?.id),
  token: ona.getPrebuildLogsToken({ prebuildId: first.id }),
  id: first.id,
};`,
      },
    });
    using pulumi = await startCli(bench);
    const { project, regular, large } = bench;
    bench.declare({ name: "any", args: { project, regular, large, old: true } });
    await pulumi.expectStatus(0, "preview");
    expect(bench.calls()).toEqual(["GetProject", "ListEnvironmentClasses"]); // what the new resources need
    await pulumi.up();
    expect(bench.sim.pools).toMatchObject([
      { phase: "READY", minSize: 2 },
      { phase: "READY", minSize: 2 },
    ]);
    const outputs = JSON.parse((await pulumi.run(["stack", "output", "--json"])).stdout) as Record<string, string>;
    expect(outputs).toMatchObject({ latest: outputs["id"], token: "[secret]" });
    // After a rename with an alias, everything stays and is now protected.
    bench.declare({ name: "any", args: { project, regular, large } });
    await pulumi.up();
    expect(alive(bench)).toHaveLength(2);
    const destroyed = await pulumi.run(["destroy", "--yes", "--skip-preview"]);
    expect(destroyed.status).not.toBe(0);
    expect(destroyed.text).toContain("protect");
    expect(alive(bench)).toHaveLength(2);
  },
);
