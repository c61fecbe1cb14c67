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

/** Creates a clock that shows `start` now. Default: the real time. */
export function createClock(kind: ClockKind, start: number = Date.now()): Clock {
  let virtual = Math.floor(start);
  let offset = virtual - Date.now();
  const listeners = new Set<() => void>();
  const now = () => (kind === "virtual" ? virtual : Date.now() + offset);
  return {
    kind,
    now,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw new RangeError(`the clock can't be advanced by ${ms} ms: pass 0 or a positive number`);
      }
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
