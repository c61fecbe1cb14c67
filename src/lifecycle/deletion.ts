/** Waiting until an object is gone, and the failures of a deletion. */
import { isTransient } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { describeObject } from "../util/text.js";
import type { LifecycleContext } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import { inContext } from "./messages.js";
import { type Deadline, type Decision, waitFor, WaitTimeoutError } from "./wait.js";

/**
 * Waits until an object is gone.
 * @param what the object, for people: `warm pool`
 * @param observe looks at it; undefined where the API says `not_found`
 * @throws ResourceFailure at the deadline, with what was seen last
 */
export async function waitUntilGone<Seen>(
  context: LifecycleContext,
  what: string,
  id: string,
  observe: (signal: AbortSignal) => Promise<Seen | undefined>,
  decide: (seen: Seen | undefined) => Decision<"gone">,
  deadline: Deadline,
): Promise<void> {
  const wait = waitFor<{ object: Seen | undefined }, "gone">({
    observe: async (signal) => ({ object: await observe(signal) }),
    decide: ({ object }) => decide(object),
    report: (line) => context.progress(line, id),
    tolerate: isTransient,
    deadline,
    clock: context.clock,
  });
  await wait.catch((error: unknown) => {
    throw error instanceof WaitTimeoutError ? notGone(what, id, deadline, ` (${error.status})`) : error;
  });
}

/**
 * The failure of a deletion.
 * @param lastSeen what was seen last of an object that took longer than it may
 */
export function deletionFailed(
  what: string,
  id: string,
  deadline: Deadline,
  error: unknown,
  lastSeen: string,
): unknown {
  if (error instanceof ResourceFailure) return error;
  if (deadline.passed()) return notGone(what, id, deadline, lastSeen);
  return inContext(
    error,
    `${describeObject(what, id)} is not known to be gone`,
    "It stays in state: run the command again.",
  );
}

/** The failure of a deletion that took longer than it may. */
export function notGone(what: string, id: string, { limit }: Deadline, lastSeen: string): ResourceFailure {
  return new ResourceFailure(
    `${describeObject(what, id)} is not gone after ${formatDuration(limit)}${lastSeen}. ` +
      "Once its deletion has begun it goes on by itself: run the command again, or give it more time with customTimeouts.",
  );
}
