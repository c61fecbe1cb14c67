/** Virtual time for a provider that runs in the test's own process: when nothing is left to do but wait, the simulator's clock goes ahead to the end of the wait. */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { Clock } from "../../src/util/clock.js";
import type { Simulator } from "../../src/testing/simulator/index.js";

/** A simulated process; what runs for it neither waits nor calls the API any more once it is dead. */
export interface Life {
  dead: boolean;
  /** Hears each line of its output. */
  print(line: string): void;
}

/** Tells for which process something runs. */
export const lives = new AsyncLocalStorage<Life>();

interface Sleeper {
  readonly due: number;
  readonly life: Life | undefined;
  readonly wake: () => void;
}

/** A request as undici tells of it. */
interface Sent {
  readonly path: string;
  readonly method: string;
  readonly body: unknown;
}

/** What happens at moments of a run. */
export interface Watcher {
  /** A request is about to leave, the n-th of the run. */
  onRequest(count: number): void;
  /** A call hangs and nothing else is left to do; true: something was done about it, so that time need not pass yet. */
  onStall(): boolean;
}

/** The clock of a simulator, on which waits of this process take no time. One at a time. */
export class VirtualClock implements Clock {
  #sim: Simulator | undefined;
  #watcher: Watcher | undefined;
  readonly #sleepers = new Set<Sleeper>();
  readonly #inFlight = new Set<Sent>();
  readonly #hung = new Set<Sent>();
  #hangs = 0;
  #requests = 0;
  #looking = false;
  /** Counts the reasons to look, so that one that comes in the middle of a look begins it anew. */
  #looks = 0;

  constructor() {
    subscribe("undici:request:create", (message) => {
      const sent = requestOf(message);
      if (sent === undefined) return;
      this.#inFlight.add(sent);
      this.#watcher?.onRequest(++this.#requests);
    });
    const ended = (message: unknown) => {
      const sent = requestOf(message);
      if (sent === undefined) return;
      this.#inFlight.delete(sent);
      this.#hung.delete(sent);
      this.#look();
    };
    subscribe("undici:request:headers", (message) => {
      // A log may be a live one, which ends only when the time has come.
      if (requestOf(message)?.method === "GET") ended(message);
    });
    subscribe("undici:request:trailers", ended);
    subscribe("undici:request:error", ended);
  }

  /** Follows another simulator. */
  follow(sim: Simulator, watcher: Watcher): void {
    this.#sim = sim;
    this.#watcher = watcher;
    for (const sleepers of [this.#sleepers, this.#inFlight, this.#hung]) sleepers.clear();
    this.#hangs = 0;
    this.#requests = 0;
  }

  /** Waits until no request is on its way that will be answered: those of a process that died may still arrive. */
  async quiet(): Promise<void> {
    for (;;) {
      this.#noteHangs();
      if (this.#inFlight.size <= this.#hung.size) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** How many requests have left: as long as that grows, a run does not stand still. */
  get requests(): number {
    return this.#requests;
  }

  /** What it waits for, for people who look into a run that stands still. */
  describe(): string {
    const requests = [...this.#inFlight].map((sent) => `${sent.path}${this.#hung.has(sent) ? " (hangs)" : ""}`);
    return `${requests.length} requests (${requests.join(", ")}), ${this.#sleepers.size} waits`;
  }

  monotonic(): number {
    return this.wall();
  }

  wall(): number {
    return this.#sim?.clock.now() ?? 0;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      const abort = end(() => reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted")));
      const sleeper: Sleeper = {
        due: this.wall() + Math.max(0, milliseconds),
        life: lives.getStore(),
        wake: end(resolve),
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort);
      this.#sleepers.add(sleeper);
      this.#look();
    });
  }

  /** Looks, after a few turns of the loop, whether all that is left to do is to wait. */
  #look(): void {
    const look = ++this.#looks;
    if (this.#looking) return;
    this.#looking = true;
    turns(4, () => {
      this.#looking = false;
      // Something ended in the middle of it, and what follows from that may take as long.
      if (look !== this.#looks) return this.#look();
      if (this.#inFlight.size > this.#hung.size) this.#noteHangs();
      if (this.#inFlight.size > this.#hung.size) {
        // An answer comes with an event of its own; that a call hangs shows only when one looks.
        setTimeout(() => this.#look(), 1);
        return;
      }
      if (this.#hung.size > 0 && this.#watcher?.onStall() === true) return this.#look();
      const next = [...this.#sleepers]
        .filter(({ life }) => life?.dead !== true)
        .reduce<Sleeper | undefined>(
          (first, each) => (first === undefined || each.due < first.due ? each : first),
          undefined,
        );
      if (next === undefined) return;
      this.#sim?.clock.advance(Math.max(0, Math.ceil(next.due - this.wall())));
      next.wake();
      this.#look();
    });
  }

  /** Finds out which of the requests on their way the simulator will never answer. */
  #noteHangs(): void {
    const hangs = this.#sim?.requests.filter(({ fault }) => fault === "hang") ?? [];
    for (const { rpc, body } of hangs.slice(this.#hangs)) {
      const text = JSON.stringify(body);
      const sent = [...this.#inFlight].find(
        (each) =>
          !this.#hung.has(each) &&
          (each.method === "GET"
            ? rpc === "PrebuildLogs"
            : each.path.endsWith(`/${rpc}`) && String(each.body) === text),
      );
      if (sent !== undefined) this.#hung.add(sent);
    }
    this.#hangs = hangs.length;
  }
}

function turns(left: number, then: () => void): void {
  setImmediate(() => (left === 0 ? then() : turns(left - 1, then)));
}

function requestOf(message: unknown): Sent | undefined {
  return typeof message === "object" && message !== null && "request" in message
    ? (message.request as Sent)
    : undefined;
}
