/**
 * The life of a prebuild: create, read, update, delete against the Ona API. Knows nothing of Pulumi.
 *
 * Nothing of a prebuild can be changed, so an update only goes on waiting or notes what the program now says. Once a run exists, whatever goes wrong is a {@link PartialFailure}
 * that keeps its id.
 */
import { isUuid, mustBeUuid } from "../lifecycle/validation.js";
import { removedByAge } from "../client/errors.js";
import { serverNow } from "../util/clock.js";
import { parseGoDuration } from "../util/duration.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import type { ReadResult } from "../lifecycle/contract.js";
import { deletionFailed } from "../lifecycle/deletion.js";
import { againWithState, inContext, nothingDeleted, thenUp, unknownToApi } from "../lifecycle/messages.js";
import { connectionIn, isManagedState } from "../lifecycle/state.js";
import { mustBeOurs } from "../lifecycle/wrong-organization.js";
import { describeObject } from "../util/text.js";
import { timeoutOf, type Timeouts } from "../lifecycle/timeouts.js";
import { startDeadline, WaitTimeoutError } from "../lifecycle/wait.js";
import { kind } from "./outputs.js";
import { hasExpired } from "./expiry.js";
import type { PrebuildInputs } from "./inputs.js";
import { settle } from "./wait-until-completed.js";
import { startPrebuild, undoStart } from "./create.js";
import {
  defaultRunTimeout,
  expiredState,
  liveInputs,
  type PrebuildState,
  readState,
  stateOf,
  steadyDetails,
} from "./state.js";
import { getPrebuild, type PrebuildContext, readListed, removePrebuild } from "./api.js";

/** What waiting for a run may take beyond the run's own timeout, for queueing and the snapshot, in milliseconds: 15 minutes. */
const beyondTheRun = 15 * 60_000;

/** How long a deletion may take where customTimeouts says nothing, in milliseconds: 30 minutes. */
export const defaultDeleteTimeout = 30 * 60_000;

/** How long a create or an update may take where customTimeouts says nothing, in milliseconds: the run's own timeout and 15 minutes. */
export function defaultRunLimit(timeout: string | undefined): number {
  return (parseGoDuration(timeout ?? defaultRunTimeout) ?? 0) + beyondTheRun;
}

/**
 * Starts a run and waits until it has completed.
 * @param interrupt aborted when the process is told to end: the run is then cancelled and deleted again
 * @throws PartialFailure when the run was started and has not completed
 * @throws ResourceFailure or OnaError when no run of ours was started
 */
export async function createPrebuild(
  context: PrebuildContext,
  inputs: PrebuildInputs,
  interrupt: AbortSignal,
): Promise<{ id: string; state: PrebuildState }> {
  const limit = timeoutOf("create", inputs.__timeouts, defaultRunLimit(inputs.timeout));
  const deadline = startDeadline(context.clock, limit);
  try {
    const prebuild = await startPrebuild(context, inputs, deadline, interrupt);
    try {
      interrupt.throwIfAborted();
      warnOfOtherAnswer(context, prebuild.id, inputs, prebuild);
      const signal = AbortSignal.any([deadline.signal, interrupt]);
      const state = await settle(context, prebuild, inputs, { ...deadline, signal }, true);
      interrupt.throwIfAborted();
      return { id: prebuild.id, state };
    } catch (error) {
      if (interrupt.aborted) await undoStart(context, prebuild.id);
      throw error;
    }
  } finally {
    deadline.end();
  }
}

/**
 * Reads a prebuild. Only `not_found` and DELETED mean that it is gone, and of one that is old enough, that it has expired: it is then kept in state, since that is how every prebuild
 * ends.
 * @param properties the outputs that the engine has; those of a prebuild that is only read have no `__managed`
 * @throws ResourceFailure when a prebuild that is only read is not there, or its id is malformed
 * @throws OnaError for every other answer: state must then be left alone
 */
