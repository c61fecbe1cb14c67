/**
 * Creates, reads, updates and deletes a prebuild. The API can't change one, so an update only continues to wait, or
 * records what the program now declares. Once a run exists, every failure is a PartialFailure that keeps its id.
 */
import { mustBeUuid } from "../lifecycle/validation.js";
import { isUuid } from "../util/uuid.js";
import { serverNow } from "../util/clock.js";
import { parseGoDuration } from "../util/duration.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import type {
  AccountSession,
  Lifecycle,
  OperationOptions,
  Properties,
  ReadResult,
  Reporter,
} from "../lifecycle/contract.js";
import { withinDeletion } from "../lifecycle/deletion.js";
import { identityOf } from "../lifecycle/identity.js";
import { adviceToRecreate, wrapUnchanged } from "../lifecycle/messages.js";
import { isManagedState } from "../lifecycle/state.js";
import { requireSameOrganization, tokenOrganizationOf, warnOfMissing } from "../lifecycle/wrong-organization.js";
import { describeObject } from "../util/text.js";
import { neverInterrupted, undoOnInterrupt } from "../lifecycle/interrupt.js";
import { type Deadline, withDeadline } from "../lifecycle/wait.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import { hasExpired, removedByAge } from "./expiry.js";
import { type PrebuildInputs, prebuildProperties } from "./properties.js";
import { waitUntilCompleted } from "./wait-until-completed.js";
import { prebuildFenceOf, prebuildsOf } from "./batched-prebuilds.js";
import { lostRunsOf } from "./lost-runs.js";
import { startRun, undoCreate } from "./create.js";
import { expiredState, liveInputs, type PrebuildState, readInputs, readResult, readState, stateOf } from "./state.js";
import { type PrebuildContext, removePrebuild } from "./api.js";

/** The lifecycle of the prebuilds of an account, for one resource. */
export async function prebuildLifecycle(account: AccountSession, reporter: Reporter): Promise<Lifecycle> {
  const { clock, process, onInterrupt, describeConfigUse } = account;
  const client = await account.client();
  const context: PrebuildContext = {
    ...prebuildsOf(client, clock, prebuildFenceOf(process)),
    clock,
    onInterrupt,
    tokenOrganization: tokenOrganizationOf(client, clock),
    describeConfigUse,
    lostRuns: lostRunsOf(process),
    findIdentity: identityOf(client, clock),
    ...reporter,
  };
  return {
    create: (inputs, options) => createPrebuild(context, readInputs(inputs), options),
    read: (id, state) => readPrebuild(context, id, state),
    update: (id, state, inputs, options) => updatePrebuild(context, id, readState(state), readInputs(inputs), options),
    delete: (id, state, options) => deletePrebuild(context, id, readState(state), options),
  };
}

/** What waiting for a run may take beyond the run's own timeout, for queueing and the snapshot. */
const queueAndSnapshotMs = 15 * 60_000;

/** The milliseconds that a create or update may take unless customTimeouts says otherwise. */
export function defaultRunTimeoutMs(timeout: string | undefined): number {
  return (parseGoDuration(timeout ?? prebuildProperties.rows.timeout.default) ?? 0) + queueAndSnapshotMs;
}

/**
 * Starts a run and waits until it has completed.
 * @throws PartialFailure when the run was started and has not completed
 * @throws ResourceFailure or OnaError when no run was started
 */
export async function createPrebuild(
  context: PrebuildContext,
  inputs: PrebuildInputs,
  { timeoutMs = defaultRunTimeoutMs(inputs.timeout), interrupt = neverInterrupted }: OperationOptions = {},
): Promise<{ id: string; state: PrebuildState }> {
  return withDeadline(context.clock, timeoutMs, async (deadline) => {
    const prebuild = await startRun(context, inputs, deadline, interrupt);
    const wait = async () => {
      warnOfOtherInputs(context, prebuild, inputs);
      const stop = { ...deadline, signal: AbortSignal.any([deadline.signal, interrupt]) };
      return { id: prebuild.id, state: await waitUntilCompleted(context, prebuild, inputs, stop, true) };
    };
    return undoOnInterrupt(context, interrupt, wait, () => undoCreate(context, prebuild.id));
  });
}

/**
 * Reads a prebuild. Only `not_found` and DELETED mean that it is gone. If it is old enough it has expired instead, as
 * every prebuild does, and stays in state.
 * @throws ResourceFailure when a read-only resource doesn't exist, or its id is malformed
 * @throws OnaError for every other answer: state must then be left alone
 */
