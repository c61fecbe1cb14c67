/** What a changed program means for an existing prebuild. */
import fc from "fast-check";
import { checkInputs } from "../../src/lifecycle/validation.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { diffPrebuild } from "../../src/prebuild/diff.js";
import type { PrebuildInputs } from "../../src/prebuild/properties.js";
import { expiredState, liveInputs, readState, stateOf } from "../../src/prebuild/state.js";
import { unknown } from "../../src/lifecycle/unknown.js";
import { prebuildId, projectId } from "../support/messages.js";
import { bare, declared, details, kept } from "../support/prebuilds.js";

const diff = (news: Readonly<Record<string, unknown>> | PrebuildInputs, state = kept()) =>
  diffPrebuild(state, { ...news });

const nothing = { changes: false, replaces: [] };
const compareInputs = { changes: undefined, replaces: [] };
const another = (...replaces: string[]) => ({ changes: undefined, replaces });

test("the same connection is no change, and a removed connection runs another prebuild", () => {
  const state = kept({ connection: "eu" });
  expect(diff({ ...declared(), connection: "eu" }, state)).toEqual(nothing);
  expect(diff(declared(), state)).toEqual(another("connection"));
});

test("a prebuild that matches the program has no changes", () => {
  expect(diff(declared())).toEqual(nothing);
});

test.each([
  "updatedAt",
  "completedAt",
  "failureMessage",
  "warningMessage",
  "logUrl",
  "environmentId",
  "snapshotSizeBytes",
  "snapshotCompletionPercentage",
  "creatorId",
  "executorId",
  "organizationId",
  "triggeredBy",
])("%s belongs to the API, so another value is no change", (name) => {
  expect(diff(declared(), readState({ ...kept(), [name]: "17" }))).toEqual(nothing);
});

test.each(["PENDING", "RUNNING", "COMPLETED", "CANCELLING", "DELETING", "DELETED", "HIBERNATING", ""])(
  "the phase %j is no change",
  (phase) => {
    expect(diff(declared(), kept({ phase }))).toEqual(nothing);
  },
);

test.each([
  [{ projectId: prebuildId }, ["projectId"]],
  [{ environmentClassId: prebuildId }, ["environmentClassId"]],
  [{ timeout: "1h" }, ["timeout"]],
  [{ triggers: ["a"] }, ["triggers"]],
  [{ projectId: unknown }, ["projectId"]],
  [{ environmentClassId: unknown }, ["environmentClassId"]],
  [{ timeout: unknown }, ["timeout"]],
  [{ triggers: unknown }, ["triggers"]],
  [{ triggers: [unknown] }, ["triggers"]],
  [{ connection: "eu" }, ["connection"]],
  [{ connection: unknown }, ["connection"]],
  [{ projectId: prebuildId, timeout: "1h", triggers: 1 }, ["projectId", "timeout", "triggers"]],
])("%p runs another prebuild", (news, replaces) => {
  expect(diff({ ...declared(), ...news })).toEqual(another(...replaces));
});

describe("triggers", () => {
  const triggers = { lock: "a", list: [1] };

  test("with keys in another order are no change", () => {
    expect(diff(declared({ triggers: { list: [1], lock: "a" } }), kept({ triggers }))).toEqual(nothing);
  });

  test.each([
    ["change", { lock: "b", list: [1] }],
    ["are no longer declared", undefined],
  ])("that %s run another prebuild", (_what, now) => {
    expect(diff(declared({ triggers: now }), kept({ triggers }))).toEqual(another("triggers"));
  });
});

test.each([
  ["waitForCompletion", { waitForCompletion: false }],
  ["waitForCompletion that is not known", { waitForCompletion: unknown }],
  ["logs", { logs: "stream" }],
  ["recreateWhenExpired", { recreateWhenExpired: true }],
])("%s is a change that the engine finds by comparing inputs, and doesn't run another prebuild", (_what, news) => {
  expect(diff({ ...declared(), ...news })).toEqual(compareInputs);
});

test.each([
  ["waitForCompletion", { waitForCompletion: false }],
  ["logs", { logs: "none" as const }],
  ["recreateWhenExpired", { recreateWhenExpired: true }],
])("%s that the program no longer declares is a change that the engine finds by comparing inputs", (_what, was) => {
  expect(diff(declared(was), kept(was))).toEqual(nothing);
  expect(diff(declared(), kept(was))).toEqual(compareInputs);
});

describe("an input that the program may leave to the API", () => {
  const unmanaged = kept({ __managed: [] });

  test("is no change while it is left out, whatever the API chose", () => {
    expect(diff(bare, kept({ environmentClassId: prebuildId, timeout: "2h", __managed: [] }))).toEqual(nothing);
  });

  test.each(["environmentClassId", "timeout"] as const)(
    "changes only the state if the program no longer declares it: %s",
    (name) => {
      const { [name]: _, ...rest } = declared();
      expect(diff(rest)).toEqual(compareInputs);
    },
  );

  test("changes only the state if the program declares what the API chose", () => {
    expect(diff(declared(), unmanaged)).toEqual(compareInputs);
  });

  test("runs another prebuild if the program declares another value", () => {
    expect(diff({ ...bare, timeout: "30m" }, unmanaged)).toEqual(another("timeout"));
  });

  test("runs another prebuild if the program declares it and the API named none", () => {
    const { environmentClassId: _, ...state } = unmanaged;
    expect(diff(declared(), state)).toEqual(another("environmentClassId"));
  });

  test("counts as one hour for timeout if the API named none", () => {
    const { timeout: _, ...state } = unmanaged;
    expect(diff({ ...bare, timeout: "1h" }, state)).toEqual(compareInputs);
    expect(diff({ ...bare, timeout: "45m" }, state)).toEqual(another("timeout"));
  });
});

