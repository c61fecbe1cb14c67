/** Finds the object that a create has made although its response was lost. */
import { OnaError } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import type { LifecycleContext } from "./contract.js";
import { messageOf, ResourceFailure } from "./failures.js";
import { urgentSearchTimeoutMs } from "./interrupt.js";
import { withDeadline } from "./wait.js";

/** How long the search may take. It isn't part of the create's own timeout, which may have expired. */
const searchTimeoutMs = 60_000;

/** The pauses before each try, in milliseconds: a new object may appear late in a list. */
const pausesMs = [0, 1_000, 2_000] as const;

/**
 * Searches up to three times within 3 s. After an interrupt it searches once more, in the time that is left.
 * @param mayAppear whether a second try can find more than the first
 * @param search lists once; `urgent` says that there is no time to wait for a rate limit
 */
export async function searchForCreated<Found>(
  clock: Clock,
  interrupt: AbortSignal,
  mayAppear: boolean,
  search: (signal: AbortSignal, urgent: boolean) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const urgent = interrupt.aborted;
  const run = withDeadline(clock, urgent ? urgentSearchTimeoutMs : searchTimeoutMs, async (deadline) => {
    const signal = urgent ? deadline.signal : AbortSignal.any([deadline.signal, interrupt]);
    for (const pauseMs of mayAppear && !urgent ? pausesMs : [0]) {
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
      const found = await search(signal, urgent);
      if (found !== undefined) return found;
    }
    return undefined;
  });
  return run.catch((error: unknown) => {
    if (interrupt.aborted && !urgent) return searchForCreated(clock, interrupt, mayAppear, search);
    throw error;
  });
}

/** Reports an object that was created although its request seemed to fail. */
export function reportFound(context: LifecycleContext, failure: unknown, id: string): void {
  const call = failure instanceof OnaError ? `${failure.rpc} failed (${failure.code})` : "the request failed";
  context.progress(`it was created although ${call}`, id);
}

/** The failure of a create whose response was lost, when the search failed too. */
export function unknownOutcome(kind: string, failure: unknown, searchError: unknown, next: string): ResourceFailure {
  return new ResourceFailure(
    `${messageOf(failure)}. We could not determine whether the ${kind} was created: ` +
      `checking for it also failed: ${messageOf(searchError)}. The request was not repeated. ${next}`,
  );
}
