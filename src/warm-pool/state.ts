/** The state of a warm pool, and how the API's answer becomes it. */
import type { WarmPoolMessage } from "../client/index.js";
import type { StateOf } from "../lifecycle/properties.js";
import { bindState } from "../lifecycle/state.js";
import { omitUndefined } from "../util/nullish.js";
import type { WarmPoolDetails } from "./outputs.js";
import { warmPoolProperties, type WarmPoolRows } from "./properties.js";

/** The outputs of a managed pool: the live pool, the inputs that the API doesn't know, and hidden ones. */
export type WarmPoolState = StateOf<WarmPoolRows>;

/** The pool in an answer of the API. Pools that have only the deprecated desired_size have min = max = desiredSize. */
export function detailsOf({ id, metadata, spec, status }: WarmPoolMessage): WarmPoolDetails {
  const hasSizes = spec.minSize !== undefined || spec.maxSize !== undefined;
  return omitUndefined<WarmPoolDetails>({
    id,
    projectId: metadata.projectId,
    environmentClassId: metadata.environmentClassId,
    organizationId: metadata.organizationId,
    runnerId: metadata.runnerId,
    createdAt: metadata.createdAt,
    updatedAt: metadata.updatedAt,
    phase: status.phase,
    failureMessage: status.failureMessage,
    snapshotId: spec.snapshotId,
    minSize: hasSizes ? spec.minSize : spec.desiredSize,
    maxSize: hasSizes ? spec.maxSize : spec.desiredSize,
    desiredSize: status.desiredSize,
    runningInstances: status.runningInstances,
    stoppedInstances: status.stoppedInstances,
  });
}

/**
 * The pool of a project and environment class among those listed: preferably one that isn't DELETING, and the newest,
 * because a phase that this version doesn't know may be that of a deleted pool.
 */
export function currentPool<T extends WarmPoolDetails>(pools: readonly T[]): T | undefined {
  const rank = ({ phase, createdAt = "" }: T): number => (phase === "DELETING" ? -1 : Date.parse(createdAt) || 0);
  return pools.toSorted((a, b) => rank(b) - rank(a))[0];
}

export const { liveInputs, readInputs, readResult, readState, stateOf } = bindState(warmPoolProperties);
