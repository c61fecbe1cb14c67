/** Waits until a warm pool is ready. */
import { OnaError } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeObject } from "../util/text.js";
import { type Deadline, WaitTimeoutError } from "../lifecycle/wait.js";
import { watch } from "../lifecycle/watch.js";
import type { WaitForReady } from "./properties.js";
import { decideReady } from "./phases.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { pollPool, type WarmPoolContext } from "./api.js";

/**
 * Waits as waitForReady says.
 * @param before `wasDegraded`: whether it was DEGRADED before the change; `isNew`: whether it was created just now
 * @returns the pool as it was seen last, and why it isn't ready
 * @throws ResourceFailure when the pool is gone
 */
export async function waitUntilReady(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  waitForReady: WaitForReady,
  deadline: Deadline,
  before: { readonly wasDegraded: boolean; readonly isNew: boolean },
): Promise<{ readonly pool: WarmPoolDetails; readonly failure?: string }> {
  if (waitForReady === false) return { pool };
  const outcome = await watch(context, {
    kind,
    first: pool,
    isNew: before.isNew,
    poll: (signal) => pollPool(context, pool, signal),
    decide: (seen, elapsedMs) => decideReady(waitForReady, before.wasDegraded, seen, elapsedMs),
    deadline,
  });
  if ("error" in outcome) return { pool: outcome.latest, failure: failureOf(outcome.latest, outcome.error) };
  const { warning } = outcome.result;
  if (warning !== undefined) context.warn(warning, pool.id);
  return { pool: outcome.latest };
}

function failureOf({ id, phase }: WarmPoolDetails, error: unknown): string {
  const which = describeObject(kind, id);
  const next = "It stays in state and the next `pulumi up` continues.";
  if (error instanceof WaitTimeoutError) {
    return `${which} did not become READY within ${formatDuration(error.timeoutMs)} (${error.status}). ${next} Raise \`customTimeouts\`, or set \`waitForReady: false\`.`;
  }
  if (error instanceof ResourceFailure) {
    const advice =
      phase === "DEGRADED" ? " Its sizes are as declared: set `waitForReady: false` if that is enough." : "";
    return `${error.message}. ${next}${advice}`;
  }
  if (error instanceof OnaError)
    return `${which} exists (${phase}), but waiting for it failed: ${error.message}. ${next}`;
  return `${which} exists (${phase}), but the wait was interrupted. ${next}`;
}
