/** Time as the rest of the package sees it: what the time is, and how to let some of it pass. */
import { performance } from "node:perf_hooks";
import timers from "node:timers/promises";

/** A source of time. The package uses {@link systemClock}; tests pass their own or control the process from outside. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes backwards. For durations. */
  monotonic(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z. For comparisons with times that the API reports. */
  wall(): number;
  /**
   * Resolves after `milliseconds`.
   * @param signal rejects the wait with its reason as soon as it is aborted
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The time by the server's clock, as of its last answer, or by ours where it has not told: milliseconds since 1970.
 * @param server tells the server's time at a moment of `clock.monotonic()`
 */
export function serverNow(server: { serverTimeAt(moment: number): number | undefined }, clock: Clock): number {
  return server.serverTimeAt(clock.monotonic()) ?? clock.wall();
}

/** The longest that a timer of Node can be set for, in milliseconds: 24.8 days. */
const longestTimer = 2 ** 31 - 1;

/** The clock of this process. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  async sleep(milliseconds, signal) {
    // A timer that is set for longer than Node can count goes off at once.
    for (; milliseconds > longestTimer; milliseconds -= longestTimer) await pass(longestTimer, signal);
    await pass(milliseconds, signal);
  },
};

async function pass(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // Called as a property of the module, so that a preload can put another time under a running provider.
  await timers.setTimeout(milliseconds, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
