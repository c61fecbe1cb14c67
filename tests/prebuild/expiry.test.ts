/** When an absent prebuild has expired. */
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
])("one that is absent %s (%d) has expired: %s", (_when, now, expired) => {
  expect(hasExpired(createdAt, now)).toBe(expired);
});

test("nanoseconds of its creation do not hinder, and never make it expire early", () => {
  expect(hasExpired("2026-03-01T12:00:00.000999999Z", boundary)).toBe(true);
  expect(hasExpired("2026-03-01T12:00:00.001000000Z", boundary)).toBe(false);
  expect(hasExpired("2026-03-01T12:00:00.123456789Z", boundary + 122)).toBe(false);
  expect(hasExpired("2026-03-01T12:00:00.123456789Z", boundary + 123)).toBe(true);
});

test("a time of creation in another zone is the same moment", () => {
  expect(hasExpired("2026-03-01T14:00:00+02:00", boundary)).toBe(true);
  expect(hasExpired("2026-03-01T14:00:00+02:00", boundary - 1)).toBe(false);
});

test.each([undefined, "", "yesterday"])(
  "one of which nobody knows when it was created (%p) has not expired",
  (text) => {
    expect(hasExpired(text, boundary + lifetimeMs)).toBe(false);
  },
);
