/**
 * Reads in bulk: objects that are asked for at nearly the same time are answered from one List of their projects
 * instead of a Get each. Knows neither Pulumi nor what the objects are.
 *
 * A List only ever spares a Get. What it does not show, shows as gone, or shows in another project is asked for by Get,
 * and so is everything once it has failed: absence and errors are those of Get alone. And it tells nothing of a project
 * that it may have seen before a write of ours was answered.
 */
import { chunk } from "../client/filters.js";
import type { Clock } from "../util/clock.js";
import { Listing, type Pages } from "./shared-list.js";
import { isProject, normal, type Wanted, Writes } from "./write-fence.js";

/** How long before a read the List may have begun that answers it, in milliseconds. */
export const freshness = 30_000;
/** How long the projects of one List are gathered, in milliseconds. */
export const gathering = 5;
/**
 * How long they are at most where a rate limit would hold the List back anyway, in milliseconds: what comes meanwhile
 * spares a call.
 */
export const longestGathering = 1_000;
/**
 * How long a List may fail for before the next is put off, whatever its projects, in milliseconds: an API that hangs
 * must not hold up each project in turn.
 */
const slowFailure = 5_000;

/** How the API is asked for objects of one kind. */
export interface Source<Item> {
  get(id: string, signal: AbortSignal | undefined): Promise<Item>;
  /** Begins a List of as many projects as a filter takes. */
  list(projectIds: readonly string[], signal: AbortSignal): Pages<Item>;
  /** Whether a rate limit holds calls back at the moment. */
  isRateLimited(): boolean;
  /** How long one would hold back a call that was made now, in milliseconds. */
  rateLimitDelayMs(): number;
  projectOf(item: Item): string | undefined;
  /** Whether the object is not there any more. */
  isGone(item: Item): boolean;
  /** From how many objects on, asked for within {@link freshness}, a List may pay. */
  readonly least: number;
}

/** A List, with what decides whether it may answer. */
interface Begun<Item extends { readonly id: string }> {
  readonly listing: Listing<Item>;
  /** In the order in which they began. */
  readonly number: number;
  /** When it began, by `clock.monotonic()`. */
  readonly at: number;
}

/** Projects that are gathered for a List. */
interface Batch<Item extends { readonly id: string }> {
  /** How many objects are asked for, by project. */
  readonly asked: Map<string, number>;
  /** Whether a read is among them: its List can serve those that follow. */
  hasRead: boolean;
  /** By project; there once {@link gathered} is. */
  readonly lists: Map<string, Begun<Item>>;
  readonly gathered: Promise<void>;
}

/** Reads the objects of one kind, through one client. */
export class BulkReads<Item extends { readonly id: string }> {
  readonly #source: Source<Item>;
  readonly #clock: Clock;
  readonly #writes: Writes;
  /** The newest List of each project. */
  readonly #lists = new Map<string, Begun<Item>>();
  /** When each object was last asked for, the longest ago first. */
  readonly #asked = new Map<string, number>();
  #batch: Batch<Item> | undefined;
  /** Until when no List is asked for anything, by `clock.monotonic()`. */
  #pausedUntil = -Infinity;

  /** @param writes what of the objects is written, by whomever in this process */
  constructor(source: Source<Item>, clock: Clock, writes: Writes) {
    this.#source = source;
    this.#clock = clock;
    this.#writes = writes;
  }

