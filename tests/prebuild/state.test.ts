/** The state of a prebuild, and how the API's answer becomes it. */
import fc from "fast-check";
import { isManagedState } from "../../src/lifecycle/state.js";
import { phases, type PrebuildDetails } from "../../src/prebuild/outputs.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import {
  detailsOf,
  expiredState,
  liveInputs,
  readInputs,
  readResult,
  readState,
  stateOf,
} from "../../src/prebuild/state.js";
import { environmentClassId, prebuildId, projectId } from "../support/messages.js";
import { bare, creatorId, declared, details, kept, live, logUrl } from "../support/prebuilds.js";

const readOnly = (prebuild: PrebuildDetails): object => {
  const result = readResult(prebuild, {}, true);
  return result.found ? result.state : {};
};

const full = details({
  organizationId: "o",
  executorId: "e",
  updatedAt: "u",
  completedAt: "c",
  failureMessage: "f",
  warningMessage: "w",
  environmentId: "n",
});

describe("detailsOf", () => {
  test("leaves out absent fields", () => {
    expect(detailsOf(live())).toStrictEqual(details());
  });

  test("has every field of the API's answer", () => {
    expect(detailsOf(live(full))).toStrictEqual(full);
  });

  test.each(["0", "9007199254740993", "9223372036854775807"])("keeps the exact size of the snapshot: %s", (size) => {
    expect(detailsOf(live({ snapshotSizeBytes: size })).snapshotSizeBytes).toBe(size);
  });

  test.each([
    ["2700s", "45m"],
    ["3600s", "1h"],
    ["5400.000s", "1h30m"],
    ["301s", "5m1s"],
    ["soon", undefined],
    ["315576000001s", undefined],
    [undefined, undefined],
  ])("formats a timeout of %s as %s", (timeout, text) => {
    const message = live();
    const spec = { specVersion: "1", desiredPhase: "COMPLETED", timeout } as const;
    expect(detailsOf({ ...message, spec }).timeout).toBe(text);
  });

  test.each([...phases, "HIBERNATING"])("has the snapshot's percentage only while SNAPSHOTTING: %s", (phase) => {
    for (const percentage of [0, 40, 100]) {
      const { snapshotCompletionPercentage: shown } = detailsOf(
        live({ phase, snapshotCompletionPercentage: percentage }),
      );
      expect(shown).toBe(phase === "SNAPSHOTTING" ? percentage : undefined);
    }
  });

  test("accepts an answer that has only an id", () => {
    const message = { id: prebuildId, metadata: undefined, spec: undefined, status: undefined };
    expect(detailsOf(message)).toStrictEqual({
      id: prebuildId,
      projectId: "",
      phase: "UNSPECIFIED",
      snapshotSizeBytes: "0",
    });
  });
});

describe("the state of a prebuild", () => {
  const settings = {
    triggers: { lock: "a" },
    waitForCompletion: true,
    logs: "stream",
    recreateWhenExpired: true,
  } as const;

  test("has the live prebuild, the inputs that the API doesn't know, and the hidden outputs", () => {
    const { id: _, ...run } = full;
    expect(stateOf(full, declared(settings), true)).toStrictEqual({
      ...run,
      expired: false,
      ...settings,
      __managed: ["environmentClassId", "timeout"],
      __unfinished: true,
      __version: 1,
    });
  });

  test("has no undefined values, which would get lost on the way to the engine and show as a difference", () => {
    expect(stateOf(details(), declared(), false)).toStrictEqual(kept());
  });

  test("lists in __managed which of the optional inputs the program declares", () => {
    expect(stateOf(details(), bare, false)).toStrictEqual(kept({ __managed: [] }));
    expect(stateOf(details(), { ...bare, timeout: "45m" }, false).__managed).toEqual(["timeout"]);
    expect(stateOf(details(), { ...bare, environmentClassId }, false).__managed).toEqual(["environmentClassId"]);
  });

  test("keeps what the program declared if the API says it differently or leaves it out", () => {
    const otherwise = details({ projectId: "P", environmentClassId: "C", timeout: "2h" });
    expect(stateOf(otherwise, declared(), false)).toStrictEqual(kept());
    const { environmentClassId: _class, timeout: _timeout, ...silent } = details();
    expect(stateOf(silent, declared(), false)).toStrictEqual(kept());
  });

  test("has what the API chose for inputs that the program leaves out", () => {
    const chosen = { environmentClassId: "C", timeout: "2h" };
    expect(stateOf(details(chosen), bare, false)).toStrictEqual(kept({ ...chosen, __managed: [] }));
  });

  test("has the outputs that the resource declares, and no id", () => {
    const snapshotting = { ...full, phase: "SNAPSHOTTING", snapshotCompletionPercentage: 40 };
    const state = stateOf(snapshotting, declared(settings), false);
    const visible = Object.keys(state).filter((name) => !name.startsWith("__"));
    const inputs = Object.keys(readInputs({ ...declared(settings) })).filter((name) => !name.startsWith("__"));
    expect(visible.sort()).toEqual([...prebuildProperties.outputNames, ...inputs].sort());
  });
});

