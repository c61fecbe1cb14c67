/** Child processes of the engine: isolated from the terminal's signals, read line by line, and never left behind. */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { nodePath } from "./node-path.js";
import { preloadPath } from "./preload.js";

/** A script to run in a Node process. */
export interface ProcessOptions {
  readonly cwd: string;
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
  readonly script: string;
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

/** A running script. */
export interface RunningProcess {
  /** Resolves after the process has exited and its output was read. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Waits until the output that the process wrote before another message has been read. */
  flushOutput(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Ends a script that only serves and has no running call, like SIGINT does. */
  finish(): void;
  /** Ends a program whose operation has failed: its calls to the engine get no answer. May kill it. */
  abandon(): void;
  /** Kills the process and everything it started. */
  kill(): void;
}

/** Starts a script. */
export type StartProcess = (options: ProcessOptions) => RunningProcess;

/** A running Node process, and a way to send messages to it if it has an IPC channel. */
export interface NodeProcess extends RunningProcess {
  send(message: object | string): void;
  /** Lets this process end while the other one runs. */
  unref(): void;
  ref(): void;
}

interface Child extends ChildProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

const running = new Set<Child>();
let exitHooked = false;

/** Starts a script in a new Node process. */
export function startNode(options: ProcessOptions, channel?: "ipc"): NodeProcess {
  hookExit();
  const args = [
    // Not `--require`: with it, the SDK's runner does not load TypeScript programs as ES modules.
    "-r",
    preloadPath("child-preload"),
    ...(options.nodeArgs ?? []),
    options.script,
    ...options.args,
  ];
  // The child ends when the fourth stream closes, even if this process is killed.
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", "pipe", ...(channel === undefined ? [] : [channel])];
  // A separate process group, so that Ctrl+C in a terminal reaches only the engine, as with the CLI.
  const { cwd, env } = options;
  const child = spawn(nodePath(), args, { cwd, env, stdio, detached: true, windowsHide: true }) as Child;
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
  const signal = (name: NodeJS.Signals): void => void (running.has(child) && child.kill(name));
  return {
    exited,
    hasExited: () => !running.has(child),
    // The event loop reads everything that is available in one turn, in any order.
    flushOutput: () => new Promise((resolve) => void setImmediate(resolve)),
    signal,
    finish: () => signal("SIGINT"),
    abandon: () => killGroup(child),
    kill: () => killGroup(child),
    // An error means that the process has ended, which `exited` reports.
    send: (message) => void child.send(message, () => undefined),
    ...keepAlive(child),
  };
}

/** Whether a child and its streams keep this process alive. */
function keepAlive(child: Child): Pick<NodeProcess, "ref" | "unref"> {
  const parts = () => [child, child.channel, ...child.stdio] as ({ ref?(): void; unref?(): void } | null | undefined)[];
  return {
    ref: () => parts().forEach((part) => part?.ref?.()),
    unref: () => parts().forEach((part) => part?.unref?.()),
  };
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) onLine(line);
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform !== "win32") return void process.kill(-child.pid, "SIGKILL");
    // Windows has no groups to kill.
    spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
  } catch {
    // It has ended meanwhile, or has no group.
  }
  child.kill("SIGKILL");
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
    throw new Error(`${name} is not installed for the program in ${folder}: install its dependencies there`);
  }
}
