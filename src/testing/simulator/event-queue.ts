/**
 * What will happen by itself, ordered by time. Nothing runs in the background, so the state depends on the clock alone.
 */

interface QueuedEvent {
  readonly at: number;
  readonly run: () => void;
}

/** Events that run when the time is moved past them. */
export class EventQueue {
  /** Everything up to this moment has happened. While an event runs, it is that event's moment. */
  now: number;
  /** The next event is the last one. */
  readonly #events: QueuedEvent[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Runs a function `ms` milliseconds from now. Of two at the same moment, the one added first runs first. */
  after(ms: number, run: () => void): void {
    const at = this.now + ms;
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Runs every event that is due by the given moment, in order. */
  runUntil(moment: number): void {
    for (let next = this.#events.at(-1); next !== undefined && next.at <= moment; next = this.#events.at(-1)) {
      this.#events.pop();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = Math.max(this.now, moment);
  }
}
