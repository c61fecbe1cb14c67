/** How lifecycles read pools and prebuilds through an API client. */
import { type CallOptions, ignoreNotFound, type OnaClient } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { BatchedReads, type Source } from "./batched-reads.js";
import type { Wanted, WriteFence } from "./write-fence.js";

export type RateLimitedClient = Pick<OnaClient, "isRateLimited" | "rateLimitDelayMs">;

interface ApiObject {
  readonly id: string;
  readonly metadata?: { readonly projectId?: string | undefined } | undefined;
  readonly status?: { readonly phase?: string | undefined } | undefined;
}

/** The calls that read objects of one kind. */
export interface Calls<Item> extends Pick<Source<Item>, "list" | "listAll" | "minObjects"> {
  get(id: string, options: CallOptions): Promise<Item>;
}

/** Reads objects of one kind. A read is undefined if the API answers `not_found`. */
export interface ObjectReads<Details> {
  /** The object as it is now. */
  get(id: string, options: CallOptions): Promise<Details | undefined>;
  /** The object as it is now, for one of many waits: polls share Lists. */
  poll(wanted: Wanted, signal: AbortSignal): Promise<Details | undefined>;
  /** The object as it was at most 30 s ago, for a refresh: reads share Lists. */
  read(wanted: Wanted): Promise<Details | undefined>;
}

/** @returns also `note`, which records the project of an object that a response describes */
export function readThrough<Item extends ApiObject, Details>(
  client: RateLimitedClient,
  clock: Clock,
  fence: WriteFence,
  calls: Calls<Item>,
  detailsOf: (item: Item) => Details,
): { reads: ObjectReads<Details>; note: (response: Promise<Item>) => Promise<Item> } {
  const source: Source<Item> = {
    ...calls,
    get: (id, signal) => calls.get(id, { signal }),
    isRateLimited: () => client.isRateLimited,
    rateLimitDelayMs: () => client.rateLimitDelayMs,
    projectOf: ({ metadata }) => metadata?.projectId,
    isGone: ({ status }) => status?.phase === "DELETED",
  };
  const batched = new BatchedReads(source, clock, fence);
  const note = async (response: Promise<Item>): Promise<Item> => {
    const item = await response;
    fence.note({ id: item.id, projectId: item.metadata?.projectId });
    return item;
  };
  return {
    reads: {
      get: (id, options) => ignoreNotFound(note(calls.get(id, options)).then(detailsOf)),
      poll: (wanted, signal) => ignoreNotFound(batched.poll(wanted, signal).then(detailsOf)),
      read: (wanted) => ignoreNotFound(batched.read(wanted).then(detailsOf)),
    },
    note,
  };
}
