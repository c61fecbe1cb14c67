/** What the phase of a prebuild means to those who wait for it: pure decisions. */
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeObject } from "../util/text.js";
import type { Decision } from "../lifecycle/wait.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import { failureOf } from "./state.js";

/** A run that ended without a snapshot. */
export class RunFailed extends ResourceFailure {
  override readonly name = "RunFailed";
}

/** A prebuild that is on its way out, or gone, while its end was waited for. */
export class PrebuildLeaving extends ResourceFailure {
  override readonly name = "PrebuildLeaving";
  constructor(
    message: string,
    /** Whether it is certainly gone, and not only going. */
    readonly gone: boolean,
  ) {
    super(message);
  }
}

/**
 * Whether a run has completed.
 * @throws RunFailed for one that FAILED or was CANCELLED, with the server's message
 * @throws PrebuildLeaving for one that is DELETING or DELETED
 */
export function decideCompleted(prebuild: PrebuildDetails): Decision<PrebuildDetails> {
  const { phase } = prebuild;
  if (phase === "COMPLETED") return { kind: "done", result: prebuild };
  const failure = failureOf(prebuild);
  if (failure !== undefined) throw new RunFailed(`${describeObject(kind, prebuild.id)} ${failure}`);
  if (phase === "DELETING" || phase === "DELETED") {
    const which = describeObject(kind, prebuild.id);
    throw new PrebuildLeaving(`${which} is ${phase}: it was deleted while it was waited for`, phase === "DELETED");
  }
  // It stays at 0 where the provider of the cloud does not tell (PrebuildStatus.snapshot_completion_percentage).
  const percentage = phase === "SNAPSHOTTING" ? prebuild.snapshotCompletionPercentage : 0;
  return { kind: "wait", status: percentage > 0 ? `${phase}, ${percentage} %` : phase, stage: phase };
}

/** The phases in which a run can be cancelled. */
const inProgress: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

/** What stands between a prebuild and its deletion. */
export type Obstacle = "none" | "gone" | "going" | "running" | "cancelling";

/** Where a prebuild is on its way to being deleted; undefined stands for the API's `not_found`. A phase that nobody knows yet does not hinder. */
export function obstacleOf(prebuild: PrebuildDetails | undefined): Obstacle {
  if (prebuild === undefined || prebuild.phase === "DELETED") return "gone";
  if (prebuild.phase === "DELETING") return "going";
  if (prebuild.phase === "CANCELLING") return "cancelling";
  return inProgress.has(prebuild.phase) ? "running" : "none";
}

/** Whether a prebuild is gone; undefined stands for the API's `not_found`. */
export function decideGone(prebuild: PrebuildDetails | undefined): Decision<"gone"> {
  if (prebuild === undefined || prebuild.phase === "DELETED") return { kind: "done", result: "gone" };
  return { kind: "wait", status: prebuild.phase };
}

/** Whether a run that was cancelled has come to its end. */
export function decideEnded(prebuild: PrebuildDetails | undefined): Decision<PrebuildDetails | undefined> {
  const obstacle = obstacleOf(prebuild);
  if (prebuild !== undefined && (obstacle === "running" || obstacle === "cancelling")) {
    return { kind: "wait", status: `${prebuild.phase}, being cancelled before it is deleted` };
  }
  return { kind: "done", result: prebuild };
}
