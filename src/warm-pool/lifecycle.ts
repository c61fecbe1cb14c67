/**
 * The life of a warm pool: create, read, update, delete against the Ona API. Knows nothing of Pulumi.
 *
 * Observation beats assumption: what the API says now wins over what is remembered, and after an unknown outcome we look before we judge. Once a pool exists, whatever
 * goes wrong is a {@link PartialFailure} that keeps its id.
 */
import { isUuid, mustBeUuid } from "../lifecycle/validation.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import type { ReadResult } from "../lifecycle/contract.js";
import { deletionFailed } from "../lifecycle/deletion.js";
import { againWithState, inContext, nothingDeleted, thenUp, unknownToApi } from "../lifecycle/messages.js";
import { connectionIn, isManagedState, organizationIn } from "../lifecycle/state.js";
import { mustBeOurs } from "../lifecycle/wrong-organization.js";
import { describeObject } from "../util/text.js";
import { type TimeoutOperation, timeoutOf, type Timeouts } from "../lifecycle/timeouts.js";
import { startDeadline } from "../lifecycle/wait.js";
import type { Wanted } from "../batched-reads/write-fence.js";
import { kind } from "./outputs.js";
import { managedNames, managedSizes, sizeNames, type WarmPoolInputs } from "./inputs.js";
import { obtainPool, undoCreation } from "./create.js";
import { settle } from "./wait-until-ready.js";
import { liveInputs, readState, stateOf, steadyDetails, type WarmPoolState } from "./state.js";
import { getPool, readPool, resize, type WarmPoolContext, waitUntilPoolGone } from "./api.js";

/** Limits in time where customTimeouts says nothing, in milliseconds. */
export const defaultTimeouts = { create: 20 * 60_000, update: 20 * 60_000, delete: 30 * 60_000 } as const;

/**
 * Creates the pool of a project and environment class, or takes over the one that exists, and waits until it is ready.
 * @param interrupt aborted when the process is told to end: what was created is then deleted again
 * @throws PartialFailure when the pool exists and is not what was asked for
 * @throws ResourceFailure or OnaError when there is no pool of ours
 */
export async function createWarmPool(
  context: WarmPoolContext,
  inputs: WarmPoolInputs,
  interrupt: AbortSignal,
): Promise<{ id: string; state: WarmPoolState }> {
  const deadline = startDeadline(context.clock, limitOf("create", inputs.__timeouts));
  try {
    const { pool, adopted } = await obtainPool(context, inputs, deadline, interrupt);
    try {
      interrupt.throwIfAborted();
      const signal = AbortSignal.any([deadline.signal, interrupt]);
      const state = await settle(context, pool, inputs, { ...deadline, signal }, false, !adopted);
      interrupt.throwIfAborted();
      return { id: pool.id, state };
    } catch (error) {
      if (interrupt.aborted && !adopted) await undoCreation(context, pool.id);
      throw error;
    }
  } finally {
    deadline.end();
  }
}

/**
 * Reads a pool: the live inputs of what is managed, and the outputs. Only `not_found` and DELETED mean that it is gone.
 * @param properties the outputs that the engine has; those of a pool that is only read have no `__managed`
 * @throws ResourceFailure when a pool that is only read is not there, or its id is malformed
 * @throws OnaError for every other answer: state must then be left alone
 */
export async function readWarmPool(context: WarmPoolContext, id: string, properties: object): Promise<ReadResult> {
  if (!isUuid(id)) throw new ResourceFailure(`The id of a warm pool ${mustBeUuid}.`);
  const pool = await readPool(context, { id, projectId: projectIdOf(properties) });
  if (pool === undefined || pool.phase === "DELETED") {
    // What a program asks for by `get` and never saw has to be there; what a refresh looks for may be gone.
    if (!("projectId" in properties)) throw new ResourceFailure(`There is no warm pool ${id}.`);
    if (pool === undefined) {
      await mustBeOurs(context.organizations, kind, id, organizationIn(properties));
      context.warn(unknownToApi, id);
    }
    return { found: false };
  }
  if (pool.phase === "DELETING")
    context.warn("it is DELETING, and kept in state until it is gone; `pulumi up` then makes a new one", id);
  if (!isManagedState(properties)) {
    const steady = { ...steadyDetails(pool), ...connectionIn(properties) };
    return { found: true, state: steady, inputs: steady };
  }
  const state = readState({ ...properties });
  const inputs = liveInputs(pool, state);
  const unfinished = state.__unfinished === true && pool.phase !== "READY";
  return { found: true, state: stateOf(pool, inputs, state.__managed, unfinished), inputs };
}

