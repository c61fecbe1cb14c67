/** When a missing prebuild has expired: the API removes prebuilds by age, and that isn't drift. */

const hourMs = 3_600_000;

/** The age at which the API removes a prebuild, in milliseconds: 7 days. */
export const lifetimeMs = 7 * 24 * hourMs;

/** Why a prebuild may be gone. */
export const removedByAge = "The API removes each prebuild after seven days";

/** A missing prebuild counts as expired an hour early, since clocks and cleanups are not exact. */
const toleranceMs = hourMs;

/** Whether a missing prebuild has expired by now (milliseconds since 1970). One without a creation time has not. */
export function hasExpired(createdAt: string | undefined, now: number): boolean {
  return now - Date.parse(createdAt ?? "") >= lifetimeMs - toleranceMs;
}
