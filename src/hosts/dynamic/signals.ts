/**
 * What happens to running creates when the process is told to exit.
 *
 * At the second Ctrl+C the engine stops listening and kills the process 5 s later. It keeps no id of a running create.
 * So creates learn of the signal and undo what they made, and the process exits when they have. The same signal also
 * ends every provider in the ordinary way, so it is listened to only while a create runs.
 */
import { exitTimeoutMs } from "../../lifecycle/interrupt.js";

// On Windows, the engine sends Ctrl+Break, which Node calls SIGBREAK. Elsewhere that one never comes.
const signals = ["SIGINT", "SIGTERM", "SIGBREAK"] as const;

/** The part of a process that the guard needs. */
export interface Interruptible {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/** Runs creates so that they learn when the process is told to exit. */
export class CreateGuard {
  readonly #process: Interruptible;
  readonly #running = new Set<Promise<unknown>>();
  readonly #interrupted = new AbortController();
  readonly #listener = (): void => this.#interrupt();

  constructor(process: Interruptible) {
    this.#process = process;
  }

  /** Runs a create. Its signal is aborted when the process is told to exit. */
  async run<T>(create: (interrupt: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.size === 0) for (const signal of signals) this.#process.on(signal, this.#listener);
    const running = create(this.#interrupted.signal);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      if (this.#running.size === 0) for (const signal of signals) this.#process.off(signal, this.#listener);
    }
  }

  #interrupt(): void {
    if (this.#interrupted.signal.aborted) return;
    this.#interrupted.abort(new Error("the process was told to exit"));
    const exit = () => this.#process.exit(130);
    setTimeout(exit, exitTimeoutMs);
    void Promise.allSettled(this.#running).then(exit);
  }
}
