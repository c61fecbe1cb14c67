/** What the phase of a warm pool means to a wait: pure decisions. */
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeCause, describeObject } from "../util/text.js";
import type { Decision } from "../lifecycle/wait.js";
import { deletedMeanwhile } from "../lifecycle/watch.js";
import { kind, type WarmPoolDetails } from "./outputs.js";

/** How long `"ifSnapshot"` waits for a snapshot to appear. */
export const snapshotTimeoutMs = 30_000;

/** How long a pool that was DEGRADED before a change may stay DEGRADED after it. */
const recoveryTimeoutMs = 30_000;

/**
 * Decides whether a pool is ready, or ready enough, with a warning.
 * @param wasDegraded whether the pool was DEGRADED before the change
 * @throws ResourceFailure for a DEGRADED pool, with the runner's message
 * @throws DeletedMeanwhile for a DELETING or DELETED pool
 */
export function decideReady(
  mode: true | "ifSnapshot",
  wasDegraded: boolean,
  pool: WarmPoolDetails,
  elapsedMs: number,
): Decision<{ readonly warning?: string }> {
  const { id, phase, failureMessage, snapshotId } = pool;
  const deleted = deletedMeanwhile(kind, id, phase);
  if (deleted !== undefined) throw deleted;
  if (phase === "READY") return { kind: "done", result: {} };
  if (phase === "DEGRADED") {
    if (!wasDegraded || elapsedMs >= recoveryTimeoutMs)
      throw new ResourceFailure(`${describeObject(kind, id)} is DEGRADED${describeCause(failureMessage)}`);
    return { kind: "wait", status: "DEGRADED, waiting for it to recover" };
  }
  if (snapshotId !== undefined) return { kind: "wait", status: `${phase}, starting instances from the snapshot` };
  if (mode === true || elapsedMs < snapshotTimeoutMs)
    return { kind: "wait", status: `${phase}, no prebuild snapshot yet` };
  const warning =
    `it is ${phase} and still empty: this project and environment class have no completed prebuild to start instances from. ` +
    "Run a prebuild, or wait for the next scheduled one: the pool then fills by itself";
  return { kind: "done", result: { warning } };
}

/** The progress of a deletion. */
export function drainStatus({ phase, runningInstances, stoppedInstances }: WarmPoolDetails): string {
  const left = runningInstances + stoppedInstances;
  return `${phase}, ${left} ${left === 1 ? "instance" : "instances"} left`;
}
