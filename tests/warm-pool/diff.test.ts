/** What a changed program means for an existing pool. */
import fc from "fast-check";
import { unknown } from "../../src/lifecycle/unknown.js";
import { diffWarmPool } from "../../src/warm-pool/diff.js";
import type { WarmPoolInputs } from "../../src/warm-pool/inputs.js";
import { liveInputs, readState } from "../../src/warm-pool/state.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { declared, details, kept } from "../support/pools.js";

const diff = (news: Readonly<Record<string, unknown>> | WarmPoolInputs, state = kept()) =>
  diffWarmPool(state, { ...news });

const nothing = { changes: false, replaces: [], warning: undefined };
const compareInputs = { changes: undefined, replaces: [], warning: undefined };

test("a pool that matches the program has no changes", () => {
  expect(diff(declared())).toEqual(nothing);
});

test.each([
  "phase",
  "runningInstances",
  "stoppedInstances",
  "desiredSize",
  "snapshotId",
  "updatedAt",
  "failureMessage",
])("%s is volatile, so another value is no change", (name) => {
  expect(diff(declared(), readState({ ...kept(), [name]: name.endsWith("s") ? 17 : "X" }))).toEqual(nothing);
});

test.each([
  [{ projectId: poolId }, ["projectId"]],
  [{ environmentClassId: poolId }, ["environmentClassId"]],
  [{ projectId: unknown }, ["projectId"]],
  [{ projectId: unknown, environmentClassId: unknown }, ["projectId", "environmentClassId"]],
  [{ connection: "eu" }, ["connection"]],
  [{ connection: unknown }, ["connection"]],
])("%p replaces the pool", (news, replaces) => {
  expect(diff({ ...declared(), ...news })).toEqual({ changes: undefined, replaces, warning: undefined });
});

test.each([
  ["a larger maxSize", { maxSize: 5 }],
  ["a smaller minSize", { minSize: 0 }],
  ["an unknown size", { minSize: unknown }],
  ["a size that is no longer declared", { minSize: undefined }],
  ["adoptExisting", { adoptExisting: true }],
  ["waitForReady", { waitForReady: false }],
])("%s is a change that the engine finds by comparing inputs", (_what, news) => {
  expect(diff({ ...declared(), ...news })).toEqual(compareInputs);
});

test("a pool whose state is DELETING is replaced, whatever else changed", () => {
  const replaced = { changes: true, replaces: ["phase"], warning: undefined };
  expect(diff(declared(), kept({ phase: "DELETING" }))).toEqual(replaced);
  expect(diff(declared({ maxSize: 9 }), kept({ phase: "DELETING", __unfinished: true }))).toEqual(replaced);
});

test("the same connection is no change, and a removed connection replaces the pool", () => {
  const state = kept({ connection: "eu" });
  expect(diff({ ...declared(), connection: "eu" }, state)).toEqual(nothing);
  expect(diff(declared(), state)).toEqual({ changes: undefined, replaces: ["connection"], warning: undefined });
});

test("a size that the program declares for the first time is a change, even with the same value", () => {
  expect(diff(declared(), kept({ __managed: ["minSize"] }))).toEqual(compareInputs);
});

test("an unmanaged size is no change, whatever its value", () => {
  const { minSize: _, ...onlyMax } = declared();
  expect(diff(onlyMax, kept({ minSize: 3, __managed: ["maxSize"] }))).toEqual(nothing);
});

test("an unfinished pool is a change, although the inputs are the same", () => {
  expect(diff(declared(), kept({ phase: "DEGRADED", __unfinished: true }))).toEqual({
    changes: true,
    replaces: [],
    warning: undefined,
    note: "it was last seen DEGRADED, and `pulumi up` waits for it again",
  });
});

test("a preview warns if a size conflicts with an unmanaged one", () => {
  const { maxSize: _, ...onlyMin } = declared({ minSize: 5 });
  expect(diff(onlyMin, kept({ __managed: ["minSize"] })).warning).toMatch(/minSize \(5\).*maxSize \(4\)/);
});

const sizes = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([a, b]) => ({ minSize: Math.min(a, b), maxSize: Math.max(a, b) }));
const managed = fc.subarray(["minSize", "maxSize"] as const);
const waitForReady = fc.constantFrom(true, false, "ifSnapshot" as const);
const settings = fc.record({ adoptExisting: fc.boolean(), waitForReady }, { requiredKeys: [] });

test("a pool has no changes against its own live inputs", () => {
  fc.assert(
    fc.property(sizes, managed, settings, (live, names, set) => {
      const state = kept({ ...live, ...set, __managed: names });
      expect(diff(liveInputs(details(live), state), state)).toEqual(nothing);
    }),
  );
});

test("no state and no inputs crash the diff", () => {
  fc.assert(
    fc.property(
      fc.object(),
      fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant(unknown))),
      (olds, news) => {
        const { replaces } = diff({ projectId, environmentClassId, ...news }, readState(olds));
        expect(Array.isArray(replaces)).toBe(true);
      },
    ),
  );
});
