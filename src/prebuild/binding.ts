/** The prebuild as the hosts serve it. */
import type { Resource } from "../lifecycle/contract.js";
import { checkInputs } from "../lifecycle/validation.js";
import { diffPrebuild } from "./diff.js";
import { prebuildProperties } from "./properties.js";
import { readState } from "./state.js";

/** The prebuild. Code that calls the API is loaded on first use. */
export const prebuildBinding: Resource = {
  deleteBeforeReplace: false,
  properties: prebuildProperties,
  check: (news) => checkInputs(prebuildProperties, news),
  diff: (state, news) => diffPrebuild(readState(state), news),
  lifecycle: async (account, reporter) => (await import("./lifecycle.js")).prebuildLifecycle(account, reporter),
};
