/**
 * Reads of many objects at nearly the same time share one List of their projects, so that a refresh of 500 pools stays
 * within the API's rate limit.
 *
 *   read ──► write to its project in progress, or Lists are failing? ─► Get
 *     ├────► the project's List is newer than 30 s and than our writes ─► ask it ─┬─► shown ──► answer
 *     ├────► fewer than minObjects reads in 30 s? ──────────────────────► Get     │
 *     ├────► two Lists work already? ─► ask one of all projects ─► shown? answer  │
 *     └────► wait 5 ms for more projects, start a List ─────────────────► ask it ─┴─► not shown, gone,
 *                                                                         other project, failed ─► Get
 *
 * A poll is a read that no earlier List may answer. So the result is always what Get would return, or its error.
 */
import { chunk } from "../client/filters.js";
import type { Clock } from "../util/clock.js";
import { type Pages, SharedList } from "./shared-list.js";
import { normalizeId } from "../util/uuid.js";
import { isProjectId, type Wanted, type WriteFence } from "./write-fence.js";

/** The maximum age of a List that answers a read. */
export const maxListAgeMs = 30_000;
/** How long to wait for more projects before a List starts. */
export const gatherMs = 5;
/** The longest such wait, if a rate limit would delay the List anyway. */
export const maxGatherMs = 1_000;
/** How many Lists of some projects come before one of all projects: the stack may have only a few projects. */
const listsBeforeAll = 2;
/** How many pages a List of all projects may take beyond one per project that it answers for: others may have many. */
const maxExtraPages = 3;
/** If a List takes this long to fail, no List starts for a while: an API that hangs must not delay each project. */
const slowFailureMs = 5_000;

/** How objects of one kind are read. */
export interface Source<Item> {
  get(id: string, signal: AbortSignal | undefined): Promise<Item>;
  /** Starts a List of as many projects as a filter takes. */
  list(projectIds: readonly string[], signal: AbortSignal): Pages<Item>;
  /** Starts a List of all projects. Left out if it would show far more objects than are in stacks. */
  readonly listAll?: (signal: AbortSignal) => Pages<Item>;
  isRateLimited(): boolean;
  rateLimitDelayMs(): number;
  projectOf(item: Item): string | undefined;
  isGone(item: Item): boolean;
  /** From how many objects within {@link maxListAgeMs} a List may take fewer calls than Gets. */
  readonly minObjects: number;
}

/** A List that has started. */
interface StartedList<Item extends { readonly id: string }> {
  readonly list: SharedList<Item>;
  /** See {@link WriteFence.startList}. */
  readonly number: number;
  /** When it started, by `clock.monotonic()`. */
  readonly startedAt: number;
}

/** A List of all projects. */
interface ListOfAll<Item extends { readonly id: string }> extends StartedList<Item> {
  /** The projects that it has answered for. */
  readonly answeredFor: Set<string>;
}

/** Projects that are gathered for a List. */
interface Batch<Item extends { readonly id: string }> {
  /** How many objects are wanted, by project. */
  readonly wanted: Map<string, number>;
  /** Whether a read is among them: later reads can use its List. */
  hasRead: boolean;
  /** By project, once {@link gathered} has resolved. */
  readonly lists: Map<string, StartedList<Item>>;
  readonly gathered: Promise<void>;
}

/** Reads the objects of one kind through one client. */
export class BatchedReads<Item extends { readonly id: string }> {
  readonly #source: Source<Item>;
  readonly #clock: Clock;
  readonly #fence: WriteFence;
  /** The newest List of each project. */
  readonly #lists = new Map<string, StartedList<Item>>();
  /** The newest List of all projects. */
  #all: ListOfAll<Item> | undefined;
  /** When each object was last wanted, oldest first. */
  readonly #wantedAt = new Map<string, number>();
  #batch: Batch<Item> | undefined;
  /** Until when no List starts, by `clock.monotonic()`. */
  #pausedUntil = -Infinity;

  /** @param fence the writes of the whole process to objects of this kind */
  constructor(source: Source<Item>, clock: Clock, fence: WriteFence) {
    this.#source = source;
    this.#clock = clock;
    this.#fence = fence;
  }

