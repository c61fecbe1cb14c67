/** Processes that run one script after the other, so that they load the large libraries of the SDK only once. */
import { randomUUID } from "node:crypto";
import { startNode, type Exit, type NodeProcess, type ProcessOptions, type RunningProcess } from "./child-process.js";
import { preloadPath } from "./preload.js";

/** A script that runs in a process of the pool. */
interface Job {
  readonly options: ProcessOptions;
  readonly endMark: string;
  readonly ended: PromiseWithResolvers<Exit>;
  /** The exit code, once the standard output has ended. */
  code?: number;
  hasEnded: boolean;
  /** How many of its two outputs have ended. */
  endedOutputs: number;
}

/** How long a process waits for the next script, in milliseconds. */
const idleTimeoutMs = 60_000;

/** Each script gets a process that no other script uses. Idle processes end, and don't keep this process alive. */
export class ProcessPool {
  readonly #all = new Set<Host>();

  /** Starts a script in an idle process, or in a new one. */
  start(options: ProcessOptions): RunningProcess {
    const key = keyOf(options);
    for (const host of this.#all) if (host.hasExited()) this.#all.delete(host);
    const idle = [...this.#all].find((host) => host.isIdle() && host.key === key);
    const host = idle ?? new Host(options, key);
    this.#all.add(host);
    return host.run(options);
  }
}

/** Scripts share a process only if what Node and ts-node read at their start is the same. */
function keyOf({ nodeArgs = [], env }: ProcessOptions): string {
  const atStart = Object.entries(env).filter(([name]) => /^(?:NODE|TS_NODE)_/.test(name));
  return JSON.stringify([nodeArgs, atStart.sort()]);
}

class Host {
  readonly key: string;
  readonly #process: NodeProcess;
  #job: Job | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor({ cwd, env, nodeArgs = [] }: ProcessOptions, key: string) {
    this.key = key;
    this.#process = startNode(
      {
        cwd,
        env,
        nodeArgs,
        script: preloadPath("reusable-process"),
        args: [],
        onStdout: (line) => this.#onLine(line, "onStdout"),
        onStderr: (line) => this.#onLine(line, "onStderr"),
      },
      "ipc",
    );
    this.#process.exited.then(
      (exit) => this.#end(exit),
      (error: unknown) => this.#job?.ended.reject(error),
    );
  }

  hasExited(): boolean {
    return this.#process.hasExited();
  }

  isIdle(): boolean {
    return this.#job === undefined && !this.#isEnding;
  }

  run(options: ProcessOptions): RunningProcess {
    const { script, args, cwd, env } = options;
    const job: Job = {
      options,
      endMark: `end ${randomUUID()} `,
      ended: Promise.withResolvers(),
      hasEnded: false,
      endedOutputs: 0,
    };
    job.ended.promise.catch(() => undefined);
    this.#job = job;
    clearTimeout(this.#idle);
    this.#process.ref();
    this.#process.send({ script, args, cwd, env, endMark: job.endMark });
    return {
      exited: job.ended.promise,
      hasExited: () => job.hasEnded,
      flushOutput: () => this.#process.flushOutput(),
      signal: (name) => void (job.hasEnded || this.#process.signal(name)),
      finish: () => void (job.hasEnded || this.#process.send("finish")),
      abandon: () => void (job.hasEnded || this.#process.send("abandon")),
      kill: () => void (job.hasEnded || this.#process.kill()),
    };
  }

  #onLine(line: string, stream: "onStdout" | "onStderr"): void {
    const job = this.#job;
    if (job === undefined) return;
    const at = line.indexOf(job.endMark.trimEnd());
    if (at < 0) return job.options[stream](line);
    // The script's last line may lack a line break.
    if (at > 0) job.options[stream](line.slice(0, at));
    if (stream === "onStdout") {
      const [code, last] = line.slice(at + job.endMark.length).split(" ");
      job.code = Number(code);
      if (last !== undefined) this.#isEnding = true;
    }
    if (++job.endedOutputs === 2) this.#end({ code: job.code ?? 0, signal: null });
  }

  #end(exit: Exit): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#job = undefined;
    this.#process.unref();
    const kill = (): void => {
      this.#isEnding = true;
      this.#process.kill();
    };
    if (this.#isEnding) kill();
    else this.#idle = setTimeout(kill, idleTimeoutMs).unref();
    job.hasEnded = true;
    job.ended.resolve(exit);
  }
}
