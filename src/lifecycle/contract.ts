/** What the lives of all resources have in common: words for people, what a read finds, and the end. */
import { isTransient, OnaError } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { formatDuration } from "../util/duration.js";
import { ResourceFailure } from "./failures.js";
import type { Organizations } from "./wrong-organization.js";
import { subject } from "../util/text.js";
import { type Deadline, type Decision, waitFor, WaitTimeoutError } from "./wait.js";

/** How a lifecycle tells people of things, about the object with the given id if there is one. */
export interface LifecycleContext {
  /** The resource's name in the program, where it is known. */
  readonly name?: string | undefined;
  readonly clock: Clock;
  /** How it goes. */
  readonly progress: (line: string, id?: string) => void;
  /** What people should look at. */
  readonly warn: (line: string, id?: string) => void;
  /** Whose objects the token is shown, for what is not found. */
  readonly organizations: Pick<Organizations, "otherThan">;
}

/** What a read finds: nothing, or what the engine is to keep. */
export type ReadResult =
  { readonly found: false } | { readonly found: true; readonly state: object; readonly inputs: object };

/** The connection that properties name, to be kept with an object that is only read: the next read has to find it. */
export function connectionIn(properties: object): { readonly connection?: string } {
  return "connection" in properties && typeof properties.connection === "string"
    ? { connection: properties.connection }
    : {};
}

/** The organization that properties name. */
export function organizationIn(properties: object): string | undefined {
  return "organizationId" in properties && typeof properties.organizationId === "string"
    ? properties.organizationId
    : undefined;
}

/** What people should know before an object is dropped from state: the API's word is all there is, and a token of another account gets the same one. */
export const unknownToApi =
  "the API does not know it (not_found), so it is dropped from state. If it should be there: is the token, or the address, that of another account?";

/** As {@link unknownToApi}, where a deletion has found nothing to delete. */
export const nothingDeleted =
  "the API does not know it (not_found), so nothing was deleted. If it should have been there: is the token, or the address, that of another account?";

/** What to do about an object of which nothing was changed. */
export const againWithState = "It stays in state as it was: run `pulumi up` again.";

/** What to do about an object that is in state and not at the API. */
export const thenUp = "Run `pulumi refresh`, then `pulumi up` to make a new one.";

/** Tells that an object has been found whose creation had failed, as far as the caller could know. */
export function foundAgain(context: LifecycleContext, failure: unknown, id: string): void {
  const what = failure instanceof OnaError ? `${failure.rpc} (${failure.code})` : "its creation";
  context.progress(`${what} had not failed after all: it is found at the API`, id);
}

/**
 * How long an object that the API has just made may be unknown to it, in milliseconds: an answer may come from a copy that does not have it yet, and an object must not be dropped for
 * that. Once it was seen, `not_found` means what it says.
 */
export const visibilityPatience = 10_000;

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
  return inContext(error, `${subject(what, id)} is not known to be gone`, "It stays in state: run the command again.");
}

/** An error of the API as the failure of what was done, with what to do next; any other error as it is. */
export function inContext(error: unknown, done: string, next: string): unknown {
  if (!(error instanceof OnaError)) return error;
  return new ResourceFailure(`${done}: ${error.message}. ${next}`, { cause: error });
}

/** The failure of a deletion that took longer than it may. */
export function notGone(what: string, id: string, { limit }: Deadline, lastSeen: string): ResourceFailure {
  return new ResourceFailure(
    `${subject(what, id)} is not gone after ${formatDuration(limit)}${lastSeen}. ` +
      "Once its deletion has begun it goes on by itself: run the command again, or give it more time with customTimeouts.",
  );
}
