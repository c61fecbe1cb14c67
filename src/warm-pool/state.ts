/** The state of a warm pool, and how the API's answer becomes it. */
import type { WarmPoolMessage } from "../client/index.js";
import type { Properties } from "../lifecycle/contract.js";
import type { StateInputsOf } from "../lifecycle/properties.js";
import * as states from "../lifecycle/state.js";
import { omitUndefined } from "../util/nullish.js";
import type { WarmPoolDetails } from "./outputs.js";
import type { SizeName, WarmPoolInputs } from "./inputs.js";
import { warmPoolProperties, type WarmPoolRows } from "./properties.js";

/** The outputs of a managed pool: the live pool, the inputs that the API doesn't know, and hidden ones. */
export type WarmPoolState = Omit<WarmPoolDetails, "id"> & StateInputsOf<WarmPoolRows> & states.HiddenState<SizeName>;

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

/** The state of a managed pool. */
export function stateOf(
  pool: WarmPoolDetails,
  inputs: Partial<WarmPoolInputs>,
  managed: readonly SizeName[],
  unfinished: boolean,
): WarmPoolState {
  return states.stateOf(warmPoolProperties, pool, inputs, managed, unfinished);
}

/** The live inputs of a managed pool: the inputs with which a program changes nothing. */
export function liveInputs(pool: WarmPoolDetails, state: WarmPoolState): WarmPoolInputs {
  return states.liveInputs(warmPoolProperties, pool, state);
}

/** What a read-only pool shows. Volatile outputs are left out, because any change of them would count as drift. */
export function steadyDetails(pool: WarmPoolDetails): Partial<WarmPoolDetails> {
  return states.steadyValues(warmPoolProperties, pool);
}

/** The outputs that the engine has, completed to a state: see the function of the same name in lifecycle/state. */
export function readState(properties: Properties): WarmPoolState {
  return states.readState<WarmPoolState>(warmPoolProperties, properties);
}
