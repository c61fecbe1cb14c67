/** The prebuild as the hosts serve it. */
import type { Resource } from "../lifecycle/contract.js";
import { checkInputs } from "../lifecycle/validation.js";
import { diffPrebuild } from "./diff.js";
import { prebuildProperties } from "./properties.js";
import { readInputs, readState } from "./state.js";

/** The prebuild. Code that calls the API is loaded on first use. */
export const prebuildBinding: Resource = {
  deleteBeforeReplace: false,
  properties: prebuildProperties,
  check: (news) => checkInputs(prebuildProperties, news),
  diff: (state, news) => diffPrebuild(readState(state), news),
  async lifecycle(account, reporter) {
    const [life, { prebuildsOf, prebuildFenceOf }, { organizationsFor }, { lostRunsOf }, client] = await Promise.all([
      import("./lifecycle.js"),
      import("./batched-prebuilds.js"),
      import("../lifecycle/wrong-organization.js"),
      import("./lost-runs.js"),
      account.client(),
    ]);
    const { clock, process } = account;
    const context = {
      ...prebuildsOf(client, clock, prebuildFenceOf(process)),
      clock,
      organizations: organizationsFor(client),
      lostRuns: lostRunsOf(client, process),
      ...reporter,
    };
    return {
      create: (inputs, interrupt) => life.createPrebuild(context, readInputs(inputs), interrupt),
      read: (id, state) => life.readPrebuild(context, id, state),
      update: (id, state, inputs) => life.updatePrebuild(context, id, readState(state), readInputs(inputs)),
      delete: (id, state) => life.deletePrebuild(context, id, readState(state)),
    };
  },
};
