// The simulator's time: virtual (it stands still until it is moved) or real (it runs, and can be moved on).

/** Whether time stands still until it is moved, or runs. */
export type ClockKind = "virtual" | "real";

export interface Clock {
  readonly kind: ClockKind;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves time on and returns the new moment; 0 only reads it. Time never goes back. */
  advance(ms: number): number;
  /** Calls the listener whenever time was moved; the returned function ends that. */
  onMove(listener: () => void): () => void;
}

/** Makes a clock that shows `start` (the real moment if left out) now. */
export function createClock(kind: ClockKind, start: number = Date.now()): Clock {
  let virtual = Math.floor(start);
  let offset = virtual - Date.now();
  const listeners = new Set<() => void>();
  const now = () => (kind === "virtual" ? virtual : Date.now() + offset);
  return {
    kind,
    now,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`time can be advanced by 0 ms or more, not by ${ms}`);
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
