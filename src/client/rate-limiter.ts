/**
 * A rate limit that one call meets, kept by all: the API's word to come back later holds for every call of the process, and afterwards they do not all come at once.
 *
 * A refusal closes the gate for the time that the server asked for. Then calls go on in the order in which they came, one at first, then twice as many at a time as long as none is
 * refused. What got through between two refusals, while calls were waiting all the time, is the rate that the server grants: from then on calls keep to it, a little faster with each one
 * that gets through, so that few are sent in vain. Where the server refuses an RPC more often in a row than a call may be sent again, all calls of it that wait fail together instead of each on its own. A limit that one RPC has
 * for itself fails no other.
 */
import type { Clock } from "../util/clock.js";

/** So many calls at a time need no gate any more. */
const enough = 256;
/** What is left of the pause between calls after each one that gets through: the rate doubles with 14 of them. */
const speedUp = 0.95;
/** By how much it grows with a refusal that came when not all the time was used. */
const slowDown = 1.5;
/** A pause that is no longer needed, and the longest one, in milliseconds. */
const shortestPause = 4;
const longestPause = 30_000;

/** A call that is through the gate. */
export interface Passage {
  /** The call was not refused for its rate, whatever else became of it. */
  through(): void;
  /** The call was refused, and `milliseconds` is how long to wait. */
  refused(milliseconds: number, reason: Error): void;
}

interface Waiter {
  readonly rpc: string;
  readonly place: number;
  /** Lets it through: it counts as under way from now on. */
  admit(): void;
  fail(reason: Error): void;
}

/** The gate of one client. */
export class RateGate {
  readonly #clock: Clock;
  readonly #mostRefusals: number;
  #opensAt = -Infinity;
  /** How many calls may be under way at a time. */
  #width = Infinity;
  #underWay = 0;
  /** Counts how often the gate was closed, so that calls which were under way together count as one refusal. */
  #round = 0;
  /** By RPC. */
  readonly #refusedInARow = new Map<string, number>();
  #throughInARow = 0;
  /** The milliseconds between two calls at the rate that the server grants; 0 while that is not known. */
  #pause = 0;
  /** When the next call may be sent at that rate. */
  #nextAt = -Infinity;
  /** When the server refused last, how many got through since, and whether others waited all the time. */
  #measured = { since: -Infinity, through: 0, busy: false };
  #places = 0;
  /** By place. */
  readonly #waiting: Waiter[] = [];
  /** Ends the wait for the moment when the gate opens; there is one for all. */
  #opening: AbortController | undefined;

  /** @param mostRefusals how often in a row the server may refuse an RPC before all calls of it that wait fail */
  constructor(clock: Clock, mostRefusals: number) {
    this.#clock = clock;
    this.#mostRefusals = mostRefusals;
  }

  /** A place in the order of calls; a call keeps it when it is sent again. */
  place(): number {
    return this.#places++;
  }

  /** Whether calls are held back, so that how long one takes says nothing of the server. */
  get isHolding(): boolean {
    return this.#width < Infinity || this.#pause > 0 || this.#closedFor() > 0;
  }

  /** The milliseconds that a call would wait which came now, as far as that is known. */
  get wait(): number {
    return Math.max(0, this.#closedFor()) + this.#waiting.length * this.#pause;
  }

  /**
   * Waits until a call may be sent. The passage has to be told how it ended.
   * @throws the reason of the signal, or the last refusal where there were too many
   */
  async enter(rpc: string, place: number, signal: AbortSignal | undefined): Promise<Passage> {
    if (this.#waiting.length === 0 && this.#hasRoom() && this.#closedFor() <= 0) this.#send();
    else await this.#wait(rpc, place, signal);
    const round = this.#round;
    const end = () => {
      this.#underWay--;
      this.#advance();
    };
    return {
      through: () => {
        this.#refusedInARow.delete(rpc);
        if (round === this.#round) this.#noteThrough();
        end();
      },
      refused: (milliseconds, reason) => {
        this.#opensAt = Math.max(this.#opensAt, this.#clock.monotonic() + milliseconds);
        if (round === this.#round) {
          this.#round++;
          this.#width = 1;
          this.#throughInARow = 0;
          this.#measure();
          const refusals = (this.#refusedInARow.get(rpc) ?? 0) + 1;
          this.#refusedInARow.set(rpc, refusals);
          if (refusals > this.#mostRefusals) this.#failAll(rpc, reason);
        }
        end();
      },
    };
  }

  #noteThrough(): void {
    this.#measured.through++;
    this.#pause *= speedUp;
    if (this.#pause < shortestPause) this.#pause = 0;
    if (++this.#throughInARow < this.#width) return;
    this.#width = this.#width * 2 >= enough ? Infinity : this.#width * 2;
    this.#throughInARow = 0;
  }

  /** The rate that the server grants is what it granted since it refused before, if calls were waiting all the time. */
  #measure(): void {
    const now = this.#clock.monotonic();
    const { since, through, busy } = this.#measured;
    const measured = busy && through > 0 ? (now - since) / through : this.#pause * slowDown;
    this.#pause = Math.min(measured, longestPause);
    this.#measured = { since: now, through: 0, busy: true };
  }

  /** A call is under way from now on. */
  #send(): void {
    this.#underWay++;
    if (this.#waiting.length === 0) this.#measured.busy = false;
    if (this.#pause > 0) this.#nextAt = this.#clock.monotonic() + this.#pause;
  }

  #hasRoom(): boolean {
    return this.#underWay < this.#width;
  }

  /** The milliseconds until it opens; none where it is open. */
  #closedFor(): number {
    return Math.max(this.#opensAt, this.#nextAt) - this.#clock.monotonic();
  }

  /** Waits to be let through, which happens in the order of places. */
  async #wait(rpc: string, place: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const admitted = Promise.withResolvers<void>();
    const waiter: Waiter = {
      rpc,
      place,
      admit: () => {
        this.#send();
        admitted.resolve();
      },
      fail: admitted.reject,
    };
    const abort = () => {
      this.#leave(waiter);
      admitted.reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    // Most come last; those that were refused come back to where they were.
    const before = this.#waiting.findLastIndex((other) => other.place < place);
    this.#waiting.splice(before + 1, 0, waiter);
    this.#advance();
    try {
      await admitted.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #leave(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#advance();
  }

  /** Lets through those for whom there is room, and looks again when the gate opens. */
  #advance(): void {
    // One look for both: by a second one it may have opened.
    let closedFor = this.#closedFor();
    for (; closedFor <= 0 && this.#waiting.length > 0 && this.#hasRoom(); closedFor = this.#closedFor())
      this.#waiting.shift()?.admit();
    if (this.#waiting.length > 0 && closedFor > 0) return this.#waitForOpening(closedFor);
    this.#opening?.abort();
    this.#opening = undefined;
  }

  #waitForOpening(milliseconds: number): void {
    if (this.#opening !== undefined) return;
    const opening = new AbortController();
    this.#opening = opening;
    const over = () => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    this.#clock.sleep(milliseconds, opening.signal).then(() => {
      over();
      this.#advance();
    }, over);
  }

  #failAll(rpc: string, reason: Error): void {
    this.#refusedInARow.delete(rpc);
    const waiting = this.#waiting.splice(0);
    this.#waiting.push(...waiting.filter((waiter) => waiter.rpc !== rpc));
    for (const waiter of waiting) if (waiter.rpc === rpc) waiter.fail(reason);
  }
}
