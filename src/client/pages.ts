/** The pages of a List, and their items as one sequence. */
import { OnaError } from "./errors.js";
import type { Rpc } from "./schemas.js";

/** One page. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

/**
 * Yields the items of each page, which is fetched when it is needed.
 * @param fetchPage fetches the page of a token. The first page's token is empty
 * @throws OnaError if a page token repeats, which would never end
 */
export async function* pagesOf<T>(
  rpc: Rpc,
  fetchPage: (token: string) => Promise<Page<T>>,
): AsyncGenerator<readonly T[], void, void> {
  const seen = new Set<string>();
  for (let token = ""; ;) {
    const page = await fetchPage(token);
    yield page.items;
    token = page.nextToken;
    if (token === "") return;
    if (seen.has(token))
      throw new OnaError({ rpc, code: "internal", origin: "unreadable", detail: "the server repeated a page token" });
    seen.add(token);
  }
}

/** Yields the items of all pages. */
export async function* itemsOf<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, void> {
  for await (const page of pages) yield* page;
}
