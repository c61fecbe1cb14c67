/** The Automation API with the real CLI: from which folder the engine loads the provider. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
  const script = ["-r", tsNode, join(bench.folder, "automation/inline.ts"), "storefront", "regular"];
  for (const [folder, maxSize] of [
    ["/", 3],
    [bench.elsewhere, 4],
  ] as const) {
    const text = await bench.node(folder, ...script, String(maxSize));
    expect(text).toContain(`${bench.simulator.pools[0]?.id} is READY\n`);
    expect(bench.simulator.pools).toMatchObject([{ maxSize, phase: "READY" }]);
  }
});

cliTest("examples/automation/local.ts previews the stack of another folder", async () => {
  await using bench = await startBench();
  const stack = join(bench.folder, "testing");
  const init = `
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    LocalWorkspace.createOrSelectStack({ stackName: "dev", workDir: ${JSON.stringify(stack)} });`;
  await bench.node(consumer(), "-e", init);
  const text = await bench.node("/", "-r", tsNode, join(bench.folder, "automation/local.ts"), "dev", stack);
  expect(text).toBe(`${stack}: {"create":2}\n`);
});

/** Writes a script that previews an inline program with the options that its argument names. Returns its path. */
function writeInlineCases({ simulator, folder, elsewhere }: Bench): string {
  const [project] = simulator.projects;
  const args = { projectId: project?.id, environmentClassId: project?.environmentClassIds[0] };
  const script = join(folder, "run.js");
  const main = join(folder, "automation");
  const link = join(elsewhere, "link");
  symlinkSync(main, link, "dir");
  const settings = (more: object) => ({ projectSettings: { name: "auto", runtime: "nodejs", ...more } });
  const cases = {
    main: settings({ main }),
    mainFile: settings({ main: script }),
    mainLink: settings({ main: link }),
    mainWithWorkDir: { workDir: join(elsewhere, "work"), ...settings({ main }) },
    workDir: { workDir: join(folder, "work"), ...settings({}) },
    nothing: {},
    mainElsewhere: settings({ main: elsewhere }),
    workDirElsewhere: { workDir: join(elsewhere, "work"), ...settings({}) },
  };
  for (const { workDir } of [cases.mainWithWorkDir, cases.workDir]) mkdirSync(workDir);
  writeFileSync(
    script,
    `
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    const ona = require("pulumi-ona");
    const program = async () => void new ona.WarmPool("web", ${JSON.stringify(args)});
    const [stackName] = process.argv.slice(2);
    const options = ${JSON.stringify(cases)}[stackName];
    LocalWorkspace.createOrSelectStack({ stackName, projectName: "auto", program }, options)
      .then((stack) => stack.preview())
      .then(({ changeSummary }) => console.log(JSON.stringify(changeSummary)));`,
  );
  return script;
}

cliTest("an inline program finds the provider in the folders that docs/automation.md names", async () => {
  await using bench = await startBench();
  const script = writeInlineCases(bench);
  for (const [name, cwd] of [
    ["main", "/"],
    ["mainFile", "/"],
    ["mainLink", "/"],
    ["mainWithWorkDir", "/"],
    ["workDir", "/"],
    ["nothing", bench.folder],
  ] as const) {
    expect([name, await bench.node(cwd, script, name)]).toEqual([name, '{"create":2}\n']);
  }
});

cliTest("an inline program names the folder if its provider can't find the package there", async () => {
  await using bench = await startBench();
  const script = writeInlineCases(bench);
  const { folder, elsewhere } = bench;
  for (const [name, cwd, place] of [
    ["nothing", elsewhere, elsewhere],
    ["mainElsewhere", folder, elsewhere],
    ["workDirElsewhere", folder, join(elsewhere, "work")],
  ] as const) {
    const text = await bench.node(cwd, script, name);
    expect(text).toContain(`pulumi-ona can't be found from ${place}, where Pulumi starts the provider. Run `);
    expect(text).toContain("or set main in the project settings to a folder that has it");
    expect(text).not.toContain("Cannot find module");
  }
});

cliTest(
  "a program whose main is in a folder without the package gets an error with the command of its package manager",
  async () => {
    await using bench = await startBench();
    const { folder, elsewhere } = bench;
    const program = join(elsewhere, "program");
    mkdirSync(join(program, "src"), { recursive: true });
    // The language host needs the SDK, and the program finds our package somewhere else.
    mkdirSync(join(program, "node_modules/@pulumi"), { recursive: true });
    symlinkSync(join(consumer(), "node_modules/@pulumi/pulumi"), join(program, "node_modules/@pulumi/pulumi"), "dir");
    writeFileSync(join(program, "pnpm-lock.yaml"), "");
    writeFileSync(
      join(program, "src/index.js"),
      `new (require(${JSON.stringify(join(consumer(), "node_modules/pulumi-ona"))}).WarmPool)("web", {});`,
    );
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      JSON.stringify({
        name: "far",
        main: join(program, "src"),
        runtime: { name: "nodejs", options: { typescript: false } },
      }),
    );
    const script = `
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    LocalWorkspace.createOrSelectStack({ stackName: "dev", workDir: ${JSON.stringify(folder)} }).then((stack) => stack.preview());`;
    const text = await bench.node(folder, "-e", script);
    expect(text).toContain(
      `pulumi-ona can't be found from ${join(program, "src")}, where Pulumi starts the provider. Run \`pnpm add pulumi-ona\` in that folder. `,
    );
    expect(text).not.toContain("Cannot find module");
  },
);
