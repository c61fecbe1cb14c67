/** What the phase of a prebuild means to a wait and to a deletion: pure decisions. */
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeObject } from "../util/text.js";
import type { Decision } from "../lifecycle/wait.js";
import { deletedMeanwhile } from "../lifecycle/watch.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import { failureOf } from "./state.js";

/** A run that ended without a snapshot. */
export class RunFailed extends ResourceFailure {
  override readonly name = "RunFailed";
}

/**
 * Decides whether a run has completed.
 * @throws RunFailed for a FAILED or CANCELLED run, with the server's message
 * @throws DeletedMeanwhile for a DELETING or DELETED prebuild
 */
export function decideCompleted(prebuild: PrebuildDetails): Decision<PrebuildDetails> {
  // Some cloud providers don't report it, and it stays 0 (PrebuildStatus.snapshot_completion_percentage).
  const { id, phase, snapshotCompletionPercentage: percentage = 0 } = prebuild;
  if (phase === "COMPLETED") return { kind: "done", result: prebuild };
  const failure = failureOf(prebuild);
  if (failure !== undefined) throw new RunFailed(`${describeObject(kind, id)} ${failure}`);
  const deleted = deletedMeanwhile(kind, id, phase);
  if (deleted !== undefined) throw deleted;
  return { kind: "wait", status: percentage > 0 ? `${phase}, ${percentage}%` : phase, stage: phase };
}

/** The phases in which a run can be cancelled. */
const inProgress: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

/** What keeps a prebuild from being deleted; an unknown phase doesn't. Undefined stands for `not_found`. */
export function obstacleOf(
  prebuild: PrebuildDetails | undefined,
): "none" | "gone" | "deleting" | "running" | "cancelling" {
  if (prebuild === undefined || prebuild.phase === "DELETED") return "gone";
  if (prebuild.phase === "DELETING") return "deleting";
  if (prebuild.phase === "CANCELLING") return "cancelling";
  return inProgress.has(prebuild.phase) ? "running" : "none";
}

/** Decides whether a canceled run has ended. */
export function decideEnded(prebuild: PrebuildDetails | undefined): Decision<PrebuildDetails | undefined> {
  const obstacle = obstacleOf(prebuild);
  if (prebuild !== undefined && (obstacle === "running" || obstacle === "cancelling")) {
    return { kind: "wait", status: `${prebuild.phase}, being canceled before it is deleted` };
  }
  return { kind: "done", result: prebuild };
}
