/** Single steps with a warm pool at the API, from which its lifecycle is made. */
import { isNotFound, isOutcomeUnknown, isTransient, type OnaClient } from "../client/index.js";
import type { Clock } from "../clock.js";
import { formatDuration } from "../duration.js";
import { ResourceFailure } from "../failure.js";
import { type Deadline, waitFor, WaitTimeoutError } from "../wait.js";
import { crossedSizes, sizeNames, type Sizes } from "./inputs.js";
import { decideGone } from "./readiness.js";
import type { WarmPoolDetails } from "./details.js";
import { detailsOf } from "./state.js";

/** What the lifecycle works with. */
export interface WarmPoolContext {
  readonly client: Pick<
    OnaClient,
    "createWarmPool" | "getWarmPool" | "updateWarmPool" | "deleteWarmPool" | "listWarmPools" | "serverTimeAt"
  >;
  readonly clock: Clock;
  /** Tells people how things go, about the pool with the given id if there is one. */
  readonly progress: (line: string, id?: string) => void;
  /** Tells people what they should look at. */
  readonly warn: (line: string, id?: string) => void;
  /** Ids of pools that this process took over in a create: a delete of the same run must leave them alone. */
  readonly adopted: Set<string>;
}

/** What to do about a pool that is in state and not at the API. */
export const thenUp = "Run `pulumi refresh`, then `pulumi up` to make a new one.";

/** The pool, or undefined where the API says `not_found`. */
export async function getPool(
  context: WarmPoolContext,
  id: string,
  signal?: AbortSignal,
): Promise<WarmPoolDetails | undefined> {
  try {
    return detailsOf(await context.client.getWarmPool(id, { signal }));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Waits until a pool has drained.
 * @throws ResourceFailure at the deadline, with what was seen last
 */
export async function waitUntilGone(context: WarmPoolContext, id: string, deadline: Deadline): Promise<void> {
  const wait = waitFor<{ pool: WarmPoolDetails | undefined }, "gone">({
    observe: async (signal) => ({ pool: await getPool(context, id, signal) }),
    decide: ({ pool }) => decideGone(pool),
    report: (line) => context.progress(line, id),
    tolerate: isTransient,
    deadline,
    clock: context.clock,
  });
  await wait.catch((error: unknown) => {
    throw error instanceof WaitTimeoutError ? notGone(id, deadline, ` (${error.status})`) : error;
  });
}

/** The failure of a drain that took longer than it may. */
export function notGone(id: string, { limit }: Deadline, lastSeen: string): ResourceFailure {
  return new ResourceFailure(
    `The warm pool ${id} is not gone after ${formatDuration(limit)}${lastSeen}. ` +
      "Once its deletion has begun it goes on by itself: run the command again, or give it more time with customTimeouts.",
  );
}

/**
 * Resizes a live pool to what is managed, if anything of it differs.
 * @throws ResourceFailure before anything is sent, when a managed size crosses one that is not managed
 */
export async function resize(
  context: WarmPoolContext,
  live: WarmPoolDetails,
  managed: Sizes,
  signal: AbortSignal,
): Promise<WarmPoolDetails> {
  const changed = sizeNames.filter((name) => managed[name] !== undefined && managed[name] !== live[name]);
  if (changed.length === 0) return live;
  const crossed = crossedSizes(managed, live);
  if (crossed !== undefined) throw new ResourceFailure(`The warm pool ${live.id} was not changed: ${crossed}.`);
  try {
    return detailsOf(await context.client.updateWarmPool(live.id, managed, { signal }));
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    const now = await getPool(context, live.id, signal).catch(() => undefined);
    if (now === undefined || changed.some((name) => managed[name] !== now[name])) throw error;
    return now;
  }
}
