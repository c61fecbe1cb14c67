/** Objects behind a scripted API with latency, for tests of batched reads. Records the calls. */
import { BatchedReads, type Source } from "../../src/batched-reads/batched-reads.js";
import { type Wanted, WriteFence } from "../../src/batched-reads/write-fence.js";
import { FakeClock } from "./fake-clock.js";

export interface Thing {
  readonly id: string;
  readonly projectId: string;
  readonly phase: string;
}

/** The latency of each request in milliseconds. */
export const latency = 20;

/** Returns a UUID that ends with a number. */
export const uuid = (kind: "a" | "b", number: number) =>
  `${kind.repeat(8)}-0000-4000-8000-${String(number).padStart(12, "0")}`;
export const project = (number: number) => uuid("a", number);

/** Builds an object of a project, READY by default. */
export const thing = (number: number, of: number, phase = "READY"): Thing => ({
  id: uuid("b", number),
  projectId: project(of),
  phase,
});

export class Fleet {
  readonly clock = new FakeClock();
  readonly things = new Map<string, Thing>();
  /** The calls in order: `Get 3`, `List 1,2`, `List all`, `page`. */
  readonly calls: string[] = [];
  /** The time of each call. */
  readonly at: number[] = [];
  readonly writes = new WriteFence();
  readonly reads: BatchedReads<Thing>;
  pageSize = 100;
  /** Whether a rate limit delays calls. */
  isRateLimited = false;
  rateLimitDelayMs = 0;
  newestFirst = false;
  /** Whether List returns the objects of all projects. */
  ignoresFilter = false;
  /** Objects that List does not return yet. */
  readonly unlisted = new Set<string>();
  /** Runs before a page is returned. An error that it throws becomes the response. */
  onPage: (page: number, signal: AbortSignal) => void | Promise<void> = () => undefined;
  /** Runs before a Get is answered. */
  onGet: (id: string) => void = () => undefined;

  /** @param mayListAll whether one List may show the objects of all projects */
  constructor(things: readonly Thing[], least = 2, mayListAll = true) {
    for (const each of things) this.things.set(each.id, each);
    const source: Source<Thing> = {
      get: async (id, signal) => {
        signal?.throwIfAborted();
        this.#note(`Get ${short(id)}`);
        await this.clock.sleep(latency, signal);
        this.onGet(id);
        const found = this.things.get(id);
        if (found === undefined) throw new Error(`not_found ${short(id)}`);
        return found;
      },
      list: (projectIds, signal) => this.#pages(projectIds, signal),
      ...(mayListAll ? { listAll: (signal: AbortSignal) => this.#pages(undefined, signal) } : {}),
      isRateLimited: () => this.isRateLimited,
      rateLimitDelayMs: () => this.rateLimitDelayMs,
      projectOf: ({ projectId }) => projectId,
      isGone: ({ phase }) => phase === "DELETED",
      minObjects: least,
    };
    this.reads = new BatchedReads(source, this.clock, this.writes);
  }

  async *#pages(
    projectIds: readonly string[] | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Thing[], void, void> {
    const after = new Set<string>();
    for (let page = 1; ; page++) {
      this.#note(page === 1 ? `List ${projectIds?.map(short).join() ?? "all"}` : "page");
      const all = [...this.things.values()].filter(
        ({ id, projectId }) =>
          (this.ignoresFilter || projectIds?.includes(projectId) !== false) && !this.unlisted.has(id),
      );
      const rest = (this.newestFirst ? all.toReversed() : all).filter(({ id }) => !after.has(id));
      const items = rest.slice(0, this.pageSize);
      for (const { id } of items) after.add(id);
      await this.clock.sleep(latency, signal);
      await this.onPage(page, signal);
      yield items;
      if (rest.length <= this.pageSize) return;
    }
  }

  #note(call: string): void {
    this.calls.push(call);
    this.at.push(this.clock.monotonic());
  }

  /** Returns the calls since the last invocation. */
  asked(): string[] {
    this.at.length = 0;
    return this.calls.splice(0);
  }

  async read(...numbers: number[]): Promise<Thing[]> {
    return this.clock.run(Promise.all(numbers.map((number) => this.reads.read(this.wanted(number)))));
  }

  /** Reads objects like an engine: a fixed number concurrently, each followed by the next. */
  async refresh(numbers: readonly number[], parallel: number): Promise<void> {
    const left = [...numbers];
    const work = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        expect((await this.reads.read(this.wanted(next))).id).toBe(uuid("b", next));
      }
    };
    await this.clock.run(Promise.all(Array.from({ length: parallel }, work)));
  }

  /** Returns what a stack knows about an object. */
  wanted(number: number): Wanted {
    return this.things.get(uuid("b", number)) ?? { id: uuid("b", number), projectId: project(1) };
  }

  change(number: number, phase: string): void {
    const known = this.things.get(uuid("b", number));
    if (known !== undefined) this.things.set(known.id, { ...known, phase });
  }
}

const short = (id: string) => String(Number(id.slice(-12)));

/** Returns the numbers from 1. */
export const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Builds a fleet of one project with the given number of objects, numbered from 1. */
export const ofOneProject = (count: number, least?: number) =>
  new Fleet(
    numbers(count).map((number) => thing(number, 1)),
    least,
  );

export const phases = (things: readonly Thing[]) => things.map(({ phase }) => phase);
