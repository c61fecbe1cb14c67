/** What the phase of a warm pool means to those who wait for it: pure decisions. */
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeCause, describeObject } from "../util/text.js";
import type { Decision } from "../lifecycle/wait.js";
import { kind, type WarmPoolDetails } from "./outputs.js";

/** How long `"ifSnapshot"` waits for a snapshot to appear, in milliseconds. */
export const snapshotPatience = 30_000;

/** How long a pool that was DEGRADED already may stay so after a change, in milliseconds. */
const recoveryPatience = 30_000;

/** A pool that is on its way out, or gone, while something else was wanted of it. */
export class PoolLeaving extends ResourceFailure {
  override readonly name = "PoolLeaving";
  constructor(
    message: string,
    /** Whether it is certainly gone, and not only going. */
    readonly gone: boolean,
  ) {
    super(message);
  }
}

/** A pool that the wait is content with. */
export interface Settled {
  readonly pool: WarmPoolDetails;
  /** Why it is not READY, if it is not. */
  readonly warning?: string;
}

/**
 * Whether a pool is ready, or enough so.
 * @param mode `true` waits for READY; `"ifSnapshot"` too, unless no snapshot appears within 30 s
 * @param wasDegraded whether the pool was DEGRADED before the change that is waited for
 * @param elapsed milliseconds since the wait began
 * @throws ResourceFailure for a DEGRADED pool, with the runner's message
 * @throws PoolLeaving for a pool that is DELETING or DELETED
 */
export function decideReady(
  mode: true | "ifSnapshot",
  wasDegraded: boolean,
  pool: WarmPoolDetails,
  elapsed: number,
): Decision<Settled> {
  const which = describeObject(kind, pool.id);
  switch (pool.phase) {
    case "READY":
      return { kind: "done", result: { pool } };
    case "DEGRADED":
      if (wasDegraded && elapsed < recoveryPatience)
        return { kind: "wait", status: "DEGRADED, waiting for it to recover" };
      throw new ResourceFailure(`${which} is DEGRADED${describeCause(pool.failureMessage)}`);
    case "DELETING":
    case "DELETED":
      throw new PoolLeaving(
        `${which} is ${pool.phase}: it was deleted while it was waited for`,
        pool.phase === "DELETED",
      );
  }
  if (pool.snapshotId !== undefined) {
    return { kind: "wait", status: `${pool.phase}, instances are being started from the snapshot` };
  }
  if (mode === "ifSnapshot" && elapsed >= snapshotPatience) {
    const warning =
      `it is ${pool.phase} and still empty: there is no completed prebuild of this project and environment class to start instances from. ` +
      "Run a prebuild, or wait for the next scheduled one; the pool then fills by itself";
    return { kind: "done", result: { pool, warning } };
  }
  return { kind: "wait", status: `${pool.phase}, no prebuild snapshot yet` };
}

/** Whether a pool is gone; undefined stands for the API's `not_found`. */
export function decideGone(pool: WarmPoolDetails | undefined): Decision<"gone"> {
  if (pool === undefined || pool.phase === "DELETED") return { kind: "done", result: "gone" };
  const left = pool.runningInstances + pool.stoppedInstances;
  return { kind: "wait", status: `${pool.phase}, ${left} ${left === 1 ? "instance" : "instances"} left` };
}
