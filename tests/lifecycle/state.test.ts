/** The version of the state's shape. */
import { requireKnownState, stateVersion } from "../../src/lifecycle/state.js";
import { stateOf as prebuildState } from "../../src/prebuild/state.js";
import { stateOf as poolState } from "../../src/warm-pool/state.js";
import * as pools from "../support/pools.js";
import * as prebuilds from "../support/prebuilds.js";

test.each([
  ["a warm pool", () => poolState(pools.details(), pools.declared(), false)],
  ["a prebuild", () => prebuildState(prebuilds.details(), prebuilds.declared(), false)],
])("the state of %s is written with the current state version", (_, write) => {
  expect(write().__version).toBe(stateVersion);
});

test("state of this version or an older one is accepted, state of a newer one is refused with what to do", () => {
  expect(() => requireKnownState({ __version: stateVersion })).not.toThrow();
  expect(() => requireKnownState({})).not.toThrow();
  expect(() => requireKnownState({ __version: stateVersion + 1 })).toThrow(/Install that release or a newer one, and/);
});
