/** The ground on which CI runs in a test: a checkout of an example, the simulator, a `pulumi` (the shim where there is no CLI), and an `npm` that has installed already. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type * as testing from "../../../src/testing/index";
import { type SimulatedPool, type Simulator, startSimulator } from "../../../src/testing/simulator/index";
import { copyProgram } from "../consumer";
import { consumer, token } from "../warm-pools";

export interface Ground extends AsyncDisposable {
  readonly sim: Simulator;
  /** The checkout. */
  readonly cwd: string;
  /** The environment of a runner, without any token. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts a command of that name on the PATH, which runs a program of Node. */
  command(name: string, program: string): void;
  /** A pool of the stack, by its environment class: 0 for regular, 1 for large. */
  pool(index: 0 | 1): SimulatedPool;
}

/** Copies an example and makes its stack `production`, still empty. */
export async function startGround(example: string): Promise<Ground> {
  // Each call moves the time on, so that a pool is ready when it is asked for again.
  const sim = await startSimulator({ token, autoAdvance: 2_000 });
  const cwd = copyProgram(consumer(), join(__dirname, "../../../examples", example));
  const home = mkdtempSync(join(tmpdir(), "ci-home-"));
  const bin = mkdtempSync(join(tmpdir(), "ci-bin-"));
  // The packed one, which need not be compiled at each call.
  const { installShim } = createRequire(join(cwd, "test.js"))("pulumi-ona/testing") as typeof testing;
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
    NODE_COMPILE_CACHE: join(consumer(), ".compile-cache"),
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