  /**
   * Reads an object as it was no more than {@link freshness} ago, and after every write of ours to its project.
   * @throws what Get throws, and nothing else
   */
  async read(wanted: Wanted, signal?: AbortSignal): Promise<Item> {
    return (await this.#listed(wanted, "read", signal)) ?? this.#source.get(wanted.id, signal);
  }

  /**
   * Looks at an object as it is now: the request that answers begins after this call. Looks at several objects within
   * {@link gathering} share a List.
   * @throws what Get throws, and nothing else
   */
  async poll(wanted: Wanted, signal?: AbortSignal): Promise<Item> {
    return (await this.#listed(wanted, "poll", signal)) ?? this.#source.get(wanted.id, signal);
  }

  /** See {@link Writes.note}. */
  note(wanted: Wanted): void {
    this.#writes.note(wanted);
  }

  /** What a List says of an object, if one may answer and does. */
  async #listed({ id, projectId }: Wanted, purpose: "read" | "poll", signal?: AbortSignal): Promise<Item | undefined> {
    if (!isProject(projectId)) return undefined;
    const project = normal(projectId);
    const alone = this.#isAlone(normal(id));
    if (this.#writes.isUnderWay(project) || this.#clock.monotonic() < this.#pausedUntil) return undefined;
    const known = this.#known(project);
    // Where the last one failed the next would too: a refusal must not cost every read two calls.
    if (known?.listing.failed === true) return undefined;
    const usable = purpose === "read" && known?.listing.abandoned === false ? known : undefined;
    const begun = usable ?? (alone ? undefined : await this.#gather(project, purpose));
    const item = await begun?.listing.find(normal(id), signal);
    if (begun?.listing.failed === true) this.#noteFailure(begun);
    if (begun === undefined || item === undefined || !this.#mayTell(begun, project)) return undefined;
    const shown = !this.#source.isGone(item) && this.#source.projectOf(item) === project;
    return shown ? item : undefined;
  }

  #noteFailure({ at }: Begun<Item>): void {
    const now = this.#clock.monotonic();
    if (now - at >= slowFailure) this.#pausedUntil = now + freshness;
  }

  /** Whether so few objects are being asked for that a Get each is the least. */
  #isAlone(id: string): boolean {
    const now = this.#clock.monotonic();
    this.#asked.delete(id);
    this.#asked.set(id, now);
    for (const [other, at] of this.#asked) {
      if (now - at <= freshness) break;
      this.#asked.delete(other);
    }
    return this.#asked.size < this.#source.least;
  }

  /** The newest List of a project, unless it is too old or spoilt. */
  #known(project: string): Begun<Item> | undefined {
    const begun = this.#lists.get(project);
    return begun !== undefined && this.#isFresh(begun) && this.#mayTell(begun, project) ? begun : undefined;
  }

  #isFresh({ at }: Begun<Item>): boolean {
    return this.#clock.monotonic() - at <= freshness;
  }

  #mayTell({ number }: Begun<Item>, project: string): boolean {
    return this.#writes.mayTell(number, project);
  }

  /** A List that begins shortly, or undefined where none pays. */
  async #gather(project: string, purpose: "read" | "poll"): Promise<Begun<Item> | undefined> {
    const batch = (this.#batch ??= this.#startBatch());
    batch.asked.set(project, (batch.asked.get(project) ?? 0) + 1);
    if (purpose === "read") batch.hasRead = true;
    await batch.gathered;
    return batch.lists.get(project);
  }

  #startBatch(): Batch<Item> {
    const pause = Math.min(Math.max(gathering, this.#source.rateLimitDelayMs()), longestGathering);
    const gathered = this.#clock.sleep(pause).then(() => {
      this.#batch = undefined;
      this.#begin(batch);
    });
    const batch: Batch<Item> = { asked: new Map(), hasRead: false, lists: new Map(), gathered };
    return batch;
  }

  #begin({ asked, hasRead, lists }: Batch<Item>): void {
    for (const [project, begun] of this.#lists) if (!this.#isFresh(begun)) this.#lists.delete(project);
    const projects = [...asked.keys()].filter((project) => !this.#writes.isUnderWay(project));
    for (const group of chunk(projects)) {
      const objects = group.reduce((sum, project) => sum + (asked.get(project) ?? 0), 0);
      // The List for a lone poll would serve nobody else.
      if (!hasRead && objects < this.#source.least) continue;
      const listing = new Listing(
        (signal) => this.#source.list(group, signal),
        this.#clock,
        () => this.#source.isRateLimited(),
      );
      const begun = { listing, number: this.#writes.beginList(), at: this.#clock.monotonic() };
      for (const project of group) {
        lists.set(project, begun);
        this.#lists.set(project, begun);
      }
    }
  }
}
