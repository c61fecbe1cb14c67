/**
 * One List that many readers share, so that a refresh of 500 pools takes 8 calls and not 500.
 *
 *   open ──► page by page, while a reader waits for an object that no page has shown yet
 *    ├─► ended      the last page was read
 *    ├─► failed     a page failed, or took 30 s: what the others have shown does not count
 *    └─► abandoned  the last reader left while a page was on its way
 *
 * A reader that gets no answer uses Get, so a List never makes a read fail.
 */
import type { Clock } from "../util/clock.js";

/** How long a page may take before its readers use Get. Starts again while a rate limit delays calls: Gets wait too. */
export const pageTimeoutMs = 30_000;

/** The pages of a List, each fetched on demand. */
export type Pages<Item> = AsyncGenerator<readonly Item[], void, void>;

interface Reader<Item> {
  readonly id: string;
  readonly answer: (item: Item | undefined) => void;
}

/** A List in progress, and what it has shown. */
export class SharedList<Item extends { readonly id: string }> {
  readonly #pages: Pages<Item>;
  readonly #clock: Clock;
  readonly #isRateLimited: () => boolean;
  readonly #maxPages: () => number;
  readonly #stop = new AbortController();
  readonly #shown = new Map<string, Item>();
  readonly #readers = new Set<Reader<Item>>();
  #state: "open" | "ended" | "failed" | "abandoned" = "open";
  #pulling = false;
  #fetched = 0;
  #asked = 0;

  /**
   * @param list starts the List; the signal ends it
   * @param maxPages how many pages it may take by now; default: as many as Gets would be needed
   */
  constructor(
    list: (signal: AbortSignal) => Pages<Item>,
    clock: Clock,
    isRateLimited: () => boolean = () => false,
    maxPages = () => this.#asked,
  ) {
    this.#pages = list(this.#stop.signal);
    this.#clock = clock;
    this.#isRateLimited = isRateLimited;
    this.#maxPages = maxPages;
  }

  /** See above. */
  get state(): "open" | "ended" | "failed" | "abandoned" {
    return this.#state;
  }

  /** Whether readers can use what it has shown. */
  get isWorking(): boolean {
    return this.#state === "open" || this.#state === "ended";
  }

  /**
   * What the last page that has an object shows of it. Undefined if there is none, if the List failed, and if it takes
   * more calls than Gets would. The signal releases only this reader.
   */
  async find(id: string, signal?: AbortSignal): Promise<Item | undefined> {
    this.#asked++;
    const shown = this.#shown.get(id);
    if (shown !== undefined || this.#state !== "open" || signal?.aborted === true) return shown;
    return new Promise((resolve) => {
      const leave = () => {
        this.#readers.delete(reader);
        resolve(undefined);
        if (this.#readers.size > 0 || !this.#pulling) return;
        this.#state = "abandoned";
        this.#stop.abort();
      };
      const answer = (item: Item | undefined) => {
        this.#readers.delete(reader);
        signal?.removeEventListener("abort", leave);
        resolve(item);
      };
      const reader = { id, answer };
      signal?.addEventListener("abort", leave, { once: true });
      this.#readers.add(reader);
      void this.#pull();
    });
  }

  /** Fetches pages while readers wait. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (this.#state === "open" && this.#readers.size > 0 && this.#fetched < this.#maxPages()) {
        const page = await this.#nextPage();
        this.#fetched++;
        if (page === undefined) this.#state = "ended";
        else this.#show(page);
      }
    } catch {
      if (this.#state === "open") this.#state = "failed";
    }
    if (this.#state === "failed" || this.#state === "abandoned") this.#shown.clear();
    this.#pulling = false;
    for (const { answer } of this.#readers) answer(undefined);
  }

  async #nextPage(): Promise<readonly Item[] | undefined> {
    const arrived = new AbortController();
    this.#waitForTimeout(arrived.signal).then(
      () => this.#stop.abort(),
      () => undefined,
    );
    try {
      const page = await this.#pages.next();
      return page.done === true ? undefined : page.value;
    } finally {
      arrived.abort();
    }
  }

  async #waitForTimeout(arrived: AbortSignal): Promise<void> {
    do await this.#clock.sleep(pageTimeoutMs, arrived);
    while (this.#isRateLimited());
  }

  #show(page: readonly Item[]): void {
    for (const item of page) this.#shown.set(item.id, item);
    for (const { id, answer } of this.#readers) {
      const shown = this.#shown.get(id);
      if (shown !== undefined) answer(shown);
    }
  }
}
