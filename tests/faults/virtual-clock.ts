/** Virtual time for providers in this process: when nothing is left to do but wait, the simulator's clock jumps to the end of the wait. */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { Simulator } from "../../src/testing/simulator/index.js";
import type { Clock } from "../../src/util/clock.js";

/** A simulated process. Once it is dead, its code neither waits nor calls the API. */
export interface SimulatedProcess {
  dead: boolean;
  /** Receives each line of its output. */
  print(line: string): void;
}

/** The process whose code is running. */
export const currentProcess = new AsyncLocalStorage<SimulatedProcess>();

interface Sleeper {
  readonly dueAt: number;
  readonly owner: SimulatedProcess | undefined;
  readonly wake: () => void;
}

/** A request as undici reports it. */
interface Sent {
  readonly path: string;
  readonly method: string;
  readonly body: unknown;
}

/** Reacts to moments of a run. */
export interface Watcher {
  /** A request is about to be sent. @param path of its URL, if it is known */
  onRequest(path?: string): void;
  /** A call hangs and nothing else is left to do. Returns true if it did something about it, so time must not pass yet. */
  onStall(): boolean;
}

/** The clock of one simulator at a time. Waits of this process take no time on it. */
export class VirtualClock implements Clock {
  #sim: Simulator | undefined;
  #watcher: Watcher | undefined;
  readonly #sleepers = new Set<Sleeper>();
  readonly #inFlight = new Set<Sent>();
  readonly #hung = new Set<Sent>();
  #hangs = 0;
  #requests = 0;
  #checking = false;
  /** Counts the reasons to check, so that one that arrives during a check starts it again. */
  #checks = 0;

  constructor() {
    subscribe("undici:request:create", (message) => {
      const sent = requestOf(message);
      if (sent === undefined) return;
      this.#inFlight.add(sent);
      this.#requests++;
      this.#watcher?.onRequest(sent.path);
    });
    const ended = (message: unknown) => {
      const sent = requestOf(message);
      if (sent === undefined) return;
      this.#inFlight.delete(sent);
      this.#hung.delete(sent);
      this.#checkIdle();
    };
    subscribe("undici:request:headers", (message) => {
      // A live log ends only when its run does, so a GET counts as answered once its headers are here.
      if (requestOf(message)?.method === "GET") ended(message);
    });
    subscribe("undici:request:trailers", ended);
    subscribe("undici:request:error", ended);
  }

  /** Follows another simulator. */
  follow(sim: Simulator, watcher: Watcher): void {
    this.#sim = sim;
    this.#watcher = watcher;
    for (const set of [this.#sleepers, this.#inFlight, this.#hung]) set.clear();
    this.#hangs = 0;
    this.#requests = 0;
  }

  /** Replaces the watcher. */
  watch(watcher: Watcher): void {
    this.#watcher = watcher;
  }

  /** Waits until every request in flight has been answered or hangs. Requests of a dead process may still arrive. */
  async quiet(): Promise<void> {
    for (;;) {
      this.#noteHangs();
      if (this.#inFlight.size <= this.#hung.size) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** The number of requests sent. */
  get requests(): number {
    return this.#requests;
  }

  /** What a stuck run waits for. */
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
        dueAt: this.wall() + Math.max(0, milliseconds),
        owner: currentProcess.getStore(),
        wake: end(resolve),
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort);
      this.#sleepers.add(sleeper);
      this.#checkIdle();
    });
  }

  /** Checks, after a few turns of the event loop, whether waiting is all that is left to do. If so, time jumps ahead. */
  #checkIdle(): void {
    const check = ++this.#checks;
    if (this.#checking) return;
    this.#checking = true;
    afterTurns(4, () => {
      this.#checking = false;
      // Something ended during the check, and its consequences may take as long.
      if (check !== this.#checks) return this.#checkIdle();
      if (this.#inFlight.size > this.#hung.size) this.#noteHangs();
      if (this.#inFlight.size > this.#hung.size) {
        // An answer triggers a check by itself. A call that starts to hang triggers nothing.
        setTimeout(() => this.#checkIdle(), 1);
        return;
      }
      if (this.#hung.size > 0 && this.#watcher?.onStall() === true) return this.#checkIdle();
      const [next] = [...this.#sleepers]
        .filter(({ owner }) => owner?.dead !== true)
        .sort((first, second) => first.dueAt - second.dueAt);
      if (next === undefined) return;
      this.#sim?.clock.advance(Math.max(0, Math.ceil(next.dueAt - this.wall())));
      next.wake();
      this.#checkIdle();
    });
  }

  /** Finds the requests in flight that the simulator will never answer. */
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

function afterTurns(turns: number, act: () => void): void {
  setImmediate(() => (turns === 0 ? act() : afterTurns(turns - 1, act)));
}

function requestOf(message: unknown): Sent | undefined {
  return typeof message === "object" && message !== null && "request" in message
    ? (message.request as Sent)
    : undefined;
}
