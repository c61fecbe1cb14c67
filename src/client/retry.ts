/**
 * Decides when a failed request is sent again, so that users rarely see an outage of seconds or a rate limit.
 *
 *   failure                               sent again                      after
 *   rate limit with a delay (API)         always, it took no effect       the API's delay, at most 30 s
 *   rate limit without a delay (API)      never: it is a quota
 *   429 of a proxy                        always, it was not passed on    its Retry-After, at most 30 s, else backoff
 *   never sent (no connection)            always                          backoff
 *   connection lost, timeout, unavailable only if repeating is harmless   Retry-After of a proxy's 503, else backoff
 *   anything else                         never
 *
 * A rate limit holds back all calls of the client together, see {@link RateLimiter}.
 */
import type { Clock } from "../util/clock.js";
import { isProxyRateLimit, OnaError } from "./errors.js";
import type { EndRequest, RateLimiter } from "./rate-limiter.js";

/** The longest delay before a retry, whatever the server asks for (the vendor's clients have the same limit). */
export const maxRetryDelayMs = 30_000;

const minBackoffMs = 500;
const maxBackoffMs = 8_000;

export interface RetryPolicy {
  /** How many times a request is sent again: 0 to 10. */
  readonly maxRetries: number;
  readonly clock: Clock;
  /** Returns a number in [0, 1) that spreads the backoff. */
  readonly random: () => number;
  readonly limiter: RateLimiter;
}

/** The milliseconds to wait before the next attempt, after `retries` of them. Undefined: do not retry. */
export function retryDelayMs(
  error: OnaError,
  retries: number,
  /** Whether a second request is harmless even if the first one took effect. */
  repeatable: boolean,
  random: () => number,
): number | undefined {
  const { code, origin, retry } = error;
  const requested = retry.kind === "after" ? Math.min(retry.milliseconds, maxRetryDelayMs) : undefined;
  if (code === "resource_exhausted") return requested;
  const tookNoEffect = !error.sent || isProxyRateLimit(error);
  if (!repeatable && !tookNoEffect) return undefined;
  const mayPass = code === "unavailable" && (origin === "api" || origin === "http");
  if (!mayPass && origin !== "network" && origin !== "timeout") return undefined;
  // The API's own delay applies to rate limits only.
  if (requested !== undefined && origin === "http") return requested;
  const backoffMs = Math.min(minBackoffMs * 2 ** retries, maxBackoffMs);
  return backoffMs / 2 + (backoffMs / 2) * random();
}

/** Calls `attempt` until it succeeds or must not be repeated. Its last error gets the number of attempts. */
export async function withRetries<T>(
  rpc: string,
  attempt: (signal: AbortSignal | undefined) => Promise<T>,
  repeatable: boolean,
  { limiter, clock, maxRetries, random }: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  const position = limiter.takePosition();
  const becauseOthersWereRefused = ({ detail }: { readonly detail: string }) => {
    const said = detail === "" ? "" : `: ${detail}`;
    return { rpc, detail: `not sent, because other calls were refused${said}`, attempts: 1, sent: false };
  };
  let last: OnaError | undefined;
  for (let retries = 0; ; retries++) {
    let end: EndRequest | undefined;
    try {
      end = await limiter.acquire(rpc, position, signal);
    } catch (error) {
      const isStopped = signal?.aborted === true && error === signal.reason;
      // The last response says more than why there is no further attempt, unless that is a defect.
      if (last !== undefined && (isStopped || error instanceof OnaError)) throw last;
      // A stopped call that was never sent reports that itself, below.
      if (!isStopped) throw error instanceof OnaError ? error.with(becauseOthersWereRefused) : error;
    }
    try {
      const result = await attempt(signal);
      end?.();
      return result;
    } catch (error) {
      if (!(error instanceof OnaError)) {
        end?.();
        throw error;
      }
      last = error.with(() => ({ attempts: retries + 1 }));
      const delayMs = retryDelayMs(error, retries, repeatable, random);
      const isLimited = delayMs !== undefined && (error.code === "resource_exhausted" || isProxyRateLimit(error));
      end?.(isLimited ? { delayMs, reason: error } : undefined);
      if (delayMs === undefined || retries >= maxRetries || signal?.aborted) throw last;
      // The limiter waits for all calls.
      if (!isLimited) await clock.sleep(delayMs, signal).catch(() => Promise.reject(last as OnaError));
    }
  }
}
