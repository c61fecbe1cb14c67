/** The prebuild as the seam to the dynamic host takes it. */
import type { ResourceBinding } from "../hosts/dynamic/provider.js";
import { checkPrebuild } from "./check.js";
import { readNames, shownNames } from "./outputs.js";
import { diffPrebuild } from "./diff.js";
import { readInputs } from "./inputs.js";
import { readState } from "./state.js";

/** Binds the lifecycle of prebuilds to the host. */
export const prebuildBinding: ResourceBinding = {
  deleteBeforeReplace: false,
  shownNames,
  readNames,
  check: checkPrebuild,
  diff: (state, news) => diffPrebuild(readState(state), news),
  async lifecycle(connection, voice) {
    const [
      { OnaError },
      life,
      { prebuildsOf, PrebuildWrites },
      { organizationsFor },
      { KnownRuns, Ownership },
      client,
    ] = await Promise.all([
      import("../client/index.js"),
      import("./lifecycle.js"),
      import("./batched-prebuilds.js"),
      import("../lifecycle/wrong-organization.js"),
      import("./lost-runs.js"),
      connection.client(),
    ]);
    const { clock, shared, everywhere } = connection;
    const prebuilds = prebuildsOf(client, clock, everywhere.the(PrebuildWrites));
    const context = {
      ...prebuilds,
      clock,
      organizations: organizationsFor(client),
      ownership: shared.the(Ownership, () => new Ownership(everywhere.the(KnownRuns))),
      ...voice,
    };
    return {
      create: (inputs, interrupt) => life.createPrebuild(context, readInputs(inputs), interrupt),
      read: (id, state) => life.readPrebuild(context, id, state),
      update: (id, state, inputs) => life.updatePrebuild(context, id, readState(state), readInputs(inputs)),
      delete: (id, state) => life.deletePrebuild(context, id, readState(state)),
      isExpected: (error) => error instanceof OnaError,
    };
  },
};