export async function readPrebuild(context: PrebuildContext, id: string, properties: Properties): Promise<ReadResult> {
  if (!isUuid(id)) throw new ResourceFailure(`The id of a ${kind} ${mustBeUuid}.`);
  const state = readState(properties);
  const isOld = (createdAt: string | undefined) => hasExpired(createdAt, serverNow(context.client, context.clock));
  // Whether the list of its project's manual runs may show the prebuild.
  const mayBeListed = state.triggeredBy === "MANUAL" && !state.expired && !isOld(state.createdAt);
  const wanted = { id, projectId: mayBeListed ? state.projectId : undefined };
  const prebuild = await context.prebuilds.read(wanted);
  if (prebuild === undefined || prebuild.phase === "DELETED") {
    // A `get` requires the object to exist. A refresh, which has properties, finds out whether it does.
    if (!("projectId" in properties)) throw new ResourceFailure(`There is no ${kind} ${id}. ${removedByAge}.`);
    if (!isOld(state.createdAt)) {
      if (prebuild === undefined) await warnOfMissing(context, kind, id, state, "it is removed from state");
      return { found: false };
    }
    if (!isManagedState(properties)) return { found: true, state: properties, inputs: properties };
    return { found: true, state: expiredState(state), inputs: liveInputs(state, state) };
  }
  if (prebuild.phase === "DELETING" && !isOld(prebuild.createdAt)) {
    context.warn("it is DELETING, and stays in state until it is gone", id);
  }
  return readResult(prebuild, properties, prebuild.phase === "COMPLETED");
}

/**
 * Records what the program now declares, and continues to wait for a run that has not completed.
 * @throws PartialFailure when the run has not completed
 * @throws ResourceFailure or OnaError when it could not be read
 */
export async function updatePrebuild(
  context: PrebuildContext,
  id: string,
  state: PrebuildState,
  inputs: PrebuildInputs,
  { timeoutMs = defaultRunTimeoutMs(state.timeout), interrupt }: OperationOptions = {},
): Promise<PrebuildState> {
  const declared = stateOf(state, inputs, false);
  if (!state.__unfinished || inputs.waitForCompletion === false) return declared;
  const run = async (deadline: Deadline) => {
    const prebuild = await context.prebuilds.get(id, { signal: deadline.signal }).catch((error: unknown) => {
      throw wrapUnchanged(error, kind, id, "read");
    });
    if (prebuild === undefined || prebuild.phase === "DELETED") {
      if (!hasExpired(state.createdAt, serverNow(context.client, context.clock))) {
        if (prebuild === undefined) await requireSameOrganization(context, kind, id, state);
        throw new ResourceFailure(`${describeObject(kind, id)} no longer exists. ${adviceToRecreate}`);
      }
      context.warn("it has expired, and it is unknown whether it completed", id);
      return expiredState(declared);
    }
    return waitUntilCompleted(context, prebuild, inputs, deadline, false);
  };
  return withDeadline(context.clock, timeoutMs, run, interrupt);
}

/**
 * Deletes a prebuild and waits until it is gone. A run in progress is canceled first. A prebuild that is gone already,
 * or has expired, counts as deleted.
 */
export async function deletePrebuild(
  context: PrebuildContext,
  id: string,
  properties: Partial<PrebuildState>,
  options: OperationOptions = {},
): Promise<void> {
  await withinDeletion(context, kind, id, options, async (deadline, sendDelete) => {
    const existed = await removePrebuild(context, id, deadline, sendDelete);
    const isExpired = properties.expired || hasExpired(properties.createdAt, serverNow(context.client, context.clock));
    if (!existed && !isExpired) await warnOfMissing(context, kind, id, properties, "there was nothing to delete");
  });
}

/** Warns if the API runs the prebuild with other inputs than requested: nothing can change that. */
function warnOfOtherInputs(context: PrebuildContext, prebuild: PrebuildDetails, inputs: PrebuildInputs): void {
  for (const name of ["environmentClassId", "timeout"] as const) {
    const [requested, actual] = [inputs[name], prebuild[name]];
    if (requested !== undefined && actual !== undefined && requested !== actual) {
      context.warn(`the API runs it with ${name} ${actual} instead of ${requested}`, prebuild.id);
    }
  }
}
