/** Runs a real `pulumi` CLI on a bench's program, with a local backend in its own folder. */
import { type ChildProcess, execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "../../src/testing/engine/index.js";
import type { Bench } from "./warm-pools.js";

/** A test that is skipped if there is no `pulumi` CLI on the PATH. */
export const cliTest = spawnSync("pulumi", ["version"]).status === 0 ? test : test.skip;

// A command takes 4 s on an idle machine, and compiling Pulumi's Go SDK takes minutes.
jest.setTimeout(3_600_000);

/** The result of a CLI command. */
export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  /** Standard output and standard error. */
  readonly text: string;
}

/** The CLI with the stack `dev`. */
export interface Cli extends Disposable {
  /** The folder of the CLI: plugins, state. */
  readonly home: string;
  /** Runs a command. `started` gets the process, to send signals and read its output. */
  run(args: readonly string[], started?: (process: ChildProcess) => void): Promise<CliRun>;
  /** Runs a command that must exit with a status. Returns its output. */
  expectStatus(status: number, ...args: readonly string[]): Promise<string>;
  /** Runs `up --yes`, which must succeed. */
  up(...more: readonly string[]): Promise<string>;
  /** The stack's state. */
  exportStack(): Promise<Parameters<Stack["importDeployment"]>[0]>;
  /** Checks that a plain preview is empty and makes no call, and that a preview with a refresh is empty too. */
  expectNoChanges(): Promise<void>;
  /** Everything that the CLI printed. */
  readonly texts: readonly string[];
}

/** Creates a new stack of the program in a folder. Use it with `using`. */
export async function startCli(bench: Pick<Bench, "sim" | "folder" | "calls">): Promise<Cli> {
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-cli-"));
  const texts: string[] = [];
  const env = {
    ...process.env,
    ...bench.sim.env,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  // Must be asynchronous, because the simulator runs in this process.
  const execute = (args: readonly string[], started?: (process: ChildProcess) => void) =>
    new Promise<CliRun>((resolve) => {
      const options = { cwd: bench.folder, env, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile("pulumi", [...args, "--non-interactive"], options, (_, stdout, stderr) => {
        texts.push(stdout + stderr);
        resolve({ status: child.exitCode ?? -1, stdout, text: stdout + stderr });
      });
      started?.(child);
    });
  const run: Cli["run"] = (args, started) => execute([...args, "--stack", "dev"], started);
  const expectStatus: Cli["expectStatus"] = async (status, ...args) => {
    const result = await run(args);
    if (result.status === status) return result.text;
    throw new Error(`pulumi ${args.join(" ")}: exit status ${result.status}\n${result.text}`);
  };
  await execute(["stack", "init", "dev"]);
  return {
    home,
    run,
    expectStatus,
    up: (...more) => expectStatus(0, "up", "--yes", "--skip-preview", ...more),
    exportStack: async () =>
      JSON.parse((await run(["stack", "export"])).stdout) as Awaited<ReturnType<Cli["exportStack"]>>,
    async expectNoChanges() {
      bench.calls();
      await expectStatus(0, "preview", "--expect-no-changes");
      expect(bench.calls()).toEqual([]);
      await expectStatus(0, "preview", "--refresh", "--expect-no-changes");
    },
    texts,
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
