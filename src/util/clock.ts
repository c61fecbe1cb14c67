/** Time: what it is, and how to wait. */
import { performance } from "node:perf_hooks";
import timers from "node:timers/promises";

/** A source of time. The package uses {@link systemClock}. Tests pass their own or control the process from outside. */
export interface Clock {
  /** Milliseconds since an arbitrary moment. Never goes backwards. For durations. */
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
 * Returns the time by the server's clock, or by ours before its first response: milliseconds since 1970.
 * @param server knows the server's time at a moment of `clock.monotonic()`
 */
export function serverNow(server: { serverTimeAt(moment: number): number | undefined }, clock: Clock): number {
  return server.serverTimeAt(clock.monotonic()) ?? clock.wall();
}

/** The longest timer of Node: 24.8 days. A longer one fires at once. */
const maxTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  async sleep(milliseconds, signal) {
    for (; milliseconds > maxTimerMs; milliseconds -= maxTimerMs) await sleepOnce(maxTimerMs, signal);
    await sleepOnce(milliseconds, signal);
  },
};

/**
 * Calls `whenOver` after `milliseconds`, unless the timer is stopped before.
 * @returns what stops it
 */
export function startTimer(clock: Clock, milliseconds: number, whenOver: () => void): () => void {
  const stop = new AbortController();
  clock.sleep(milliseconds, stop.signal).then(
    () => stop.signal.aborted || whenOver(),
    () => undefined,
  );
  // With a reason, because Node would make an error with a stack trace.
  return () => stop.abort(null);
}

async function sleepOnce(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // Called as a property of the module, so that a preload can control the time of a provider process.
  await timers.setTimeout(milliseconds, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
