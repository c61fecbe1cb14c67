/** A clock whose sleeps are under the test's control. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/util/clock.js";

/** When the tests of a lifecycle begin, by our clock and by the server's: milliseconds since 1970. */
export const epoch = Date.parse("2026-03-01T12:00:00Z");

/** Milliseconds of a minute. */
export const minutes = 60_000;

interface Timer {
  readonly due: number;
  readonly milliseconds: number;
  readonly wake: () => void;
}

export interface FakeClockOptions {
  /** Sleeps up to this long pass by themselves, in no real time. For tests with real sockets, whose time-outs must not. */
  readonly passing?: number;
}

export class FakeClock implements Clock {
  /** The sleeps that came to their end, in milliseconds, in order. */
  readonly slept: number[] = [];
  #now = 0;
  #timers: Timer[] = [];
  readonly #passing: number;

  constructor({ passing = -1 }: FakeClockOptions = {}) {
    this.#passing = passing;
  }

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return epoch + this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (milliseconds <= this.#passing) {
      this.#now += milliseconds;
      this.slept.push(milliseconds);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
        reject(signal?.reason as Error);
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        this.slept.push(milliseconds);
        resolve();
      };
      const timer: Timer = { due: this.#now + Math.max(0, milliseconds), milliseconds, wake };
      signal?.addEventListener("abort", stop, { once: true });
      this.#timers.push(timer);
    });
  }

  /** The lengths of the sleeps that are under way. */
  get pending(): number[] {
    return this.#timers.map(({ milliseconds }) => milliseconds);
  }

  /** Lets time pass, sleep by sleep. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await quiet();
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#wake(timer);
      await quiet();
    }
    this.#now = end;
  }

  /** Lets as much time pass as a promise needs that waits for nothing else; gives its result. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => (settled = true);
    promise.then(settle, settle);
    for (await quiet(); !settled; await quiet()) {
      const timer = this.#next();
      if (timer === undefined) throw new Error("waits for something that is no sleep");
      this.#wake(timer);
    }
    return promise;
  }

  #next(): Timer | undefined {
    return this.#timers.toSorted((a, b) => a.due - b.due)[0];
  }

  #wake(timer: Timer): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
    this.#now = Math.max(this.#now, timer.due);
    timer.wake();
  }
}

/** Everything that needs no time has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
