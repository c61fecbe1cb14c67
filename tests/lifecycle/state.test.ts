/** The version of the state's shape. */
import * as lifecycleState from "../../src/lifecycle/state.js";
import { stateOf as prebuildState } from "../../src/prebuild/state.js";
import { stateOf as poolState } from "../../src/warm-pool/state.js";
import * as pools from "../support/pools.js";
import * as prebuilds from "../support/prebuilds.js";

const { requireKnownState, stateVersion } = lifecycleState;

afterEach(() => jest.restoreAllMocks());

test("a new state version is what a warm pool's state is written with", () => {
  jest.replaceProperty(lifecycleState, "stateVersion", 7);
  expect(poolState(pools.details(), pools.declared(), false).__version).toBe(7);
});

test("a new state version is what a prebuild's state is written with", () => {
  jest.replaceProperty(lifecycleState, "stateVersion", 7);
  expect(prebuildState(prebuilds.details(), prebuilds.declared(), false).__version).toBe(7);
});

test("state of this version or an older one is accepted, state of a newer one is refused with what to do", () => {
  expect(() => requireKnownState({ __version: stateVersion })).not.toThrow();
  expect(() => requireKnownState({})).not.toThrow();
  expect(() => requireKnownState({ __version: stateVersion + 1 })).toThrow(
    /Install that release or a newer one \(pulumi-ona@latest\)/,
  );
});
