/** Waits until a warm pool is ready. */
import { ResourceFailure } from "../lifecycle/failures.js";
import { describeObject } from "../util/text.js";
import type { Deadline } from "../lifecycle/wait.js";
import { describeWaitFailure, watch } from "../lifecycle/watch.js";
import type { WaitForReady } from "./properties.js";
import { decideReady } from "./phases.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import type { WarmPoolContext } from "./api.js";

/** Waits as waitForReady says. Returns why the pool isn't ready. Throws a ResourceFailure when it is gone. */
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
    poll: (signal) => context.pools.poll(pool, signal),
    decide: (seen, elapsedMs) => decideReady(waitForReady, before.wasDegraded, seen, elapsedMs),
    deadline,
  });
  if ("error" in outcome) return { pool: outcome.latest, failure: failureOf(outcome.latest, outcome.error) };
  const { warning } = outcome.result;
  if (warning !== undefined) context.warn(warning, pool.id);
  return { pool: outcome.latest };
}

function failureOf({ id, phase }: WarmPoolDetails, error: unknown): string {
  const next = "It stays in state and the next `pulumi up` continues.";
  if (error instanceof ResourceFailure) {
    const advice =
      phase === "DEGRADED" ? " Its sizes are as declared: set `waitForReady: false` if that is enough." : "";
    return `${error.message}. ${next}${advice}`;
  }
  const wait = { goal: "become READY", now: `exists (${phase})`, next, option: "waitForReady" };
  return describeWaitFailure(describeObject(kind, id), error, wait);
}
