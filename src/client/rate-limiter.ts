/**
 * Makes all calls of a process obey a rate limit that one of them meets. Otherwise each of 500 resources would retry on
 * its own and mostly be refused again, and `pulumi up` would fail although it only had to wait a minute.
 *
 *   OPEN ──── refused ───▶ CLOSED for the server's delay ──── over ───▶ PROBING: 1 call in flight, then 2, 4, 8 …
 *     ▲                      ▲                                            │     while none is refused
 *     │                      └──────────────── refused ───────────────────┤
 *     └──────────────────────────── 256 in flight ────────────────────────┘
 *
 * Calls go in the order in which they came. From the second refusal on they also keep an interval: the time per call
 * that passed since the refusal before. Each passing call shortens it by 5 %, until a limit that was lifted is
 * forgotten. If an RPC is refused more often in a row than a call may be retried, all its waiting calls fail together.
 * Other RPCs go on.
 */
import { type Clock, startTimer } from "../util/clock.js";

/** With this many calls in flight there is no limit any more. */
const maxInFlightLimit = 256;
/** What each passing call leaves of the interval: 14 of them double the rate. */
const intervalDecay = 0.95;
/** How a refusal stretches the interval if the calls before it did not use all the time. */
const intervalGrowth = 1.5;
/** Below this the interval is dropped. */
const minIntervalMs = 4;
const maxIntervalMs = 30_000;

/** Must be called when a request has ended, with its refusal if it was refused for its rate. */
export type EndRequest = (refusal?: { readonly delayMs: number; readonly reason: Error }) => void;

interface Waiter {
  readonly rpc: string;
  readonly position: number;
  admit(): void;
  fail(reason: Error): void;
}

export class RateLimiter {
  readonly #clock: Clock;
  readonly #maxRefusals: number;
  #closedUntil = -Infinity;
  #maxInFlight = Infinity;
  #inFlight = 0;
  /** Counts refusals. Calls that were in flight together count as one. */
  #round = 0;
  readonly #refusalsInARow = new Map<string, number>();
  #passedInARow = 0;
  /** 0 until the rate is known. */
  #intervalMs = 0;
  #nextSlotAt = -Infinity;
  /** Since the last refusal: how many calls passed, and whether others were waiting all the time. */
  #measured = { since: -Infinity, passed: 0, busy: false };
  #positions = 0;
  /** By position. */
  readonly #waiting: Waiter[] = [];
  /** Stops the one timer that all waiters share. */
  #stopTimer: (() => void) | undefined;

  /** @param maxRefusals how often in a row an RPC may be refused before all its waiting calls fail */
  constructor(clock: Clock, maxRefusals: number) {
    this.#clock = clock;
    this.#maxRefusals = maxRefusals;
  }

  /** Returns a position in the queue. A call keeps it when it is sent again. */
  takePosition(): number {
    return this.#positions++;
  }

  /** Whether calls are held back, so that how long one takes says nothing about the server. */
  get isLimiting(): boolean {
    return this.#maxInFlight < Infinity || this.#intervalMs > 0 || this.#closedForMs() > 0;
  }

  /** How long a call that came now would wait, as far as that is known. */
  get delayMs(): number {
    return Math.max(0, this.#closedForMs()) + this.#waiting.length * this.#intervalMs;
  }

  /**
   * Waits until a request may be sent.
   * @throws the reason of the signal, or the last refusal if there were too many
   */
  async acquire(rpc: string, position: number, signal: AbortSignal | undefined): Promise<EndRequest> {
    if (this.#waiting.length === 0 && this.#hasRoom() && this.#closedForMs() <= 0) this.#admit();
    else await this.#wait(rpc, position, signal);
    const round = this.#round;
    return (refusal) => {
      if (refusal === undefined) {
        this.#refusalsInARow.delete(rpc);
        if (round === this.#round) this.#notePassed();
      } else {
        this.#closedUntil = Math.max(this.#closedUntil, this.#clock.monotonic() + refusal.delayMs);
        if (round === this.#round) this.#noteRefused(rpc, refusal.reason);
      }
      this.#inFlight--;
      this.#admitWaiting();
    };
  }

  #notePassed(): void {
    this.#measured.passed++;
    this.#intervalMs *= intervalDecay;
    if (this.#intervalMs < minIntervalMs) this.#intervalMs = 0;
    if (++this.#passedInARow < this.#maxInFlight) return;
    this.#maxInFlight = this.#maxInFlight * 2 >= maxInFlightLimit ? Infinity : this.#maxInFlight * 2;
    this.#passedInARow = 0;
  }

  #noteRefused(rpc: string, reason: Error): void {
    this.#round++;
    this.#maxInFlight = 1;
    this.#passedInARow = 0;
    const now = this.#clock.monotonic();
    const { since, passed, busy } = this.#measured;
    const intervalMs = busy && passed > 0 ? (now - since) / passed : this.#intervalMs * intervalGrowth;
    this.#intervalMs = Math.min(intervalMs, maxIntervalMs);
    this.#measured = { since: now, passed: 0, busy: true };
    const refusals = (this.#refusalsInARow.get(rpc) ?? 0) + 1;
    this.#refusalsInARow.set(rpc, refusals);
    if (refusals <= this.#maxRefusals) return;
    this.#refusalsInARow.delete(rpc);
    for (const waiter of this.#waiting.filter((each) => each.rpc === rpc)) waiter.fail(reason);
  }

  #admit(): void {
    this.#inFlight++;
    if (this.#waiting.length === 0) this.#measured.busy = false;
    if (this.#intervalMs > 0) this.#nextSlotAt = this.#clock.monotonic() + this.#intervalMs;
  }

  #hasRoom(): boolean {
    return this.#inFlight < this.#maxInFlight;
  }

  #closedForMs(): number {
    return Math.max(this.#closedUntil, this.#nextSlotAt) - this.#clock.monotonic();
  }

  async #wait(rpc: string, position: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let admit = () => {};
    let refuse: (reason: unknown) => void = () => {};
    const admitted = new Promise<void>((resolve, reject) => {
      admit = resolve;
      refuse = reject;
    });
    const leave = (reason: unknown) => {
      const index = this.#waiting.indexOf(waiter);
      if (index >= 0) this.#waiting.splice(index, 1);
      refuse(reason);
    };
    const waiter: Waiter = {
      rpc,
      position,
      admit: () => {
        this.#admit();
        admit();
      },
      fail: leave,
    };
    const abort = () => {
      leave(signal?.reason);
      this.#admitWaiting();
    };
    signal?.addEventListener("abort", abort, { once: true });
    // New calls come last, refused ones return to where they were.
    const before = this.#waiting.findLastIndex((other) => other.position < position);
    this.#waiting.splice(before + 1, 0, waiter);
    this.#admitWaiting();
    try {
      await admitted;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Admits waiting calls as long as there is room, and comes back when the limiter opens. */
  #admitWaiting(): void {
    // Read once for both uses: at a second reading the limiter may have opened.
    let closedForMs = this.#closedForMs();
    for (; closedForMs <= 0 && this.#waiting.length > 0 && this.#hasRoom(); closedForMs = this.#closedForMs())
      this.#waiting.shift()?.admit();
    if (this.#waiting.length > 0 && closedForMs > 0) return this.#startTimer(closedForMs);
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #startTimer(delayMs: number): void {
    this.#stopTimer ??= startTimer(this.#clock, delayMs, () => {
      this.#stopTimer = undefined;
      this.#admitWaiting();
    });
  }
}
