/** What a changed program means for a pool that exists. */
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

test("a pool that is as declared does not differ", () => {
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
])("%s moves by itself and is no difference", (name) => {
  expect(diff(declared(), readState({ ...kept(), [name]: name.endsWith("s") ? 17 : "X" }))).toEqual(nothing);
});

test.each([
  [{ projectId: poolId }, ["projectId"]],
  [{ environmentClassId: poolId }, ["environmentClassId"]],
  [{ projectId: unknown }, ["projectId"]],
  [{ projectId: unknown, environmentClassId: unknown }, ["projectId", "environmentClassId"]],
  [{ connection: "eu" }, ["connection"]],
  [{ connection: unknown }, ["connection"]],
])("%p makes another pool", (news, replaces) => {
  expect(diff({ ...declared(), ...news })).toEqual({ changes: undefined, replaces, warning: undefined });
});

test.each([
  ["a larger maxSize", { maxSize: 5 }],
  ["a smaller minSize", { minSize: 0 }],
  ["an unknown size", { minSize: unknown }],
  ["a size that is no longer declared", { minSize: undefined }],
  ["adoptExisting", { adoptExisting: true }],
  ["waitForReady", { waitForReady: false }],
  ["the limit of a delete", { __timeouts: { delete: "1h" } }],
])("%s is for the engine to see in the inputs", (_what, news) => {
  expect(diff({ ...declared(), ...news })).toEqual(compareInputs);
});

test("a pool that state knows to be DELETING is replaced, whatever else differs or is unfinished", () => {
  const replaced = { changes: true, replaces: ["phase"], warning: undefined };
  expect(diff(declared(), kept({ phase: "DELETING" }))).toEqual(replaced);
  expect(diff(declared({ maxSize: 9 }), kept({ phase: "DELETING", __unfinished: true }))).toEqual(replaced);
});

test("a connection that stays does not differ, and one that is no longer named makes another pool", () => {
  const state = kept({ connection: "eu" });
  expect(diff({ ...declared(), connection: "eu" }, state)).toEqual(nothing);
  expect(diff(declared(), state)).toEqual({ changes: undefined, replaces: ["connection"], warning: undefined });
});

test("a size that is declared for the first time is a change, even where it agrees", () => {
  expect(diff(declared(), kept({ __managed: ["minSize"] }))).toEqual(compareInputs);
});

test("a size that nobody manages is no difference, whatever it became", () => {
  const { minSize: _, ...onlyMax } = declared();
  expect(diff(onlyMax, kept({ minSize: 3, __managed: ["maxSize"] }))).toEqual(nothing);
});

test.each([{ create: "1h" }, { update: "1h" }, {}])(
  "%j is no difference: create and update have their limits from the program that runs them",
  (timeouts) => {
    expect(diff(declared({ __timeouts: timeouts }))).toEqual(nothing);
  },
);

test("what is unfinished goes on, although the inputs show nothing", () => {
  expect(diff(declared(), kept({ phase: "DEGRADED", __unfinished: true }))).toEqual({
    changes: true,
    replaces: [],
    warning: undefined,
    note: "it was last seen DEGRADED, and `pulumi up` continues from there",
  });
});

test("a preview warns of a size that crosses one that is not managed", () => {
  const { maxSize: _, ...onlyMin } = declared({ minSize: 5 });
  expect(diff(onlyMin, kept({ __managed: ["minSize"] })).warning).toMatch(/minSize \(5\).*maxSize \(4\)/);
});

const sizes = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([a, b]) => ({ minSize: Math.min(a, b), maxSize: Math.max(a, b) }));
const managed = fc.subarray(["minSize", "maxSize"] as const);
const waitForReady = fc.constantFrom(true, false, "ifSnapshot" as const);
const settings = fc.record({ adoptExisting: fc.boolean(), waitForReady }, { requiredKeys: [] });

test("a pool never differs from its own live inputs", () => {
  fc.assert(
    fc.property(sizes, managed, settings, (live, names, set) => {
      const state = kept({ ...live, ...set, __managed: names });
      expect(diff(liveInputs(details(live), state), state)).toEqual(nothing);
    }),
  );
});

test("nothing that the engine may have in hand crashes it", () => {
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
