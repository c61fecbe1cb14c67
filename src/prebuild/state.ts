/** The state of a prebuild, and how the API's answer becomes it. */
import type { PrebuildMessage } from "../client/index.js";
import type { Properties } from "../lifecycle/contract.js";
import * as inputs from "../lifecycle/inputs.js";
import type { ManagedNameOf, StateInputsOf } from "../lifecycle/properties.js";
import * as states from "../lifecycle/state.js";
import { formatDuration, parseGoDuration } from "../util/duration.js";
import { omitUndefined } from "../util/nullish.js";
import { describeCause } from "../util/text.js";
import type { PrebuildDetails } from "./outputs.js";
import { type PrebuildInputs, prebuildProperties, type PrebuildRows } from "./properties.js";

/** The outputs of a managed prebuild: the live prebuild, the inputs that the API doesn't know, and hidden ones. */
export type PrebuildState = Omit<PrebuildDetails, "id"> &
  StateInputsOf<PrebuildRows> &
  states.HiddenState<ManagedNameOf<PrebuildRows>> & {
    /** Whether the API has removed it because it was seven days old. */
    readonly expired: boolean;
  };

/** The prebuild in an answer of the API. */
export function detailsOf({ id, metadata, spec, status }: PrebuildMessage): PrebuildDetails {
  return omitUndefined<PrebuildDetails>({
    id,
    projectId: metadata?.projectId ?? "",
    environmentClassId: metadata?.environmentClassId,
    timeout: durationText(spec?.timeout),
    organizationId: metadata?.organizationId,
    phase: status?.phase ?? "UNSPECIFIED",
    triggeredBy: metadata?.triggeredBy,
    creatorId: metadata?.creator?.id,
    executorId: metadata?.executor?.id,
    createdAt: metadata?.createdAt,
    updatedAt: metadata?.updatedAt,
    completedAt: status?.completionTime,
    failureMessage: status?.failureMessage,
    warningMessage: status?.warningMessage,
    logUrl: status?.logUrl,
    environmentId: status?.environmentId,
    snapshotSizeBytes: status?.snapshotSizeBytes ?? "0",
    snapshotCompletionPercentage: status?.snapshotCompletionPercentage ?? 0,
  });
}

/**
 * The state of a managed prebuild. What the program declared and the API received stays as declared: it can never
 * change there, so an answer that says it differently, or leaves it out, is no drift.
 */
export function stateOf(
  prebuild: PrebuildDetails,
  declared: Partial<PrebuildInputs>,
  unfinished: boolean,
): PrebuildState {
  const managed = inputs.managedNames(prebuildProperties, declared);
  return states.stateOf(prebuildProperties, { ...prebuild, expired: false }, declared, managed, unfinished);
}

/** The state of an expired prebuild: its last state, without what only an existing prebuild has. */
export function expiredState(state: PrebuildState): PrebuildState {
  const { __unfinished: _, ...last } = state;
  const ended = ["COMPLETED", "FAILED", "CANCELLED"].includes(state.phase);
  return { ...last, expired: true, phase: ended ? state.phase : "DELETED" };
}

/** The live inputs of a managed prebuild: the inputs with which a program changes nothing. */
export function liveInputs(prebuild: Omit<PrebuildDetails, "id">, state: PrebuildState): PrebuildInputs {
  return states.liveInputs(prebuildProperties, prebuild, state);
}

/** What a read-only prebuild shows. Volatile outputs are left out, because any change of them would count as drift. */
export function steadyDetails(prebuild: PrebuildDetails): Partial<PrebuildDetails> {
  return states.steadyValues(prebuildProperties, prebuild);
}

/** The outputs that the engine has, completed to a state: see the function of the same name in lifecycle/state. */
export function readState(properties: Properties): PrebuildState {
  return states.readState<PrebuildState>(prebuildProperties, properties);
}

/** The inputs in properties that the check has passed: see the function of the same name in lifecycle/inputs. */
export function readInputs(properties: Properties): PrebuildInputs {
  return inputs.readInputs(prebuildProperties, properties);
}

/** How a run failed, as the end of a sentence about it. Undefined if it didn't. */
export function failureOf(run: Pick<PrebuildDetails, "phase" | "failureMessage">): string | undefined {
  if (run.phase !== "FAILED" && run.phase !== "CANCELLED") return undefined;
  return `${run.phase === "FAILED" ? "FAILED" : "was CANCELLED"}${describeCause(run.failureMessage)}`;
}

/** A protobuf Duration (`"2700s"`) as users write it. */
function durationText(duration: string | undefined): string | undefined {
  const milliseconds = duration === undefined ? undefined : parseGoDuration(duration);
  return milliseconds === undefined ? undefined : formatDuration(milliseconds);
}
