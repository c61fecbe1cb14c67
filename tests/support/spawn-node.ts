/** Starts Node processes of tests that end with the test process, even if it is killed. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { preloadPath } from "../../src/testing/engine/host/preload.js";

export interface NodeProcess extends ChildProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Starts Node with a script. Its stderr is a pipe too. */
export function spawnNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): NodeProcess {
  const child = spawn(process.execPath, ["--require", preloadPath("child-preload"), ...args], {
    ...options,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  return child as NodeProcess;
}
