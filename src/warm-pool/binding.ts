import type { Resource } from "../lifecycle/contract.js";
import { diffWarmPool } from "./diff.js";
import { checkWarmPool, looksAhead } from "./inputs.js";
import { warmPoolProperties } from "./properties.js";
import { readState } from "./state.js";

/** The warm pool as the hosts serve it. Code that calls the API is loaded on first use. */
export const warmPoolBinding: Resource = {
  deleteBeforeReplace: true,
  properties: warmPoolProperties,
  check: checkWarmPool,
  looksAhead,
  diff: (state, news) => diffWarmPool(readState(state), news),
  lifecycle: async (account, reporter) => (await import("./lifecycle.js")).poolLifecycle(account, reporter),
};