describe("the state of an expired prebuild", () => {
  test.each(["COMPLETED", "FAILED", "CANCELLED"])("that ended as %s keeps its last values", (phase) => {
    expect(expiredState(kept({ phase }))).toStrictEqual(kept({ phase, expired: true }));
  });

  test.each(["PENDING", "RUNNING", "CANCELLING", "DELETING", "DELETED", "", "HIBERNATING"])(
    "that was last seen %j has the phase DELETED",
    (phase) => {
      expect(expiredState(kept({ phase }))).toStrictEqual(kept({ phase: "DELETED", expired: true }));
    },
  );

  test("is not unfinished", () => {
    expect(expiredState(kept({ phase: "RUNNING", __unfinished: true }))).not.toHaveProperty("__unfinished");
  });

  test("stays the same when it is found expired again", () => {
    const expired = expiredState(kept({ phase: "RUNNING" }));
    expect(expiredState(expired)).toStrictEqual(expired);
  });
});

describe("live inputs", () => {
  test("are what the program declares, so that there is nothing to do", () => {
    const inputs = declared({ triggers: [1], waitForCompletion: false, logs: "none", recreateWhenExpired: true });
    expect(liveInputs(details(), stateOf(details(), inputs, false))).toStrictEqual(inputs);
  });

  test("leave out what the program leaves to the API", () => {
    expect(liveInputs(details(), stateOf(details(), bare, false))).toStrictEqual(bare);
  });

  test("have what the program declared, even if the API says it differently", () => {
    expect(liveInputs(details({ timeout: "2h", environmentClassId: "C", projectId: "P" }), kept())).toStrictEqual(
      declared(),
    );
  });

  test("have the API's values if the state has none", () => {
    expect(liveInputs(details(), readState({ __managed: [] }))).toStrictEqual({ projectId });
    expect(liveInputs(details(), readState({ __managed: ["timeout"] }))).toStrictEqual({ projectId, timeout: "45m" });
  });
});

test("a read-only prebuild shows no volatile outputs", () => {
  expect(readOnly(full)).toStrictEqual({
    projectId,
    environmentClassId,
    timeout: "45m",
    organizationId: "o",
    triggeredBy: "MANUAL",
    creatorId,
    executorId: "e",
    createdAt: details().createdAt,
  });
  expect(readOnly(details())).not.toHaveProperty("organizationId");
});

describe("readState", () => {
  test("returns a current state unchanged", () => {
    const state = kept({ __unfinished: true, triggers: [1], logs: "none", logUrl });
    expect(readState({ ...state })).toStrictEqual(state);
  });

  test("gives the state of another release defaults for what it lacks, and drops unknown inputs", () => {
    expect(readState({ __managed: ["timeout", "priority"], __version: 9 })).toStrictEqual({
      projectId: "",
      phase: "",
      expired: false,
      snapshotSizeBytes: "0",
      __managed: ["timeout"],
      __version: 1,
    });
  });

  test.each([
    [{ snapshotSizeBytes: 12 }, { snapshotSizeBytes: "0" }],
    [{ phase: 12 }, { phase: "" }],
    [{ projectId: null }, { projectId: "" }],
    [{ expired: "true" }, { expired: false }],
    [{ __managed: "timeout" }, { __managed: [] }],
  ])("reads %j as %j", (stored, read) => {
    expect(readState({ ...kept(), ...stored })).toMatchObject(read);
  });

  test("drops a percentage that release 0.1.0 stored next to another phase than SNAPSHOTTING", () => {
    const stored = { ...kept(), snapshotCompletionPercentage: 0 };
    expect(readState(stored)).toStrictEqual(kept());
    expect(readState({ ...stored, phase: "SNAPSHOTTING" })).toMatchObject({ snapshotCompletionPercentage: 0 });
    expect(readState({ ...stored, phase: "SNAPSHOTTING", snapshotCompletionPercentage: "12" })).toStrictEqual(
      kept({ phase: "SNAPSHOTTING" }),
    );
  });

  test("an expired prebuild has no percentage", () => {
    const state = kept({ phase: "SNAPSHOTTING", snapshotCompletionPercentage: 40 });
    expect(expiredState(state)).toStrictEqual(kept({ phase: "DELETED", expired: true }));
  });

  test("accepts anything without a crash", () => {
    fc.assert(
      fc.property(fc.object(), (olds) => {
        const state = readState(olds);
        expect(state).toMatchObject({ __version: 1 });
        expect(expiredState(state)).toMatchObject({ expired: true });
      }),
    );
  });

  test("state counts as managed only with a list in __managed", () => {
    expect(isManagedState(kept())).toBe(true);
    expect(isManagedState(kept({ __managed: [] }))).toBe(true);
    expect(isManagedState(readOnly(details()))).toBe(false);
    expect(isManagedState({ __managed: "timeout" })).toBe(false);
  });
});

describe("readInputs", () => {
  test("returns valid inputs as declared", () => {
    const inputs = declared({
      triggers: null,
      waitForCompletion: false,
      logs: "none",
      recreateWhenExpired: false,
    });
    expect(readInputs({ ...inputs, __provider: "…", other: 1 })).toStrictEqual(inputs);
    expect(readInputs({ ...bare })).toStrictEqual(bare);
  });

  test("leaves out invalid optional inputs", () => {
    const odd = { timeout: 5, environmentClassId: null, logs: "all", waitForCompletion: 1 };
    expect(readInputs({ projectId, ...odd })).toStrictEqual(bare);
  });
});
