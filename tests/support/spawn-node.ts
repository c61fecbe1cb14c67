/** Starts Node processes of tests that end with the test process, even if it is killed. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { preloadPath } from "../../src/testing/engine/host/preload.js";

export interface NodeProcess extends ChildProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it starts as users start it, without our preload, and may outlive the test process. Default: false. */
  readonly isPlain?: boolean;
}

/** Starts Node with a script. Its stderr is a pipe too. */
export function spawnNode(args: readonly string[], { isPlain = false, ...options }: SpawnOptions = {}): NodeProcess {
  const preload = isPlain ? [] : ["--require", preloadPath("child-preload")];
  const child = spawn(process.execPath, [...preload, ...args], {
    ...options,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  return child as NodeProcess;
}
