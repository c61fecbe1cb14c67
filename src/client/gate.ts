/**
 * A rate limit that one call meets, kept by all: the API's word to come back later holds for every call of the process, and afterwards they do not all come at once.
 *
 * A refusal closes the gate for the time that the server asked for. Then calls go on in the order in which they came, one at first, then twice as many at a time as long as none is
 * refused. Where the server refuses more often in a row than a call may be sent again, all that wait fail together instead of each on its own.
 */
import type { Clock } from "../clock.js";

/** So many calls at a time need no gate any more. */
const enough = 256;

/** A call that is through the gate. */
export interface Passage {
  /** The call was not refused for its rate, whatever else became of it. */
  through(): void;
  /** The call was refused, and `milliseconds` is how long to wait. */
  refused(milliseconds: number, reason: Error): void;
}

interface Waiter {
  readonly place: number;
  wake(): void;
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
  #refusedInARow = 0;
  #throughInARow = 0;
  #places = 0;
  /** By place. */
  #waiting: Waiter[] = [];

  /** @param mostRefusals how often in a row the server may refuse before all that wait fail */
  constructor(clock: Clock, mostRefusals: number) {
    this.#clock = clock;
    this.#mostRefusals = mostRefusals;
  }

  /** A place in the order of calls; a call keeps it when it is sent again. */
  place(): number {
    return this.#places++;
  }

  /**
   * Waits until a call may be sent. The passage has to be told how it ended.
   * @throws the reason of the signal, or the last refusal where there were too many
   */
  async enter(place: number, signal: AbortSignal | undefined): Promise<Passage> {
    while (!this.#isOpenTo(place)) await this.#wait(place, signal);
    this.#underWay++;
    const round = this.#round;
    const end = () => {
      this.#underWay--;
      this.#wakeNext();
    };
    return {
      through: () => {
        this.#refusedInARow = 0;
        if (round === this.#round && ++this.#throughInARow >= this.#width) {
          this.#width = this.#width * 2 >= enough ? Infinity : this.#width * 2;
          this.#throughInARow = 0;
        }
        end();
      },
      refused: (milliseconds, reason) => {
        this.#opensAt = Math.max(this.#opensAt, this.#clock.monotonic() + milliseconds);
        if (round === this.#round) {
          this.#round++;
          this.#refusedInARow++;
          this.#width = 1;
          this.#throughInARow = 0;
          if (this.#refusedInARow > this.#mostRefusals) this.#failAll(reason);
        }
        end();
      },
    };
  }

  #isOpenTo(place: number): boolean {
    if (this.#clock.monotonic() < this.#opensAt) return false;
    const before = this.#waiting.filter((other) => other.place < place).length;
    return this.#underWay + before < this.#width;
  }

  /** Waits until it is worth looking again. */
  async #wait(place: number, signal: AbortSignal | undefined): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const ended = new AbortController();
    const waiter: Waiter = { place, wake: woken.resolve, fail: woken.reject };
    this.#waiting = [...this.#waiting, waiter].sort((a, b) => a.place - b.place);
    const closedFor = this.#opensAt - this.#clock.monotonic();
    const stop = AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]);
    const abort = () => woken.reject(stop.reason instanceof Error ? stop.reason : new Error("stopped"));
    if (closedFor > 0) this.#clock.sleep(closedFor, stop).then(woken.resolve, abort);
    else if (stop.aborted) abort();
    else stop.addEventListener("abort", abort, { once: true });
    try {
      await woken.promise;
    } catch (error) {
      this.#leave(waiter);
      this.#wakeNext();
      throw error;
    } finally {
      this.#leave(waiter);
      ended.abort();
    }
  }

  #leave(waiter: Waiter): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiter);
  }

  /** Lets those look again for whom there is room. */
  #wakeNext(): void {
    if (this.#clock.monotonic() < this.#opensAt) return;
    for (const waiter of this.#waiting.slice(0, Math.max(0, this.#width - this.#underWay))) waiter.wake();
  }

  #failAll(reason: Error): void {
    this.#refusedInARow = 0;
    for (const waiter of this.#waiting) waiter.fail(reason);
  }
}
