/** The API calls of a warm pool's lifecycle. */
import type { ObjectReads } from "../batched-reads/client-reads.js";
import { isOutcomeUnknown, type OnaClient, OnaError } from "../client/index.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import type { HostPolicy, LifecycleContext } from "../lifecycle/contract.js";
import type { ServerTime } from "../lifecycle/lost-create.js";
import { waitUntilGone } from "../lifecycle/deletion.js";
import { wrapApiError } from "../lifecycle/messages.js";
import { describeObject } from "../util/text.js";
import type { Deadline } from "../lifecycle/wait.js";
import type { Wanted, WriteFence } from "../batched-reads/write-fence.js";
import type { AdoptionLock } from "./adoption-lock.js";
import { describeCrossedSizes, sizeNames, type Sizes, type WarmPoolInputs } from "./inputs.js";
import { drainStatus } from "./phases.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { currentPool, detailsOf } from "./state.js";

export interface WarmPoolContext extends LifecycleContext, Pick<HostPolicy, "importCommand"> {
  readonly client: Pick<
    OnaClient,
    "createWarmPool" | "updateWarmPool" | "deleteWarmPool" | "listWarmPools" | keyof ServerTime
  >;
  readonly pools: ObjectReads<WarmPoolDetails> & Pick<WriteFence, "note">;
  readonly adoptionLock: AdoptionLock;
}

/** The project and environment class that identify a pool. */
export type Pair = Pick<WarmPoolInputs, "projectId" | "environmentClassId">;

/** The listed pool of the pair, see {@link currentPool}. `urgent`: no time to wait for a rate limit. */
export async function findPool(
  context: WarmPoolContext,
  { projectId, environmentClassId }: Pair,
  signal: AbortSignal,
  urgent = false,
): Promise<WarmPoolDetails | undefined> {
  const filter = { projectIds: [projectId], environmentClassIds: [environmentClassId] };
  const pools: WarmPoolDetails[] = [];
  for await (const message of context.client.listWarmPools(filter, { signal, urgent })) {
    const pool = detailsOf(message);
    if (pool.projectId === projectId && pool.environmentClassId === environmentClassId && pool.phase !== "DELETED")
      pools.push(pool);
  }
  return currentPool(pools);
}

/** Waits until a pool is gone, or fails at the deadline. */
export async function waitUntilPoolGone(context: WarmPoolContext, pool: Wanted, deadline: Deadline): Promise<void> {
  await waitUntilGone(context, kind, pool.id, (signal) => context.pools.poll(pool, signal), deadline, drainStatus);
}

/**
 * Resizes a pool, if any of the given sizes differs.
 * @param managed the sizes that the program manages
 * @throws ResourceFailure before anything is sent, if a size crosses one that isn't sent
 */
export async function resize(
  context: WarmPoolContext,
  live: WarmPoolDetails,
  sizes: Sizes,
  managed: Sizes,
  signal: AbortSignal,
): Promise<WarmPoolDetails> {
  const changed = sizeNames.filter((name) => sizes[name] !== undefined && sizes[name] !== live[name]);
  if (changed.length === 0) return live;
  const crossed = describeCrossedSizes(sizes, live, managed);
  const which = describeObject(kind, live.id);
  if (crossed !== undefined) throw new ResourceFailure(`${which} was not changed: ${crossed}.`);
  try {
    return detailsOf(await context.client.updateWarmPool(live.id, sizes, { signal }));
  } catch (error) {
    const isLost = isOutcomeUnknown(error);
    const now = isLost ? await context.pools.get(live.id, { signal }).catch(() => undefined) : undefined;
    if (now !== undefined && changed.every((name) => sizes[name] === now[name])) return now;
    if (isLost && now === undefined) {
      const next = "Run `pulumi up` again: it checks the sizes first.";
      throw wrapApiError(error, `We could not determine whether the warm pool ${live.id} was resized`, "", next);
    }
    const advice = isLost ? undefined : adviceOnMissingSize(error, managed, live);
    throw wrapApiError(error, `${which} was not resized`, "Nothing was changed", advice ?? "Run `pulumi up` again.");
  }
}

/** The codes with which the API may refuse sizes. It doesn't document which one it uses. */
const sizesRefused: ReadonlySet<string> = new Set(["invalid_argument", "failed_precondition", "out_of_range"]);

/** The advice if the API refuses to resize an old pool that lacks a size: that is probably why. */
function adviceOnMissingSize(error: unknown, managed: Sizes, live: WarmPoolDetails): string | undefined {
  const missing = sizeNames.find((name) => managed[name] === undefined && live[name] === undefined);
  const mayBeWhy = error instanceof OnaError && error.origin === "api" && sizesRefused.has(error.code);
  if (missing === undefined || !mayBeWhy) return undefined;
  return `The pool has no ${missing}, and this program doesn't manage it. Set ${missing} too.`;
}
