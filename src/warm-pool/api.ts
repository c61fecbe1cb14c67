/** Single steps with a warm pool at the API, from which its lifecycle is made. */
import type { BulkReads } from "../batched-reads/batched-reads.js";
import { isOutcomeUnknown, type OnaClient, OnaError, ignoreNotFound, type WarmPoolMessage } from "../client/index.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import type { LifecycleContext } from "../lifecycle/contract.js";
import { waitUntilGone } from "../lifecycle/deletion.js";
import { inContext } from "../lifecycle/messages.js";
import { describeObject } from "../util/text.js";
import type { Deadline } from "../lifecycle/wait.js";
import type { Wanted } from "../batched-reads/write-fence.js";
import type { Handovers } from "./adoption-lock.js";
import { crossedSizes, sizeNames, type Sizes, type WarmPoolInputs } from "./inputs.js";
import { decideGone } from "./phases.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { detailsOf } from "./state.js";

/** What the lifecycle works with. */
export interface WarmPoolContext extends LifecycleContext {
  readonly client: Pick<
    OnaClient,
    "createWarmPool" | "getWarmPool" | "updateWarmPool" | "deleteWarmPool" | "listWarmPools" | "serverTimeAt"
  >;
  /** Reads and looks of many resources at once, which share Lists. */
  readonly pools: Pick<BulkReads<WarmPoolMessage>, "read" | "poll" | "note">;
  /** What this process takes over and what it deletes. */
  readonly handovers: Handovers;
}

/** The pool as it is at this very moment, or undefined where the API says `not_found`. */
export async function getPool(
  context: WarmPoolContext,
  id: string,
  signal?: AbortSignal,
): Promise<WarmPoolDetails | undefined> {
  return ignoreNotFound(context.client.getWarmPool(id, { signal }).then(detailsOf));
}

/** The pool as it was at most half a minute ago, for a refresh; undefined where the API says `not_found`. */
export async function readPool(context: WarmPoolContext, wanted: Wanted): Promise<WarmPoolDetails | undefined> {
  return ignoreNotFound(context.pools.read(wanted).then(detailsOf));
}

/** The pool as it is now, for one of many waits; undefined where the API says `not_found`. */
export async function pollPool(
  context: WarmPoolContext,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<WarmPoolDetails | undefined> {
  return ignoreNotFound(context.pools.poll(wanted, signal).then(detailsOf));
}

/**
 * The pool of the pair, if one is listed; one that stays is preferred to one that is going.
 * @param urgent whether there is no time to wait for a rate limit that another call met
 */
export async function findPool(
  context: WarmPoolContext,
  { projectId, environmentClassId }: Pick<WarmPoolInputs, "projectId" | "environmentClassId">,
  signal: AbortSignal,
  urgent = false,
): Promise<WarmPoolDetails | undefined> {
  const filter = { projectIds: [projectId], environmentClassIds: [environmentClassId] };
  let going: WarmPoolDetails | undefined;
  for await (const message of context.client.listWarmPools(filter, { signal, urgent })) {
    const pool = detailsOf(message);
    if (pool.projectId !== projectId || pool.environmentClassId !== environmentClassId || pool.phase === "DELETED")
      continue;
    if (pool.phase !== "DELETING") return pool;
    going = pool;
  }
  return going;
}

/**
 * Waits until a pool has drained.
 * @throws ResourceFailure at the deadline, with what was seen last
 */
export async function waitUntilPoolGone(context: WarmPoolContext, pool: Wanted, deadline: Deadline): Promise<void> {
  await waitUntilGone(context, kind, pool.id, (signal) => pollPool(context, pool, signal), decideGone, deadline);
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
  if (crossed !== undefined) throw new ResourceFailure(`${describeObject(kind, live.id)} was not changed: ${crossed}.`);
  try {
    return detailsOf(await context.client.updateWarmPool(live.id, managed, { signal }));
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw notResized(error, live.id, missingSize(error, managed, live));
    const now = await getPool(context, live.id, signal).catch(() => undefined);
    if (now !== undefined && changed.every((name) => managed[name] === now[name])) return now;
    if (now !== undefined) throw notResized(error, live.id);
    throw inContext(
      error,
      `Whether the warm pool ${live.id} was resized is not known`,
      "`pulumi up` looks, and goes on from there.",
    );
  }
}

/** @param hint why it may have been refused */
function notResized(error: unknown, id: string, hint = "Nothing of it was changed: run `pulumi up` again."): unknown {
  return inContext(error, `${describeObject(kind, id)} was not resized`, hint);
}

/** What to do about a refusal to resize a pool that lacks a size which is not managed, as old pools may: that may well be why. */
function missingSize(error: unknown, managed: Sizes, live: WarmPoolDetails): string | undefined {
  const missing = sizeNames.find((name) => managed[name] === undefined && live[name] === undefined);
  const mayBeWhy = error instanceof OnaError && error.origin === "api" && sizesRefused.has(error.code);
  if (missing === undefined || !mayBeWhy) return undefined;
  return `It has no ${missing}, and this program does not manage it: declare ${missing} too.`;
}

/** The codes with which the API may refuse sizes (which of them is not documented). */
const sizesRefused: ReadonlySet<string> = new Set(["invalid_argument", "failed_precondition", "out_of_range"]);
