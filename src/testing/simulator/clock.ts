/** The simulator's time: virtual (it stands still until it is moved) or real (it runs and can be moved ahead). */

/** `virtual` time stands still until it is moved. `real` time runs and can be moved ahead. */
export type ClockKind = "virtual" | "real";

export interface Clock {
  readonly kind: ClockKind;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the time ahead and returns the new time. Time never goes back. */
  advance(ms: number): number;
  /** Calls the listener whenever the time is moved. The result removes the listener. */
  onMove(listener: () => void): () => void;
}

/** The most that one call can move the time: 31 days. More would block the server while everything due happens. */
export const maxAdvanceMs = 31 * 24 * 3_600_000;

/** The end of the year 9999, the last one that the API's timestamps can express. */
const maxTime = Date.UTC(10_000, 0) - 1;

/** Creates a clock that shows `start` now. Default: the real time. */
export function createClock(kind: ClockKind, start: number = Date.now()): Clock {
  if (!(start >= 0 && start <= maxTime)) throw new RangeError(`now must be from 1970 to 9999: got ${start}`);
  let virtual = Math.floor(start);
  let offset = virtual - Date.now();
  const listeners = new Set<() => void>();
  const now = () => (kind === "virtual" ? virtual : Date.now() + offset);
  return {
    kind,
    now,
    advance(ms) {
      if (!(ms >= 0 && ms <= maxAdvanceMs)) {
        throw new RangeError(
          `the clock can't be advanced by ${ms} ms: pass a number from 0 to ${maxAdvanceMs} (31 days)`,
        );
      }
      if (now() + ms > maxTime) throw new RangeError("the clock can't be advanced beyond the year 9999");
      virtual += ms;
      offset += ms;
      if (ms > 0) for (const listener of [...listeners]) listener();
      return now();
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
