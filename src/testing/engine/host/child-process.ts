/** Child processes of the engine: isolated from the terminal's signals, read line by line, and never left behind. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { preloadPath } from "./preload.js";

export interface ProcessOptions {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running Node process. */
export interface RunningProcess {
  /** Resolves after the process has exited and its output was read. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Waits until the output that the process wrote before another message has been read. */
  flushOutput(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Kills the process and everything it started. */
  kill(): void;
}

interface Child extends ChildProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

const running = new Set<Child>();
let exitHooked = false;

/** Starts Node with a script. */
export function startNode(options: ProcessOptions): RunningProcess {
  hookExit();
  // A separate process group, so that ^C in a terminal reaches only the engine, as with the CLI.
  const child = spawn(process.execPath, ["--require", preloadPath("child-preload"), ...options.args], {
    cwd: options.cwd,
    env: options.env,
    // The child ends when the last pipe closes, even if this process is killed.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: true,
  }) as Child;
  running.add(child);
  const read = Promise.all([readLines(child.stdout, options.onStdout), readLines(child.stderr, options.onStderr)]);
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", (error) => {
      running.delete(child);
      reject(error);
    });
    child.once("exit", (code, signal) => {
      running.delete(child);
      // A grandchild may keep the pipes open, so do not wait for its output.
      setImmediate(() => {
        void Promise.race([read, new Promise((done) => setTimeout(done, 200).unref())]).then(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          child.stdio[3]?.destroy();
          resolve({ code, signal });
        });
      });
    });
  });
  exited.catch(() => undefined);
  return {
    exited,
    hasExited: () => !running.has(child),
    // The event loop reads everything that is available in one turn, in any order.
    flushOutput: () => new Promise((resolve) => void setImmediate(resolve)),
    signal: (name) => void (running.has(child) && child.kill(name)),
    kill: () => killGroup(child),
  };
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) onLine(line);
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function hookExit(): void {
  if (exitHooked) return;
  exitHooked = true;
  process.once("exit", () => running.forEach(killGroup));
}

/** Describes how a process ended, for an error message. */
export function describeExit(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code ?? "unknown"}` : `signal ${exit.signal}`;
}

/**
 * Resolves a module like Node does from a folder.
 * @throws Error that names the missing package
 */
export function resolveFrom(folder: string, module: string): string {
  try {
    return createRequire(join(folder, "index.js")).resolve(module);
  } catch {
    const name = module.split("/").slice(0, 2).join("/");
    throw new Error(`${name} is not installed for the program in ${folder}: run \`npm install\` there`);
  }
}
