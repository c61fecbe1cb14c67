/** A workspace for CI tests: a checkout of an example, the simulator, a `pulumi` command, and a fake `npm`. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { type SimulatedPool, type Simulator, startSimulator } from "../../../src/testing/simulator/index.js";
import { copyProgram } from "../consumer.js";
import { installShim } from "../installed-shim.js";
import { consumer, token, transpileOnly } from "../warm-pools.js";

export interface Workspace extends AsyncDisposable {
  readonly sim: Simulator;
  /** The folder of the checkout. */
  readonly cwd: string;
  /** The environment of a runner, without tokens. */
  readonly env: Readonly<Record<string, string>>;
  /** Adds a command to the PATH that runs a Node program. */
  command(name: string, program: string): void;
  /** Returns a pool of the stack by its environment class: 0 is regular, 1 is large. */
  pool(index: 0 | 1): SimulatedPool;
}

/** Copies an example and creates its empty stack `production`. */
export async function startWorkspace(example: string): Promise<Workspace> {
  // Each call advances the clock, so a pool is ready at the next poll.
  const sim = await startSimulator({ token, autoAdvance: 2_000 });
  const cwd = copyProgram(consumer(), join(__dirname, "../../../examples", example));
  const home = mkdtempSync(join(tmpdir(), "ci-home-"));
  const bin = mkdtempSync(join(tmpdir(), "ci-bin-"));
  const shim = installShim();
  const command = (name: string, program: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" ${program} "$@"\n`, { mode: 0o755 });
  command("npm", `-e 'if (process.argv[1] !== "ci") throw new Error("only npm ci is known")'`);
  const path = [bin, shim.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const env = {
    PATH: path,
    HOME: home,
    ONA_BASE_URL: sim.env.ONA_BASE_URL,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    // Each command is a new process.
    NODE_COMPILE_CACHE: join(consumer(), ".compile-cache"),
    ...transpileOnly,
  };
  await promisify(execFile)("pulumi", ["stack", "init", "production"], { cwd, env });
  return {
    sim,
    cwd,
    env,
    command,
    pool(index) {
      const wanted = sim.projects[0]?.environmentClassIds[index];
      const found = sim.pools.find(({ environmentClassId }) => environmentClassId === wanted);
      if (found === undefined) throw new Error("there is no such pool");
      return found;
    },
    async [Symbol.asyncDispose]() {
      shim.remove();
      await sim.close();
      for (const folder of [cwd, home, bin]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
