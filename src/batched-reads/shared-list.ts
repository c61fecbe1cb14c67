/**
 * One List that many readers share: its pages are fetched as long as somebody waits for an object that was not on one
 * of them yet.
 */
import type { Clock } from "../util/clock.js";

/**
 * How long a page may take, retries included, before its readers go their own ways, in milliseconds. While a rate limit
 * holds calls back it counts anew: their own ways would be held back, too.
 */
export const pagePatience = 30_000;

/** The pages of a List, each fetched when it is asked for. */
export type Pages<Item> = AsyncGenerator<readonly Item[], void, void>;

interface Reader<Item> {
  readonly id: string;
  readonly answer: (item: Item | undefined) => void;
}

/** A List under way, and what it has shown. It never rejects: who hears of nothing asks in another way. */
export class Listing<Item extends { readonly id: string }> {
  readonly #pages: Pages<Item>;
  readonly #clock: Clock;
  readonly #isRateLimited: () => boolean;
  readonly #stop = new AbortController();
  readonly #shown = new Map<string, Item>();
  readonly #readers = new Set<Reader<Item>>();
  #state: "open" | "ended" | "failed" | "abandoned" = "open";
  #pulling = false;
  #fetched = 0;
  #asked = 0;

  /**
   * @param list begins the List; the signal ends it
   * @param isRateLimited whether a rate limit holds calls back at the moment
   */
  constructor(list: (signal: AbortSignal) => Pages<Item>, clock: Clock, isRateLimited: () => boolean = () => false) {
    this.#pages = list(this.#stop.signal);
    this.#clock = clock;
    this.#isRateLimited = isRateLimited;
  }

  /** Whether a page could not be had. What the others have shown then counts no more. */
  get failed(): boolean {
    return this.#state === "failed";
  }

  /** Whether all of its readers went away while a page was on its way, which was not waited for. */
  get abandoned(): boolean {
    return this.#state === "abandoned";
  }

  /**
   * What it shows of an object; the last page that has it counts.
   * @param signal lets this reader go, and none of the others
   * @returns undefined where it shows nothing, where it failed, and where it has become longer than asking for each
   * object would be
   */
  async find(id: string, signal?: AbortSignal): Promise<Item | undefined> {
    this.#asked++;
    const shown = this.#shown.get(id);
    if (shown !== undefined || this.#state !== "open" || signal?.aborted === true) return shown;
    return new Promise((resolve) => {
      const leave = () => {
        this.#readers.delete(reader);
        resolve(undefined);
        if (this.#readers.size === 0 && this.#pulling) this.#abandon();
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

  /** Fetches pages while somebody waits, and not more of them than would be asked for one by one. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (this.#state === "open" && this.#readers.size > 0 && this.#fetched < this.#asked) {
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
    this.#losePatience(arrived.signal).then(
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

  async #losePatience(arrived: AbortSignal): Promise<void> {
    do await this.#clock.sleep(pagePatience, arrived);
    while (this.#isRateLimited());
  }

  #show(page: readonly Item[]): void {
    for (const item of page) this.#shown.set(item.id, item);
    for (const { id, answer } of this.#readers) {
      const shown = this.#shown.get(id);
      if (shown !== undefined) answer(shown);
    }
  }

  #abandon(): void {
    this.#state = "abandoned";
    this.#stop.abort();
  }
}
