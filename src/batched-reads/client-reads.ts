/** Batched reads through an API client, for pools and prebuilds. */
import type { OnaClient } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { BatchedReads, type Source } from "./batched-reads.js";
import type { WriteFence } from "./write-fence.js";

export type RateLimitedClient = Pick<OnaClient, "isRateLimited" | "rateLimitDelayMs">;

interface ApiObject {
  readonly id: string;
  readonly metadata?: { readonly projectId?: string | undefined } | undefined;
  readonly status?: { readonly phase?: string | undefined } | undefined;
}

/**
 * The batched reads of one kind of object.
 * @param calls how the objects are read, and from how many objects on a List may take fewer calls than Gets
 * @returns also `note`, which records the project of an object that a response describes
 */
export function readThrough<Item extends ApiObject>(
  client: RateLimitedClient,
  clock: Clock,
  fence: WriteFence,
  calls: Pick<Source<Item>, "get" | "list" | "minObjects">,
): { reads: BatchedReads<Item>; note: (response: Promise<Item>) => Promise<Item> } {
  const source: Source<Item> = {
    ...calls,
    isRateLimited: () => client.isRateLimited,
    rateLimitDelayMs: () => client.rateLimitDelayMs,
    projectOf: ({ metadata }) => metadata?.projectId,
    isGone: ({ status }) => status?.phase === "DELETED",
  };
  return {
    reads: new BatchedReads(source, clock, fence),
    async note(response) {
      const item = await response;
      fence.note({ id: item.id, projectId: item.metadata?.projectId });
      return item;
    },
  };
}
