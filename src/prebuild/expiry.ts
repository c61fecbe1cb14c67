/** When a prebuild that is not there any more has expired, instead of having been deleted by somebody. */

const hour = 3_600_000;

/** The API removes a prebuild by itself when it is this old, in milliseconds: 7 days. */
export const lifetime = 7 * 24 * hour;

/** How much sooner its absence already counts as expiry, in milliseconds, since clocks and clean-ups are not exact: an hour. */
const tolerance = hour;

/**
 * Whether a prebuild that is gone at a moment has expired. One of which it is not known when it was created has not.
 * @param createdAt RFC 3339
 * @param now milliseconds since 1970
 */
export function hasExpired(createdAt: string | undefined, now: number): boolean {
  return now - Date.parse(createdAt ?? "") >= lifetime - tolerance;
}
