/** A clock that the test controls. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/util/clock.js";

/** The start time of lifecycle tests, for our clock and the server's: milliseconds since 1970. */
export const epoch = Date.parse("2026-03-01T12:00:00Z");

/** One minute in milliseconds. */
export const minutes = 60_000;

interface Timer {
  readonly due: number;
  readonly milliseconds: number;
  readonly wake: () => void;
}

export interface FakeClockOptions {
  /** Sleeps up to this length end at once. For tests with real sockets, whose timeouts must not fire. */
  readonly passing?: number;
}

export class FakeClock implements Clock {
  /** The lengths of the completed sleeps in milliseconds, in order. */
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

  /** The lengths of the pending sleeps. */
  get pending(): number[] {
    return this.#timers.map(({ milliseconds }) => milliseconds);
  }

  /** Advances the clock, sleep by sleep. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await quiet();
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#wake(timer);
      await quiet();
    }
    this.#now = end;
  }

  /** Advances the clock until a promise settles that waits only for this clock. Returns its result. */
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

/** Resolves when everything that needs no time has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
