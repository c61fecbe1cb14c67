import type { Resource } from "../lifecycle/contract.js";
import { checkWarmPool } from "./check.js";
import { diffWarmPool } from "./diff.js";
import { looksAhead } from "./inputs.js";
import { warmPoolProperties } from "./properties.js";
import { readInputs, readState } from "./state.js";

/** The warm pool as the hosts serve it. Code that calls the API is loaded on first use. */
export const warmPoolBinding: Resource = {
  deleteBeforeReplace: true,
  properties: warmPoolProperties,
  check: checkWarmPool,
  looksAhead,
  diff: (state, news) => diffWarmPool(readState(state), news),
  async lifecycle(account, reporter) {
    const [life, { lookAhead }, { poolsOf, poolFenceOf }, { organizationsFor }, { adoptionLockOf }, client] =
      await Promise.all([
        import("./lifecycle.js"),
        import("./adoption.js"),
        import("./batched-pools.js"),
        import("../lifecycle/wrong-organization.js"),
        import("./adoption-lock.js"),
        account.client(),
      ]);
    const { clock, process } = account;
    const context = {
      ...poolsOf(client, clock, poolFenceOf(process)),
      clock,
      organizations: organizationsFor(client),
      adoptionLock: adoptionLockOf(process),
      ...reporter,
    };
    return {
      create: (inputs, interrupt) => life.createWarmPool(context, readInputs(inputs), interrupt),
      read: (id, state) => life.readWarmPool(context, id, state),
      update: (id, state, inputs) => life.updateWarmPool(context, id, readState(state), readInputs(inputs)),
      delete: (id, state) => life.deleteWarmPool(context, id, readState(state)),
      lookAhead: (inputs) => lookAhead(context, inputs),
    };
  },
};
