/** When a missing prebuild has expired. */
import { hasExpired, lifetimeMs } from "../../src/prebuild/expiry.js";

const createdAt = "2026-03-01T12:00:00Z";
const created = Date.parse(createdAt);
const hour = 3_600_000;
// 6 days and 23 hours.
const boundary = created + (6 * 24 + 23) * hour;

test("a prebuild lives for seven days", () => {
  expect(lifetimeMs).toBe(7 * 24 * hour);
});

test.each([
  ["when it was created", created, false],
  ["after six days", created + 6 * 24 * hour, false],
  ["a millisecond before 6 d 23 h", boundary - 1, false],
  ["at 6 d 23 h", boundary, true],
  ["after seven days", created + lifetimeMs, true],
  ["weeks later", created + 5 * lifetimeMs, true],
  ["before it was created, by a clock that is wrong", created - hour, false],
])("a prebuild that is missing %s (%d) has expired: %s", (_when, now, expired) => {
  expect(hasExpired(createdAt, now)).toBe(expired);
});

test("a creation time in nanoseconds never makes a prebuild expire early", () => {
  expect(hasExpired("2026-03-01T12:00:00.000999999Z", boundary)).toBe(true);
  expect(hasExpired("2026-03-01T12:00:00.001000000Z", boundary)).toBe(false);
  expect(hasExpired("2026-03-01T12:00:00.123456789Z", boundary + 122)).toBe(false);
  expect(hasExpired("2026-03-01T12:00:00.123456789Z", boundary + 123)).toBe(true);
});

test("a creation time in another time zone is the same moment", () => {
  expect(hasExpired("2026-03-01T14:00:00+02:00", boundary)).toBe(true);
  expect(hasExpired("2026-03-01T14:00:00+02:00", boundary - 1)).toBe(false);
});

test.each([undefined, "", "yesterday"])("a prebuild with the creation time %p has not expired", (text) => {
  expect(hasExpired(text, boundary + lifetimeMs)).toBe(false);
});
