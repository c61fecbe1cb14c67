/**
 * When a failed request is sent again, and after how long.
 *
 * The server's word wins: a rate limit is obeyed for every call, since a limited request had no effect, and by all calls of the client together ({@link RateGate}). So is a
 * proxy's or gateway's 429, with or without a word on how long to wait; what such a one says with a 503 is obeyed for the call that it answered. Without a word only connection
 * failures, time-outs and `unavailable` are tried again, and only where a second request is harmless.
 */
import type { Clock } from "../util/clock.js";
import { isLimitedOnTheWay, OnaError } from "./errors.js";
import type { RateGate } from "./rate-limiter.js";

/** The longest wait before a retry, whatever the server asks for, in milliseconds (the vendor's clients cap there too). */
export const longestRetryDelay = 30_000;

const firstBackoff = 500;
const longestBackoff = 8_000;

/** What decides about retries. */
export interface RetryPolicy {
  /** How many times a request is sent again at most; 0 to 10. */
  readonly maxRetries: number;
  readonly clock: Clock;
  /** A number in [0, 1) that spreads our own delays, `Math.random` in production. */
  readonly random: () => number;
  /** What keeps all calls of a client within a rate limit that one of them has met. */
  readonly gate: RateGate;
}

/**
 * The milliseconds to wait before the next attempt, or undefined when there must be none.
 * @param error why the attempt failed
 * @param retries how often the request was already sent again
 * @param repeatable whether a second request is harmless even if the first one had its effect; one that never left may always be sent again
 */
export function retryDelay(
  error: OnaError,
  retries: number,
  repeatable: boolean,
  random: () => number,
): number | undefined {
  const asked = error.retry.kind === "after" ? Math.min(error.retry.milliseconds, longestRetryDelay) : undefined;
  if (error.code === "resource_exhausted") return asked;
  if (!repeatable && error.sent && !isLimitedOnTheWay(error)) return undefined;
  if (!isWorthRepeating(error)) return undefined;
  // Of the API's own unavailable, an advice with it is about rates alone.
  if (asked !== undefined && error.origin === "http") return asked;
  const backoff = Math.min(firstBackoff * 2 ** retries, longestBackoff);
  return backoff / 2 + (backoff / 2) * random();
}

function isWorthRepeating(error: OnaError): boolean {
  if (error.origin === "network" || error.origin === "timeout") return true;
  return (error.origin === "api" || error.origin === "http") && error.code === "unavailable";
}

/** Whether too many calls were the reason, by the API's word or a proxy's. */
function isRateLimit(error: OnaError): boolean {
  return error.code === "resource_exhausted" || isLimitedOnTheWay(error);
}

/**
 * Sends by `attempt` until it succeeds or must not be sent again.
 * @param rpc the call, for the error of one that other calls' rate limit has kept from being sent at all
 * @param repeatable whether a second request is harmless even if the first one had its effect
 * @param signal ends the waits between attempts
 * @throws the last {@link OnaError}, with the number of attempts
 */
export async function withRetries<T>(
  rpc: string,
  attempt: (signal: AbortSignal | undefined) => Promise<T>,
  repeatable: boolean,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { gate, clock, maxRetries } = policy;
  const place = gate.place();
  for (let retries = 0, last: OnaError | undefined; ; retries++) {
    const passage = await gate.enter(rpc, place, signal).catch((error: unknown) => {
      // The last answer says more than the fact that we stopped. A call that was never sent is left to say so itself.
      if (signal?.aborted && error === signal.reason) {
        if (last !== undefined) throw last.after(retries);
        return undefined;
      }
      // Neither stopped nor refused: a defect, which no answer of the API explains.
      if (!(error instanceof OnaError)) throw error;
      throw last?.after(retries) ?? error.insteadOf(rpc);
    });
    try {
      const result = await attempt(signal);
      passage?.through();
      return result;
    } catch (error) {
      const delay = error instanceof OnaError ? retryDelay(error, retries, repeatable, policy.random) : undefined;
      const isLimited = error instanceof OnaError && delay !== undefined && isRateLimit(error);
      if (isLimited) passage?.refused(delay, error);
      else passage?.through();
      if (!(error instanceof OnaError)) throw error;
      if (delay === undefined || retries >= maxRetries || signal?.aborted) throw error.after(retries + 1);
      last = error;
      if (isLimited) continue;
      await clock.sleep(delay, signal).catch(() => {
        throw error.after(retries + 1);
      });
    }
  }
}
