// How prebuilds and pools move by themselves: pure functions of timings, no clock and no state.
import { PrebuildPhase } from "./gen/gitpod/v1/prebuild_pb.js";

const hour = 3_600_000;

/** How long things take, in milliseconds. */
export const usualTimings = {
  /** From a pool's creation, or its first snapshot if that comes later, to READY. */
  poolReady: 3_000,
  /** From DELETING to DELETED. */
  poolDrain: 5_000,
  /** From a new snapshot until all instances run it. */
  poolRotate: 4_000,
  /** From one move of the autoscaler to the next. */
  poolAutoscale: 60_000,
  /** From a new desired size to as many running instances. */
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
  /** How long a log token opens the logs. */
  logsToken: hour,
};

export type Timings = typeof usualTimings;

/** How a prebuild is going to end. */
export interface Outcome {
  end: "completed" | "failed" | "cancelled";
  /** The failure message, or for a completed prebuild the warning. */
  message?: string | undefined;
}

/** One move of a prebuild. */
export interface Step {
  /** Milliseconds after the creation. */
  at: number;
  phase: PrebuildPhase;
  percentage?: number;
  message?: string;
}

/** The phases of a run that is left alone, from STARTING to its end. */
export function prebuildSteps(timings: Timings, outcome: Outcome, timeout: number): Step[] {
  const starting = timings.prebuildPending;
  const running = starting + timings.prebuildStarting;
  const ending = running + timings.prebuildRunning;
  const begun: Step[] = [
    { at: starting, phase: PrebuildPhase.STARTING },
    { at: running, phase: PrebuildPhase.RUNNING },
  ];
  const steps = outcome.end === "completed" ? [...begun, ...success(timings, ending, outcome)] : begun;
  if (outcome.end === "failed") {
    steps.push({ at: ending, phase: PrebuildPhase.FAILED, message: outcome.message ?? "the prebuild task failed" });
  }
  if (outcome.end === "cancelled") steps.push(...cancelSteps(timings, ending, outcome.message));
  return beforeTimeout(steps, timeout);
}

/** The phases of a run that is cancelled at a moment. */
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

/** Where the autoscaler wants a pool to be after so many of its moves: up from the minimum and down again. */
export function autoscaled(min: number, max: number, moves: number): number {
  const span = max - min;
  if (span <= 0) return min;
  const at = moves % (2 * span);
  return min + (at <= span ? at : 2 * span - at);
}
