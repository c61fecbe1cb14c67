/** Child processes of the engine: started apart from the terminal's signals, read by line, and never left behind. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";

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
  /** Resolves once the process has ended and all of its output was read. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** To be awaited when something has come from the process on another way: all that it printed before was read then. */
  heard(): Promise<void>;
  /** Sends a signal to the process. */
  signal(name: NodeJS.Signals): void;
  /** Ends the process at once, and what it has started too. */
  kill(): void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<Child>();
let exitHooked = false;

/** Starts Node with a script. */
export function startNode(options: ProcessOptions): RunningProcess {
  hookExit();
  // A process group of its own, so that ^C in a terminal reaches the engine alone, as with the CLI.
  const child = spawn(process.execPath, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const read = Promise.all([readLines(child.stdout, options.onStdout), readLines(child.stderr, options.onStderr)]);
  let ended = false;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", (error) => {
      ended = true;
      running.delete(child);
      reject(error);
    });
    child.once("exit", (code, signal) => {
      ended = true;
      running.delete(child);
      // A grandchild may hold the pipes open; its output is not ours to wait for.
      setImmediate(() => {
        void Promise.race([read, new Promise((done) => setTimeout(done, 200).unref())]).then(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          resolve({ code, signal });
        });
      });
    });
  });
  exited.catch(() => undefined);
  return {
    exited,
    hasExited: () => ended,
    // What comes from several sides at once is read in one turn of the event loop, in any order.
    heard: () => new Promise((resolve) => void setImmediate(resolve)),
    signal: (name) => void (ended || child.kill(name)),
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
  process.once("exit", () => {
    for (const child of running) killGroup(child);
  });
}

/** Says how a process ended, for a person. */
export function describeExit(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code ?? "unknown"}` : `signal ${exit.signal}`;
}
