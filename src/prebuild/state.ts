/** The state of a prebuild, and how the API's answer becomes it. */
import type { PrebuildMessage } from "../client/index.js";
import type { Properties } from "../lifecycle/contract.js";
import type { StateOf } from "../lifecycle/properties.js";
import { bindState } from "../lifecycle/state.js";
import { durationText } from "../util/duration.js";
import { omitUndefined } from "../util/nullish.js";
import { describeCause } from "../util/text.js";
import type { PrebuildDetails } from "./outputs.js";
import { prebuildProperties, type PrebuildRows } from "./properties.js";

/** The outputs of a managed prebuild: the live prebuild, the inputs that the API doesn't know, and hidden ones. */
export type PrebuildState = StateOf<PrebuildRows>;

/** The prebuild in an answer of the API. */
export function detailsOf({ id, metadata, spec, status }: PrebuildMessage): PrebuildDetails {
  const phase = status?.phase ?? "UNSPECIFIED";
  return omitUndefined<PrebuildDetails>({
    id,
    projectId: metadata?.projectId ?? "",
    environmentClassId: metadata?.environmentClassId,
    timeout: durationText(spec?.timeout),
    organizationId: metadata?.organizationId,
    phase,
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
    // In other phases the API reports it too, but it means nothing.
    snapshotCompletionPercentage: phase === snapshotting ? status?.snapshotCompletionPercentage : undefined,
  });
}

const snapshotting = "SNAPSHOTTING";

const { liveInputs, readInputs, readResult, readState: readAnyState, stateOf } = bindState(prebuildProperties);
export { liveInputs, readInputs, readResult, stateOf };

/** Completes the outputs that the engine has to a state. Release 0.1.0 stored a percentage in every phase. */
export function readState(properties: Properties): PrebuildState {
  const { snapshotCompletionPercentage: percentage, ...state } = readAnyState(properties);
  const isKnown = state.phase === snapshotting && typeof percentage === "number";
  return isKnown ? { ...state, snapshotCompletionPercentage: percentage } : state;
}

/** The state of an expired prebuild: its last state, without what only an existing prebuild has. */
export function expiredState(state: PrebuildState): PrebuildState {
  const { __unfinished: _, snapshotCompletionPercentage: _percentage, ...last } = state;
  const ended = ["COMPLETED", "FAILED", "CANCELLED"].includes(state.phase);
  return { ...last, expired: true, phase: ended ? state.phase : "DELETED" };
}

/** How a run failed, as the end of a sentence about it. Undefined if it didn't. */
export function failureOf(run: Pick<PrebuildDetails, "phase" | "failureMessage">): string | undefined {
  if (run.phase !== "FAILED" && run.phase !== "CANCELLED") return undefined;
  return `${run.phase === "FAILED" ? "FAILED" : "was CANCELLED"}${describeCause(run.failureMessage)}`;
}
