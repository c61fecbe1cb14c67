/** The Automation API with the real CLI: from which folder the engine loads the provider. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import { copyProgram } from "../support/consumer.js";
import { cliTest } from "../support/pulumi-cli.js";
import { consumer } from "../support/warm-pools.js";

const root = join(__dirname, "../..");
const run = promisify(execFile);

/** A simulator, a folder with a copy of the examples, and a script that runs in any folder. */
interface Bench extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly folder: string;
  /** A folder outside the project. */
  readonly elsewhere: string;
  /** Runs `node` in a folder. Returns what it prints, also if it fails. */
  node(cwd: string, ...args: readonly string[]): Promise<string>;
}

async function startBench(): Promise<Bench> {
  const simulator = await startSimulator({ clock: "real", timings: { poolReady: 100, poolDrain: 100 } });
  const folder = copyProgram(consumer(), join(root, "examples"));
  const elsewhere = mkdtempSync(join(tmpdir(), "pulumi-ona-automation-"));
  const env = {
    ...process.env,
    ...simulator.env,
    PULUMI_BACKEND_URL: `file://${elsewhere}`,
    PULUMI_HOME: elsewhere,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    TS_NODE_PROJECT: join(folder, "automation/tsconfig.json"),
  };
  return {
    simulator,
    folder,
    elsewhere,
    async node(cwd, ...args) {
      const { stdout, stderr } = await run(process.execPath, args, { cwd, env }).catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      );
      return stdout + stderr;
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      for (const each of [folder, elsewhere]) rmSync(each, { recursive: true, force: true });
    },
  };
}

const tsNode = join(consumer(), "node_modules/ts-node/register/transpile-only");

cliTest("examples/automation/inline.ts creates and changes a pool from any folder", async () => {
  await using bench = await startBench();
  const [project] = bench.simulator.projects;
  const script = ["-r", tsNode, join(bench.folder, "automation/inline.ts"), project?.id ?? ""];
  const environmentClass = project?.environmentClassIds[0] ?? "";
  for (const [folder, maxSize] of [
    ["/", 3],
    [bench.elsewhere, 4],
  ] as const) {
    const text = await bench.node(folder, ...script, environmentClass, String(maxSize));
    expect(text).toContain(`${bench.simulator.pools[0]?.id} is READY\n`);
    expect(bench.simulator.pools).toMatchObject([{ maxSize, phase: "READY" }]);
  }
});

cliTest("examples/automation/local.ts previews the stack of another folder", async () => {
  await using bench = await startBench();
  const stack = join(bench.folder, "testing");
  const [project] = bench.simulator.projects;
  const settings = join(stack, "Pulumi.dev.yaml");
  expect(readFileSync(settings, "utf8")).toContain(project?.id);
  const init = `
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    LocalWorkspace.createOrSelectStack({ stackName: "dev", workDir: ${JSON.stringify(stack)} });`;
  await bench.node(consumer(), "-e", init);
  const text = await bench.node("/", "-r", tsNode, join(bench.folder, "automation/local.ts"), "dev", stack);
  expect(text).toBe(`${stack}: {"create":2}\n`);
});

cliTest("an inline program finds the provider in the folders that docs/automation.md names", async () => {
  await using bench = await startBench();
  const [project] = bench.simulator.projects;
  const args = { projectId: project?.id, environmentClassId: project?.environmentClassIds[0] };
  const { folder, elsewhere } = bench;
  const script = join(folder, "run.js");
  const main = join(folder, "automation");
  // Only the SDK is there.
  const withoutPackage = join(elsewhere, "sdk");
  mkdirSync(join(withoutPackage, "node_modules/@pulumi/pulumi/cmd/dynamic-provider"), { recursive: true });
  const provider = join(consumer(), "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js");
  const shim = `require(${JSON.stringify(provider)});`;
  writeFileSync(join(withoutPackage, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"), shim);
  const settings = (more: object) => ({ projectSettings: { name: "auto", runtime: "nodejs", ...more } });
  const cases = {
    main: settings({ main }),
    mainWithWorkDir: { workDir: join(elsewhere, "work"), ...settings({ main }) },
    workDir: { workDir: join(folder, "work"), ...settings({}) },
    nothing: {},
    missing: settings({ main: withoutPackage }),
  };
  for (const { workDir } of [cases.mainWithWorkDir, cases.workDir]) mkdirSync(workDir);
  writeFileSync(
    script,
    `
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    const { WarmPool } = require("pulumi-ona");
    const program = async () => void new WarmPool("web", ${JSON.stringify(args)});
    const [stackName] = process.argv.slice(2);
    const options = ${JSON.stringify(cases)}[stackName];
    LocalWorkspace.createOrSelectStack({ stackName, projectName: "auto", program }, options)
      .then((stack) => stack.preview())
      .then(({ changeSummary }) => console.log(JSON.stringify(changeSummary)));`,
  );
  const created = '{"create":2}\n';
  for (const name of ["main", "mainWithWorkDir", "workDir"]) {
    expect([name, await bench.node("/", script, name)]).toEqual([name, created]);
  }
  expect(await bench.node(folder, script, "nothing")).toBe(created);
  expect(await bench.node(elsewhere, script, "nothing")).toContain(
    "Cannot find module '@pulumi/pulumi/cmd/dynamic-provider'",
  );
  expect(await bench.node("/", script, "missing")).toContain("Cannot find module 'pulumi-ona/provider'");
});
