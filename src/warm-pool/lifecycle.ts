/**
 * Creates, reads, updates and deletes a warm pool. What the API reports wins over state. Once a pool exists, every
 * failure is a {@link PartialFailure} that keeps its id.
 */
import { mustBeUuid } from "../lifecycle/validation.js";
import { isUuid } from "../util/uuid.js";
import { PartialFailure, ResourceFailure } from "../lifecycle/failures.js";
import type {
  AccountSession,
  CreateOptions,
  Lifecycle,
  OperationOptions,
  Properties,
  ReadResult,
  Reporter,
  UpdateOptions,
} from "../lifecycle/contract.js";
import { type SendDelete, withinDeletion } from "../lifecycle/deletion.js";
import { adviceToRecreate, wrapUnchanged } from "../lifecycle/messages.js";
import { requireSameOrganization, tokenOrganizationOf, warnOfMissing } from "../lifecycle/wrong-organization.js";
import { describeObject } from "../util/text.js";
import { neverInterrupted, undoOnInterrupt } from "../lifecycle/interrupt.js";
import { type Deadline, withDeadline } from "../lifecycle/wait.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { changedSizes, managedSizes, type WarmPoolInputs } from "./inputs.js";
import { lookAhead, withoutIgnored } from "./adoption.js";
import { adoptionLockOf } from "./adoption-lock.js";
import { poolFenceOf, poolsOf } from "./batched-pools.js";
import { createOrAdopt, undoCreate } from "./create.js";
import { waitUntilReady } from "./wait-until-ready.js";
import { readInputs, readResult, readState, stateOf, type WarmPoolState } from "./state.js";
import { resize, type WarmPoolContext, waitUntilPoolGone } from "./api.js";

/** The lifecycle of the pools of an account, for one resource. */
export async function poolLifecycle(account: AccountSession, reporter: Reporter): Promise<Lifecycle> {
  const { clock, process, onInterrupt, importCommand, describeConfigUse } = account;
  const client = await account.client();
  const context: WarmPoolContext = {
    ...poolsOf(client, clock, poolFenceOf(process)),
    clock,
    onInterrupt,
    importCommand,
    tokenOrganization: tokenOrganizationOf(client, clock),
    describeConfigUse,
    adoptionLock: adoptionLockOf(process),
    ...reporter,
  };
  return {
    create: (inputs, options) => createWarmPool(context, readInputs(inputs), options),
    read: (id, state) => readWarmPool(context, id, state),
    update: (id, state, inputs, options) => updateWarmPool(context, id, readState(state), readInputs(inputs), options),
    delete: (id, state, options) => deleteWarmPool(context, id, readState(state), options),
    lookAhead: (inputs, ignoreChanges) => lookAhead(context, inputs, ignoreChanges),
  };
}

/** How long a create or update may take unless customTimeouts says otherwise. */
const defaultTimeoutMs = 20 * 60_000;

/**
 * Creates the pool of a project and environment class, or adopts the one that exists, and waits until it is ready.
 * @param options its `ignoreChanges` are paths of sizes that an adoption leaves alone. A new pool gets all sizes, as in
 * Pulumi
 * @throws PartialFailure when the pool exists but isn't ready
 * @throws ResourceFailure or OnaError when no pool was created or adopted
 */
export async function createWarmPool(
  context: WarmPoolContext,
  inputs: WarmPoolInputs,
  { timeoutMs = defaultTimeoutMs, interrupt = neverInterrupted, ignoreChanges = [] }: CreateOptions = {},
): Promise<{ id: string; state: WarmPoolState }> {
  const { projectId, environmentClassId, adoptExisting = false, connection } = inputs;
  const managed = managedSizes(inputs);
  const adopted = withoutIgnored(managed, ignoreChanges);
  const request = { projectId, environmentClassId, managed, adopted, adoptExisting, connection };
  return withDeadline(context.clock, timeoutMs, async (deadline) => {
    const { pool, isAdopted } = await createOrAdopt(context, request, deadline, interrupt);
    const wait = async () => {
      const stop = { ...deadline, signal: AbortSignal.any([deadline.signal, interrupt]) };
      const state = await waitForState(context, pool, inputs, stop, { wasDegraded: false, isNew: !isAdopted });
      return { id: pool.id, state };
    };
    return undoOnInterrupt(context, interrupt, wait, async () => {
      if (!isAdopted) await undoCreate(context, pool.id);
    });
  });
}