  /**
   * Reads an object as it was within {@link maxListAgeMs}, after every write of this process. Throws what Get throws.
   */
  async read(wanted: Wanted, signal?: AbortSignal): Promise<Item> {
    return (await this.#find(wanted, "read", signal)) ?? this.#source.get(wanted.id, signal);
  }

  /** Reads an object as it is now: the request that answers starts after this call. Throws what Get throws. */
  async poll(wanted: Wanted, signal?: AbortSignal): Promise<Item> {
    return (await this.#find(wanted, "poll", signal)) ?? this.#source.get(wanted.id, signal);
  }

  /** What a List shows of an object, if one may answer and does. */
  async #find({ id, projectId }: Wanted, purpose: "read" | "poll", signal?: AbortSignal): Promise<Item | undefined> {
    if (!isProjectId(projectId)) return undefined;
    const project = normalizeId(projectId);
    const isAlone = this.#isAlone(normalizeId(id));
    if (!this.#mayList(project)) return undefined;
    const known = this.#usableList(project);
    // If the last List failed the next one would, too: a refusal must not cost every read two calls.
    if (known?.list.state === "failed") return undefined;
    const ask = (started: StartedList<Item> | undefined) => this.#ask(started, { id, project }, signal);
    if (purpose === "read" && known !== undefined && known.list.isWorking) return ask(known);
    if (isAlone) return undefined;
    const all = purpose === "read" ? this.#listOfAll(project) : undefined;
    const item = all === undefined ? undefined : await ask(all);
    if (item !== undefined) {
      all?.answeredFor.add(project);
      return item;
    }
    return this.#mayList(project) ? ask(await this.#gather(project, purpose)) : undefined;
  }

  async #ask(
    started: StartedList<Item> | undefined,
    { id, project }: { readonly id: string; readonly project: string },
    signal?: AbortSignal,
  ): Promise<Item | undefined> {
    const item = await started?.list.find(normalizeId(id), signal);
    if (started?.list.state === "failed") {
      const now = this.#clock.monotonic();
      if (now - started.startedAt >= slowFailureMs) this.#pausedUntil = now + maxListAgeMs;
    }
    if (started === undefined || item === undefined || !this.#fence.mayAnswer(started.number, project))
      return undefined;
    return !this.#source.isGone(item) && this.#source.projectOf(item) === project ? item : undefined;
  }

  #mayList(project: string): boolean {
    return !this.#fence.isFenced(project) && this.#clock.monotonic() >= this.#pausedUntil;
  }

  /** Whether so few objects are wanted that Gets take the fewest calls. */
  #isAlone(id: string): boolean {
    const now = this.#clock.monotonic();
    this.#wantedAt.delete(id);
    this.#wantedAt.set(id, now);
    for (const [other, at] of this.#wantedAt) {
      if (now - at <= maxListAgeMs) break;
      this.#wantedAt.delete(other);
    }
    return this.#wantedAt.size < this.#source.minObjects;
  }

  /** The newest List of a project, unless it is too old or a write has made it stale. */
  #usableList(project: string): StartedList<Item> | undefined {
    const started = this.#lists.get(project);
    if (started === undefined || !this.#isFresh(started)) return undefined;
    return this.#fence.mayAnswer(started.number, project) ? started : undefined;
  }

  /** A List of all projects that may answer for this one, if so many projects are wanted that it saves calls. */
  #listOfAll(project: string): ListOfAll<Item> | undefined {
    const { listAll } = this.#source;
    if (listAll === undefined) return undefined;
    if (this.#all === undefined || !this.#isFresh(this.#all)) {
      this.#all = undefined;
      this.#forgetOldLists();
      const working = new Set([...this.#lists.values()].filter(({ list }) => list.isWorking));
      if (working.size < listsBeforeAll) return undefined;
      const answeredFor = new Set<string>();
      this.#all = { ...this.#start(listAll, () => maxExtraPages + answeredFor.size), answeredFor };
    }
    const all = this.#all;
    return all.list.isWorking && this.#fence.mayAnswer(all.number, project) ? all : undefined;
  }

  #forgetOldLists(): void {
    for (const [project, started] of this.#lists) if (!this.#isFresh(started)) this.#lists.delete(project);
  }

  #start(pages: (signal: AbortSignal) => Pages<Item>, maxPages?: () => number): StartedList<Item> {
    const list = new SharedList(pages, this.#clock, () => this.#source.isRateLimited(), maxPages);
    return { list, number: this.#fence.startList(), startedAt: this.#clock.monotonic() };
  }

  #isFresh({ startedAt }: StartedList<Item>): boolean {
    return this.#clock.monotonic() - startedAt <= maxListAgeMs;
  }

  /** A List that starts shortly, or undefined if Gets take fewer calls. */
  async #gather(project: string, purpose: "read" | "poll"): Promise<StartedList<Item> | undefined> {
    const batch = (this.#batch ??= this.#startBatch());
    batch.wanted.set(project, (batch.wanted.get(project) ?? 0) + 1);
    if (purpose === "read") batch.hasRead = true;
    await batch.gathered;
    return batch.lists.get(project);
  }

  #startBatch(): Batch<Item> {
    const pauseMs = Math.min(Math.max(gatherMs, this.#source.rateLimitDelayMs()), maxGatherMs);
    const gathered = this.#clock.sleep(pauseMs).then(() => {
      this.#batch = undefined;
      this.#startLists(batch);
    });
    const batch: Batch<Item> = { wanted: new Map(), hasRead: false, lists: new Map(), gathered };
    return batch;
  }

  #startLists({ wanted, hasRead, lists }: Batch<Item>): void {
    this.#forgetOldLists();
    const projects = [...wanted.keys()].filter((project) => !this.#fence.isFenced(project));
    for (const group of chunk(projects)) {
      const objects = group.reduce((sum, project) => sum + (wanted.get(project) ?? 0), 0);
      // No other call could use the List of a lone poll.
      if (!hasRead && objects < this.#source.minObjects) continue;
      const started = this.#start((signal) => this.#source.list(group, signal));
      for (const project of group) {
        lists.set(project, started);
        this.#lists.set(project, started);
      }
    }
  }
}
