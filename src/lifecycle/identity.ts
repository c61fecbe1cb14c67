/** Whose token a client has. Read once, and only when it matters. */
import { type IdentityMessage, type OnaClient, OnaError } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { orAborted, withDeadline } from "./wait.js";

/** How long the call may take with its retries, for all that wait for it. */
const timeoutMs = 10_000;

/** How long an attempt that failed is kept. A refusal is kept for good. */
const retryAfterMs = 60_000;

/**
 * Returns whose token it is, or undefined if that can't be found out or the signal is aborted first. Never fails, and
 * takes at most 10 s.
 */
export type FindIdentity = (signal?: AbortSignal) => Promise<IdentityMessage | undefined>;

/** Finds the identity of a client's token. All callers share one call, which doesn't wait for a rate limit. */
export const identityOf = perOwner((client: Pick<OnaClient, "getIdentity">, clock: Clock): FindIdentity =>
  shareRead(clock, (signal) => client.getIdentity({ signal, urgent: true })),
);

/**
 * Shares one read among all callers and keeps its result. A read that fails returns undefined, which is kept for 60 s,
 * or for good if the API refuses. It never takes longer than 10 s.
 */
export function shareRead<T>(clock: Clock, read: (signal: AbortSignal) => Promise<T>) {
  let result: Promise<T | undefined> | undefined;
  let keptUntil = Infinity;
  const request = async () => {
    try {
      return await withDeadline(clock, timeoutMs, ({ signal }) => read(signal));
    } catch (error) {
      if (!isRefusal(error)) keptUntil = clock.monotonic() + retryAfterMs;
      return undefined;
    }
  };
  return async (signal?: AbortSignal): Promise<T | undefined> => {
    if (signal?.aborted) return undefined;
    if (clock.monotonic() >= keptUntil) [result, keptUntil] = [undefined, Infinity];
    result ??= request();
    return signal === undefined ? result : orAborted(result, signal).catch(() => undefined);
  };
}

/** Whether the API refuses the call, so that repeating it is pointless. */
export function isRefusal(error: unknown): boolean {
  return error instanceof OnaError && (error.code === "permission_denied" || error.code === "unimplemented");
}