/**
 * Reads a pool. Only `not_found` and DELETED mean that it is gone.
 * @throws ResourceFailure when a read-only resource doesn't exist, or its id is malformed
 * @throws OnaError for every other answer: state must then be left alone
 */
export async function readWarmPool(context: WarmPoolContext, id: string, properties: Properties): Promise<ReadResult> {
  if (!isUuid(id)) throw new ResourceFailure(`The id of a warm pool ${mustBeUuid}.`);
  const state = readState(properties);
  const pool = await context.pools.read({ id, projectId: state.projectId });
  if (pool === undefined || pool.phase === "DELETED") {
    // A `get` requires the object to exist. A refresh, which has properties, finds out whether it does.
    if (!("projectId" in properties)) throw new ResourceFailure(`There is no warm pool ${id}.`);
    if (pool === undefined) await warnOfMissing(context, kind, id, state, "it is removed from state");
    return { found: false };
  }
  if (pool.phase === "DELETING")
    context.warn("it is DELETING, and stays in state until it is gone. After that `pulumi up` creates a new one", id);
  return readResult(pool, properties, pool.phase === "READY");
}

/**
 * Resizes a pool to the sizes that the program has changed and waits until it is ready. If nothing of the pool differs,
 * no call is made.
 * @throws PartialFailure when the pool has the sizes but isn't ready
 * @throws ResourceFailure or OnaError when it was not changed
 */
export async function updateWarmPool(
  context: WarmPoolContext,
  id: string,
  state: WarmPoolState,
  inputs: WarmPoolInputs,
  { timeoutMs = defaultTimeoutMs, interrupt, oldInputs }: UpdateOptions = {},
): Promise<WarmPoolState> {
  const sizes = changedSizes(inputs, state, oldInputs);
  const isSame = state.waitForReady === inputs.waitForReady && Object.keys(sizes).length === 0;
  if (isSame && !state.__unfinished) return stateOf(state, inputs, false);
  const run = async (deadline: Deadline) => {
    const live = await context.pools.get(id, { signal: deadline.signal }).catch((error: unknown) => {
      throw wrapUnchanged(error, kind, id, "changed");
    });
    if (live === undefined || live.phase === "DELETED") {
      if (live === undefined) await requireSameOrganization(context, kind, id, state);
      throw new ResourceFailure(`${describeObject(kind, id)} no longer exists. ${adviceToRecreate}`);
    }
    if (live.phase === "DELETING") {
      context.progress("it is DELETING; waiting until it is gone", id);
      await waitUntilPoolGone(context, live, deadline);
      throw new ResourceFailure(`${describeObject(kind, id)} was being deleted and is gone now. ${adviceToRecreate}`);
    }
    const pool = await resize(context, live, sizes, managedSizes(inputs), deadline.signal);
    return waitForState(context, pool, inputs, deadline, { wasDegraded: live.phase === "DEGRADED", isNew: false });
  };
  return withDeadline(context.clock, timeoutMs, run, interrupt);
}

/** Deletes a pool and waits until it is gone. A pool that this process has adopted is left alone. */
export async function deleteWarmPool(
  context: WarmPoolContext,
  id: string,
  state: Partial<WarmPoolState>,
  options: OperationOptions = {},
): Promise<void> {
  const pool = { id, projectId: state.projectId };
  context.pools.note(pool);
  const deletePool = async (deadline: Deadline, sendDelete: SendDelete) => {
    const { signal } = deadline;
    const existed = await sendDelete(
      () => context.client.deleteWarmPool(id, { signal }),
      () => context.pools.get(id, { signal }),
    );
    if (!existed) await warnOfMissing(context, kind, id, state, "there was nothing to delete");
    await waitUntilPoolGone(context, pool, deadline);
  };
  const isDeleted = await context.adoptionLock.delete(id, () => withinDeletion(context, kind, id, options, deletePool));
  if (isDeleted) return;
  context.note(
    'it is not deleted with the old resource, because a resource of this update has adopted it. The next time you rename a resource, add the option `aliases: [{ name: "OLD NAME" }]`',
    id,
  );
}

async function waitForState(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  inputs: WarmPoolInputs,
  deadline: Deadline,
  before: { readonly wasDegraded: boolean; readonly isNew: boolean },
): Promise<WarmPoolState> {
  const { waitForReady = "ifSnapshot" } = inputs;
  const waited = await waitUntilReady(context, pool, waitForReady, deadline, before);
  const state = stateOf(waited.pool, inputs, waited.failure !== undefined);
  if (waited.failure !== undefined) throw new PartialFailure(pool.id, state, waited.failure);
  return state;
}