export async function readPrebuild(
  context: PrebuildContext,
  id: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<ReadResult> {
  if (!isUuid(id)) throw new ResourceFailure(`The id of a ${kind} ${mustBeUuid}.`);
  const state = readState(properties);
  const prebuild = await readListed(context, {
    id,
    projectId: mayBeListed(context, state) ? state.projectId : undefined,
  });
  const managed = isManagedState(properties);
  if (prebuild === undefined || prebuild.phase === "DELETED") {
    // What a program asks for by `get` and never saw has to be there; what a refresh looks for may be gone.
    if (!("projectId" in properties)) {
      throw new ResourceFailure(`There is no ${kind} ${id}. ${removedByAge}.`);
    }
    if (!hasExpired(state.createdAt, serverNow(context.client, context.clock))) {
      if (prebuild === undefined) {
        await mustBeOurs(context.organizations, kind, id, state.organizationId);
        context.warn(unknownToApi, id);
      }
      return { found: false };
    }
    if (!managed) return { found: true, state: properties, inputs: properties };
    return { found: true, state: expiredState(state), inputs: liveInputs(state, state) };
  }
  if (prebuild.phase === "DELETING" && !hasExpired(prebuild.createdAt, serverNow(context.client, context.clock))) {
    context.warn("it is DELETING, and kept in state until it is gone", id);
  }
  if (!managed) {
    const steady = { ...steadyDetails(prebuild), ...connectionIn(properties) };
    return { found: true, state: steady, inputs: steady };
  }
  const inputs = liveInputs(prebuild, state);
  const unfinished = state.__unfinished === true && prebuild.phase !== "COMPLETED";
  return { found: true, state: stateOf(prebuild, inputs, unfinished), inputs };
}

/**
 * Takes note of what the program says now, and goes on waiting for a run that was not waited for to its end.
 * @throws PartialFailure when the run has not completed
 * @throws ResourceFailure or OnaError when it could not be looked at
 */
export async function updatePrebuild(
  context: PrebuildContext,
  id: string,
  state: PrebuildState,
  inputs: PrebuildInputs,
): Promise<PrebuildState> {
  const noted = { ...stateOf({ ...state, id }, inputs, false), expired: state.expired };
  if (!state.__unfinished || inputs.waitForCompletion === false) return noted;
  const limit = timeoutOf("update", inputs.__timeouts, defaultRunLimit(state.timeout));
  const deadline = startDeadline(context.clock, limit);
  try {
    const prebuild = await getPrebuild(context, id, deadline.signal).catch((error: unknown) => {
      throw inContext(error, `${describeObject(kind, id)} could not be looked at`, againWithState);
    });
    if (prebuild === undefined || prebuild.phase === "DELETED") {
      if (!hasExpired(state.createdAt, serverNow(context.client, context.clock))) {
        if (prebuild === undefined) await mustBeOurs(context.organizations, kind, id, state.organizationId);
        throw new ResourceFailure(`${describeObject(kind, id)} does not exist any more. ${thenUp}`);
      }
      context.warn("it has expired; whether it had completed is not known", id);
      return expiredState(noted);
    }
    return await settle(context, prebuild, inputs, deadline, false);
  } finally {
    deadline.end();
  }
}

/**
 * Deletes a prebuild and waits until it is gone; a run in progress is cancelled first. One that is gone already, or has expired, counts as deleted.
 * @param properties the outputs that the engine has, for the limit in time and its age
 */
export async function deletePrebuild(
  context: PrebuildContext,
  id: string,
  properties: {
    readonly __timeouts?: Timeouts;
    readonly createdAt?: string;
    readonly expired?: boolean;
    readonly organizationId?: string;
  },
): Promise<void> {
  const deadline = startDeadline(context.clock, timeoutOf("delete", properties.__timeouts, defaultDeleteTimeout));
  try {
    const existed = await removePrebuild(context, id, deadline);
    const isExpired = properties.expired || hasExpired(properties.createdAt, serverNow(context.client, context.clock));
    if (!existed && !isExpired) {
      await mustBeOurs(context.organizations, kind, id, properties.organizationId);
      context.warn(nothingDeleted, id);
    }
  } catch (error) {
    const seen = error instanceof WaitTimeoutError ? ` (${error.status})` : "";
    throw deletionFailed(kind, id, deadline, error, seen);
  } finally {
    deadline.end();
  }
}

/** Whether it is worth looking for among the runs of its project that were started by hand. */
function mayBeListed(context: PrebuildContext, { triggeredBy, createdAt, expired }: PrebuildState): boolean {
  return triggeredBy === "MANUAL" && !expired && !hasExpired(createdAt, serverNow(context.client, context.clock));
}

/** The API may understand a request in its own way; nobody can change that afterwards, but people should know. */
function warnOfOtherAnswer(
  context: PrebuildContext,
  id: string,
  asked: PrebuildInputs,
  answered: { readonly environmentClassId?: string; readonly timeout?: string },
): void {
  for (const name of ["environmentClassId", "timeout"] as const) {
    const [said, is] = [asked[name], answered[name]];
    if (said !== undefined && is !== undefined && said !== is) {
      context.warn(`the API runs it with ${name} ${is} instead of ${said}`, id);
    }
  }
}
