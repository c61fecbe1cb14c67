/** Finds the object that a create has made although its response was lost. */
import { type OnaClient, OnaError } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { quoteForShell } from "../util/text.js";
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

/** What tells the server's time. */
export type ServerTime = Pick<OnaClient, "serverTimeAt" | "serverTimeErrorAt" | "requestTimeoutMs">;

/** When the server can have handled requests, by its own clock in milliseconds since 1970. */
export interface CreationWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * The window in which lost requests can have created something. It begins at most a second too early, since the
 * server's `Date` has whole seconds, and ends with the timeout of the last request.
 * @param firstSentAt by `clock.monotonic()`, as `lastSentAt`
 * @returns undefined if the server's time is unknown
 */
export function creationWindow(
  server: ServerTime,
  firstSentAt: number,
  lastSentAt: number,
): CreationWindow | undefined {
  const [first, last] = [server.serverTimeAt(firstSentAt), server.serverTimeAt(lastSentAt)];
  if (first === undefined || last === undefined) return undefined;
  const earliest = first + Math.max(0, server.serverTimeErrorAt(firstSentAt) - 1_000);
  return { from: earliest, to: last + server.serverTimeErrorAt(lastSentAt) + server.requestTimeoutMs };
}

/**
 * Warns that an object was taken for the result of a request that seemed to fail. Nothing proves that nobody else made
 * it.
 */
export function reportFound(
  context: LifecycleContext,
  failure: unknown,
  { id, createdAt = "an unknown time" }: { readonly id: string; readonly createdAt?: string | undefined },
  requestedAt: number | undefined,
  interrupt: AbortSignal,
  properties = "",
): void {
  const call = failure instanceof OnaError ? `${failure.rpc} failed (${failure.code})` : "the request failed";
  const requested = requestedAt === undefined ? "an unknown time" : new Date(requestedAt).toISOString();
  const urn = context.urn === undefined ? "" : ` ${quoteForShell(context.urn)}`;
  const isKept = !interrupt.aborted || context.onInterrupt === "keep";
  const advice = !isKept ? "" : `. If someone else created it, run \`pulumi state delete${urn}\``;
  context.warn(
    `it was created although ${call}: requested at ${requested}, created at ${createdAt}${properties}${advice}`,
    id,
  );
}

/** The failure of a create whose response was lost, when the search failed too. */
export function unknownOutcome(kind: string, failure: unknown, searchError: unknown, next: string): ResourceFailure {
  return new ResourceFailure(
    `${messageOf(failure)}. We could not determine whether the ${kind} was created: ` +
      `checking for it also failed: ${messageOf(searchError)}. The request was not repeated. ${next}`,
  );
}
