/**
 * What happens to running creates when the process is told to end.
 *
 * At the second ^C the engine has stopped listening and kills the process 5 s later; of a running create it keeps no id. So creates learn of the signal, undo what they made,
 * and the process ends when they have. The same signal also ends every provider in the ordinary way: it is listened to only while a create runs.
 */
import { exitTimeoutMs } from "../../lifecycle/interrupt.js";

const signals = ["SIGINT", "SIGTERM"] as const;

/** A process as this room needs it. */
export interface Interruptible {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/** Runs creates so that they hear of the end of the process. */
export class CreateGuard {
  readonly #running = new Set<Promise<unknown>>();
  readonly #interrupted = new AbortController();
  readonly #listener = (): void => this.#end();

  constructor(private readonly process: Interruptible) {}

  /** Runs a create; its signal is aborted when the process is told to end. */
  async run<T>(create: (interrupt: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.size === 0) for (const signal of signals) this.process.on(signal, this.#listener);
    const running = create(this.#interrupted.signal);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      if (this.#running.size === 0) for (const signal of signals) this.process.off(signal, this.#listener);
    }
  }

  #end(): void {
    if (this.#interrupted.signal.aborted) return;
    this.#interrupted.abort(new Error("the process was told to end"));
    const exit = () => this.process.exit(130);
    setTimeout(exit, exitTimeoutMs);
    void Promise.allSettled(this.#running).then(exit);
  }
}
