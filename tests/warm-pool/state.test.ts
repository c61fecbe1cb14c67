/** The state of a warm pool, and how the API's answer becomes it. */
import fc from "fast-check";
import { isManagedState } from "../../src/lifecycle/state.js";
import type { WarmPoolDetails } from "../../src/warm-pool/outputs.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { detailsOf, liveInputs, readResult, readState, stateOf } from "../../src/warm-pool/state.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { declared, details, kept, live } from "../support/pools.js";

const readOnly = (pool: WarmPoolDetails): object => {
  const result = readResult(pool, {}, true);
  return result.found ? result.state : {};
};

test("detailsOf has what the API says, without absent fields", () => {
  expect(detailsOf(live({ runnerId: "r" }))).toStrictEqual(details({ runnerId: "r" }));
});

test.each([
  [{ desiredSize: 3 }, { minSize: 3, maxSize: 3 }],
  [{ desiredSize: 0 }, { minSize: 0, maxSize: 0 }],
  [
    { minSize: 1, maxSize: 4, desiredSize: 3 },
    { minSize: 1, maxSize: 4 },
  ],
  [{ minSize: 0, desiredSize: 3 }, { minSize: 0 }],
  [{}, {}],
])("a pool whose sizes the API describes as %j has %j", (spec, sizes) => {
  const message = live();
  const bare = { ...message.spec, minSize: undefined, maxSize: undefined };
  const { minSize, maxSize } = detailsOf({ ...message, spec: { ...bare, ...spec } });
  expect({ minSize, maxSize }).toEqual(sizes);
});

test("the state has the live pool, the inputs that the API doesn't know, and the hidden outputs", () => {
  const inputs = declared({ adoptExisting: true, waitForReady: false });
  const { id: _, ...pool } = details();
  expect(stateOf(details(), inputs, true)).toStrictEqual({
    ...pool,
    adoptExisting: true,
    waitForReady: false,
    __managed: ["minSize", "maxSize"],
    __unfinished: true,
    __version: 1,
  });
});

test("the state has no undefined values, which would get lost on the way to the engine and show as a difference", () => {
  expect(stateOf(details(), declared(), false)).toStrictEqual(kept());
});

test("an adopted pool has exactly the state of a created one", () => {
  const created = stateOf(details(), declared(), false);
  expect(stateOf(detailsOf(live()), declared(), false)).toStrictEqual(created);
});

test("live inputs have the pool's values, for managed sizes only", () => {
  const state = kept({ __managed: ["maxSize"], waitForReady: true });
  expect(liveInputs(details({ minSize: 0, maxSize: 9 }), state)).toStrictEqual({
    projectId,
    environmentClassId,
    maxSize: 9,
    waitForReady: true,
  });
});

test("a read-only pool shows no volatile outputs", () => {
  const pool = details({ organizationId: "o", runnerId: "r", updatedAt: "u", failureMessage: "f" });
  expect(Object.keys(readOnly(pool)).sort()).toEqual([
    "createdAt",
    "environmentClassId",
    "maxSize",
    "minSize",
    "organizationId",
    "projectId",
    "runnerId",
  ]);
});

test("the visible outputs of a state are those that the resource declares", () => {
  const full = stateOf(
    details({ organizationId: "o", runnerId: "r", updatedAt: "u", failureMessage: "f" }),
    declared(),
    false,
  );
  const visible = Object.keys(full).filter((name) => !name.startsWith("__"));
  expect(visible.sort()).toEqual(
    [...warmPoolProperties.outputNames, "projectId", "environmentClassId", "minSize", "maxSize"].sort(),
  );
});

describe("readState", () => {
  test("returns a current state unchanged", () => {
    expect(readState({ ...kept({ __unfinished: true }) })).toEqual(kept({ __unfinished: true }));
  });

  test("gives the state of another release defaults for what it lacks, and drops unknown sizes", () => {
    expect(readState({ __managed: ["minSize", "midSize"], __version: 9 })).toEqual({
      projectId: "",
      environmentClassId: "",
      phase: "",
      desiredSize: 0,
      runningInstances: 0,
      stoppedInstances: 0,
      __managed: ["minSize"],
      __version: 1,
    });
  });

  test("accepts anything without a crash", () => {
    fc.assert(
      fc.property(fc.object(), (olds) => {
        expect(readState(olds)).toMatchObject({ __version: 1 });
      }),
    );
  });

  test("state counts as managed only with a list in __managed", () => {
    expect(isManagedState(kept())).toBe(true);
    expect(isManagedState(kept({ __managed: [] }))).toBe(true);
    expect(isManagedState(readOnly(details()))).toBe(false);
    expect(isManagedState({ __managed: "minSize" })).toBe(false);
  });
});

test("the id is not part of the state", () => {
  expect(kept()).not.toHaveProperty("id");
  expect(stateOf(details(), declared(), false)).not.toHaveProperty("id");
  expect(details().id).toBe(poolId);
});

test("reads ids that someone edited in state as the API has them", () => {
  const edited = { projectId: projectId.toUpperCase(), environmentClassId: environmentClassId.toUpperCase() };
  expect(readState({ ...kept(), ...edited })).toMatchObject({ projectId, environmentClassId });
});