describe("a run that failed", () => {
  test.each(["FAILED", "CANCELLED"])("as %s is run again, although the inputs are the same", (phase) => {
    expect(diff(declared(), kept({ phase }))).toMatchObject({ changes: true, replaces: ["phase"] });
  });

  test.each([
    ["FAILED", "npm ci exited with 1.", "it FAILED: npm ci exited with 1. `pulumi up` runs it again"],
    ["CANCELLED", undefined, "it was CANCELLED, and the API does not say why. `pulumi up` runs it again"],
    ["FAILED", "\u001b[31mno\u001b[0m\nspace", "it FAILED: no space. `pulumi up` runs it again"],
  ])("as %s with the message %j is explained by the note %j", (phase, failureMessage, note) => {
    expect(diff(declared(), kept(failureMessage === undefined ? { phase } : { phase, failureMessage }))).toMatchObject({
      note,
    });
  });

  test("is run again even if it was unfinished", () => {
    const state = kept({ phase: "FAILED", __unfinished: true });
    expect(diff(declared(), state)).toMatchObject({ changes: true, replaces: ["phase"] });
  });

  test("is run again, and changed inputs are named as well", () => {
    const news = declared({ timeout: "1h", triggers: [1] });
    expect(diff(news, kept({ phase: "CANCELLED" }))).toMatchObject({
      changes: true,
      replaces: ["timeout", "triggers", "phase"],
    });
  });
});

describe("a prebuild that has expired", () => {
  const expired = expiredState(kept());

  test("is no change", () => {
    expect(diff(declared(), expired)).toEqual(nothing);
    expect(diff(declared({ recreateWhenExpired: false }), { ...expired, recreateWhenExpired: false })).toEqual(nothing);
  });

  test("is run again with recreateWhenExpired, whether that is new or not", () => {
    const news = declared({ recreateWhenExpired: true });
    const again = { changes: true, replaces: ["expired"], note: "it has expired, and `pulumi up` runs it again" };
    expect(diff(news, expired)).toEqual(again);
    expect(diff(news, { ...expired, recreateWhenExpired: true })).toEqual(again);
  });

  test("is not run again while recreateWhenExpired is unknown", () => {
    expect(diff({ ...declared(), recreateWhenExpired: unknown }, expired)).toEqual(compareInputs);
  });

  test("is not run again after recreateWhenExpired is removed from the program", () => {
    expect(diff(declared(), { ...expired, recreateWhenExpired: true })).toEqual(compareInputs);
  });

  test("while it was unfinished is no change, because its result is unknown", () => {
    const lost = expiredState(kept({ phase: "RUNNING", __unfinished: true }));
    expect(diff(declared(), lost)).toEqual(nothing);
  });

  test("is the only kind of prebuild that recreateWhenExpired runs again", () => {
    const set = { recreateWhenExpired: true };
    expect(diff(declared(set), kept(set))).toEqual(nothing);
  });
});

test("an unfinished prebuild is a change, although the inputs are the same", () => {
  const state = kept({ phase: "RUNNING", __unfinished: true });
  const goesOn = { changes: true, replaces: [] };
  const note = "it was last seen RUNNING, and `pulumi up` waits for it to finish";
  expect(diff(declared(), state)).toEqual({ ...goesOn, note });
  expect(diff(declared({ waitForCompletion: false }), state)).toEqual(goesOn);
});

test("an unfinished prebuild is not waited for if the program wants another run", () => {
  const state = kept({ phase: "RUNNING", __unfinished: true });
  expect(diff(declared({ timeout: "1h" }), state)).toEqual(another("timeout"));
});

const optional = fc.record(
  {
    environmentClassId: fc.uuid(),
    timeout: fc.oneof(fc.integer({ min: 300, max: 7200 }), fc.constantFrom("45m", "1 hour", "1.1h")),
    triggers: fc.jsonValue(),
    waitForCompletion: fc.boolean(),
    logs: fc.constantFrom("onFailure", "stream", "none"),
    recreateWhenExpired: fc.boolean(),
  },
  { requiredKeys: [] },
);

test("a prebuild has no changes against the inputs that created it or its own live inputs", () => {
  fc.assert(
    fc.property(optional, (inputs) => {
      const { inputs: checked, failures } = checkInputs(prebuildProperties, { projectId, ...inputs });
      expect(failures).toEqual([]);
      const state = stateOf(details(), checked, false);
      expect(diff(checked, state)).toEqual(nothing);
      expect(diff(liveInputs(details(), state), state)).toEqual(nothing);
    }),
  );
});

test("no state and no inputs crash the diff", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(unknown), fc.array(fc.constant(unknown)));
  fc.assert(
    fc.property(fc.object(), fc.dictionary(fc.string(), value), (olds, news) => {
      const { replaces } = diff({ projectId, ...news }, readState(olds));
      expect(Array.isArray(replaces)).toBe(true);
    }),
  );
});
