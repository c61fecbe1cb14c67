/** How prebuilds and pools change by themselves, as pure functions of timings. */
import { PrebuildPhase } from "./gen/gitpod/v1/prebuild_pb.js";

const hour = 3_600_000;

/** How long things take, in milliseconds. */
export const defaultTimings = {
  /** From a pool's creation, or from its first snapshot if that is later, to READY. */
  poolReady: 3_000,
  /** From DELETING to DELETED. */
  poolDrain: 5_000,
  /** From a new snapshot until all instances run it. */
  poolRotate: 4_000,
  /** Between two moves of the autoscaler. */
  poolAutoscale: 60_000,
  /** From a new desired size to that many running instances. */
  poolScaleOut: 10_000,
  prebuildPending: 1_000,
  prebuildStarting: 2_000,
  prebuildRunning: 10_000,
  prebuildStopping: 1_000,
  prebuildSnapshotting: 6_000,
  prebuildCancelling: 2_000,
  prebuildDeleting: 2_000,
  /** From a prebuild's creation until the server removes it. */
  prebuildExpiry: 7 * 24 * hour,
  /** How long a log token is valid. */
  logsToken: hour,
};

export type Timings = typeof defaultTimings;

/** How a prebuild will end. */
export interface Outcome {
  end: "completed" | "failed" | "cancelled";
  /** The failure message, or the warning of a completed prebuild. */
  message?: string | undefined;
}

/** One change of phase of a prebuild. @internal */
export interface Step {
  /** Milliseconds after the prebuild's creation. */
  at: number;
  phase: PrebuildPhase;
  percentage?: number;
  message?: string;
}

/** The phases of an undisturbed run, from STARTING to its end. @internal */
export function prebuildSteps(timings: Timings, outcome: Outcome, timeout: number): Step[] {
  const starting = timings.prebuildPending;
  const running = starting + timings.prebuildStarting;
  const ending = running + timings.prebuildRunning;
  const started: Step[] = [
    { at: starting, phase: PrebuildPhase.STARTING },
    { at: running, phase: PrebuildPhase.RUNNING },
  ];
  const steps = outcome.end === "completed" ? [...started, ...success(timings, ending, outcome)] : started;
  if (outcome.end === "failed") {
    steps.push({ at: ending, phase: PrebuildPhase.FAILED, message: outcome.message ?? "the prebuild task failed" });
  }
  if (outcome.end === "cancelled") steps.push(...cancelSteps(timings, ending, outcome.message));
  return beforeTimeout(steps, timeout);
}

/** The phases of a run that is cancelled at the given age. @internal */
export function cancelSteps(timings: Timings, at: number, message = ""): Step[] {
  return [
    { at, phase: PrebuildPhase.CANCELLING },
    { at: at + timings.prebuildCancelling, phase: PrebuildPhase.CANCELLED, message },
  ];
}

function success(timings: Timings, from: number, outcome: Outcome): Step[] {
  const snapshotting = from + timings.prebuildStopping;
  const moves = [0, 25, 50, 75].map((percentage) => ({
    at: snapshotting + (timings.prebuildSnapshotting * percentage) / 100,
    phase: PrebuildPhase.SNAPSHOTTING,
    percentage,
  }));
  const message = outcome.message ?? "";
  const completed = { at: snapshotting + timings.prebuildSnapshotting, phase: PrebuildPhase.COMPLETED, message };
  return [{ at: from, phase: PrebuildPhase.STOPPING }, ...moves, completed];
}

function beforeTimeout(steps: Step[], timeout: number): Step[] {
  const inTime = steps.filter((step) => step.at <= timeout);
  if (inTime.length === steps.length) return steps;
  const message = `the prebuild did not complete within its timeout of ${timeout / 1000} seconds`;
  return [...inTime, { at: timeout, phase: PrebuildPhase.FAILED, message }];
}

/** The size that the autoscaler requests after a number of moves: from the minimum up to the maximum and down again. */
export function autoscaledSize(min: number, max: number, moves: number): number {
  const span = max - min;
  if (span <= 0) return min;
  const at = moves % (2 * span);
  return min + (at <= span ? at : 2 * span - at);
}