/**
 * Makes a pool what the inputs say and waits until it is ready. Sizes that are not managed are never sent; where nothing of the pool differs, nothing is asked at all.
 * @throws PartialFailure when the pool was changed and is not ready
 * @throws ResourceFailure or OnaError when it was not changed
 */
export async function updateWarmPool(
  context: WarmPoolContext,
  id: string,
  state: WarmPoolState,
  inputs: WarmPoolInputs,
): Promise<WarmPoolState> {
  if (concernsStateOnly(state, inputs)) return stateOf({ ...state, id }, inputs, managedNames(inputs), false);
  const deadline = startDeadline(context.clock, limitOf("update", inputs.__timeouts));
  try {
    const live = await getPool(context, id, deadline.signal).catch((error: unknown) => {
      throw inContext(error, `${describeObject(kind, id)} was not changed`, againWithState);
    });
    if (live === undefined || live.phase === "DELETED") {
      if (live === undefined) await mustBeOurs(context.organizations, kind, id, state.organizationId);
      throw new ResourceFailure(`${describeObject(kind, id)} does not exist any more. ${thenUp}`);
    }
    if (live.phase === "DELETING") {
      context.progress("it is DELETING; waiting for the end", id);
      await waitUntilPoolGone(context, live, deadline);
      throw new ResourceFailure(`${describeObject(kind, id)} was being deleted and is gone now. ${thenUp}`);
    }
    const pool = await resize(context, live, managedSizes(inputs), deadline.signal);
    return await settle(context, pool, inputs, deadline, live.phase === "DEGRADED", false);
  } finally {
    deadline.end();
  }
}

/**
 * Deletes a pool and waits until it has drained. A pool that is gone already counts as deleted, and one that this process has taken over is left alone.
 * @param properties the outputs that the engine has, for the limit in time, and to tell which project it is of
 */
export async function deleteWarmPool(
  context: WarmPoolContext,
  id: string,
  properties: { readonly __timeouts?: Timeouts; readonly projectId?: string; readonly organizationId?: string },
): Promise<void> {
  const pool = { id, projectId: properties.projectId };
  context.pools.note(pool);
  const isDeleted = await context.handovers.leave(id, () => removePool(context, pool, properties));
  if (isDeleted) return;
  context.progress(
    "it is not deleted: another resource of this update has taken it over. Was a resource renamed? An alias makes that plain",
    id,
  );
}

async function removePool(
  context: WarmPoolContext,
  pool: Wanted,
  { __timeouts, organizationId }: { readonly __timeouts?: Timeouts; readonly organizationId?: string },
): Promise<void> {
  const { id } = pool;
  const deadline = startDeadline(context.clock, limitOf("delete", __timeouts));
  try {
    const existed = await context.client
      .deleteWarmPool(id, { signal: deadline.signal })
      .catch(async (error: unknown) => {
        // Whatever the answer was: a pool that is going is as good as deleted.
        const now = await getPool(context, id, deadline.signal).catch(() => {
          throw error;
        });
        if (now !== undefined && now.phase !== "DELETING" && now.phase !== "DELETED") throw error;
        return now !== undefined;
      });
    if (!existed) {
      await mustBeOurs(context.organizations, kind, id, organizationId);
      context.warn(nothingDeleted, id);
    }
    await waitUntilPoolGone(context, pool, deadline);
  } catch (error) {
    throw deletionFailed(kind, id, deadline, error, "");
  } finally {
    deadline.end();
  }
}

/** The project of what the engine has in hand; an import has nothing but the id. */
function projectIdOf(properties: object): string | undefined {
  return "projectId" in properties && typeof properties.projectId === "string" ? properties.projectId : undefined;
}

/** Whether an update changes nothing at the API: what is managed is as it was, and nothing is unfinished. */
function concernsStateOnly(state: WarmPoolState, inputs: WarmPoolInputs): boolean {
  const managed = managedSizes(inputs);
  return (
    !state.__unfinished &&
    state.waitForReady === inputs.waitForReady &&
    sizeNames.every(
      (name) => managed[name] === undefined || (state.__managed.includes(name) && managed[name] === state[name]),
    )
  );
}

function limitOf(operation: TimeoutOperation, timeouts: Timeouts | undefined): number {
  return timeoutOf(operation, timeouts, defaultTimeouts[operation]);
}
