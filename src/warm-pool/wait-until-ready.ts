/** Waiting until a warm pool is what was asked for, and keeping it in state when it does not become so. */
import { isTransient, OnaError } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { PartialFailure, ResourceFailure } from "../lifecycle/failures.js";
import { thenUp } from "../lifecycle/messages.js";
import { describeObject } from "../util/text.js";
import { type Deadline, visibilityPatience, waitFor, WaitTimeoutError } from "../lifecycle/wait.js";
import { managedNames, type WarmPoolInputs } from "./inputs.js";
import { decideReady, PoolLeaving } from "./phases.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { stateOf, type WarmPoolState } from "./state.js";
import { pollPool, type WarmPoolContext } from "./api.js";

/**
 * Waits as waitForReady says and gives the state to keep.
 * @param pool the pool as the API last described it
 * @param wasDegraded whether it was DEGRADED before the change that is waited for
 * @param isNew whether it was made just now
 * @throws PartialFailure with the pool as it was seen last, for the next `up` to go on from
 * @throws ResourceFailure when the pool is gone
 */
export async function settle(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  inputs: WarmPoolInputs,
  deadline: Deadline,
  wasDegraded: boolean,
  isNew: boolean,
): Promise<WarmPoolState> {
  const { id } = pool;
  const mode = inputs.waitForReady ?? "ifSnapshot";
  const keep = (seen: WarmPoolDetails, unfinished: boolean) => stateOf(seen, inputs, managedNames(inputs), unfinished);
  if (mode === false) return keep(pool, false);
  let latest = pool;
  let unseenUntil = isNew ? context.clock.monotonic() + visibilityPatience : -Infinity;
  try {
    const settled = await waitFor({
      first: pool,
      observe: async (signal) => {
        const seen = await pollPool(context, pool, signal);
        if (seen === undefined) {
          if (context.clock.monotonic() < unseenUntil) return latest;
          throw new PoolLeaving(`${describeObject(kind, id)} was deleted while it was waited for`, true);
        }
        unseenUntil = -Infinity;
        return (latest = seen);
      },
      decide: (seen, elapsed) => decideReady(mode, wasDegraded, seen, elapsed),
      report: (line) => context.progress(line, id),
      tolerate: isTransient,
      deadline,
      clock: context.clock,
    });
    if (settled.warning !== undefined) context.warn(settled.warning, id);
    return keep(settled.pool, false);
  } catch (error) {
    // A pool that is gone must not stay in state as if it were there.
    if (error instanceof PoolLeaving && error.gone) throw new ResourceFailure(`${error.message}. ${thenUp}`);
    throw new PartialFailure(id, keep(latest, true), reason(latest, error));
  }
}

function reason({ id, phase }: WarmPoolDetails, error: unknown): string {
  const which = describeObject(kind, id);
  const next = "It is kept in state, and the next `pulumi up` goes on from here";
  if (error instanceof WaitTimeoutError) {
    return `${which} is not READY after ${formatDuration(error.timeout)}: ${error.status}. ${next}; customTimeouts and waitForReady say how long to wait and for what.`;
  }
  if (error instanceof ResourceFailure) {
    const done = phase === "DEGRADED" ? "; its sizes are as declared, and with waitForReady: false nobody waits" : "";
    return `${error.message}. ${next}${done}.`;
  }
  if (error instanceof OnaError) {
    return `${which} exists (${phase}), but could not be watched until it was ready: ${error.message}. ${next}.`;
  }
  return `${which} exists (${phase}), but the wait for it was ended. ${next}.`;
}
