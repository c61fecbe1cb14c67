/** The warm pool as the seam to the dynamic host takes it. */
import type { ResourceBinding } from "../hosts/dynamic/provider.js";
import { checkWarmPool } from "./check.js";
import { readNames, shownNames } from "./outputs.js";
import { diffWarmPool } from "./diff.js";
import { looksAhead, readInputs } from "./inputs.js";
import { readState } from "./state.js";

/** Binds the lifecycle of warm pools to the host. */
export const warmPoolBinding: ResourceBinding = {
  deleteBeforeReplace: true,
  shownNames,
  readNames,
  check: checkWarmPool,
  looksAhead,
  diff: (state, news) => diffWarmPool(readState(state), news),
  async lifecycle(connection, voice) {
    const [{ OnaError }, life, { lookAhead }, { poolsOf, PoolWrites }, { organizationsFor }, { Handovers }, client] =
      await Promise.all([
        import("../client/index.js"),
        import("./lifecycle.js"),
        import("./adoption.js"),
        import("./batched-pools.js"),
        import("../lifecycle/wrong-organization.js"),
        import("./adoption-lock.js"),
        connection.client(),
      ]);
    const { clock, everywhere } = connection;
    const pools = poolsOf(client, clock, everywhere.the(PoolWrites));
    const context = {
      ...pools,
      clock,
      organizations: organizationsFor(client),
      handovers: everywhere.the(Handovers),
      ...voice,
    };
    return {
      create: (inputs, interrupt) => life.createWarmPool(context, readInputs(inputs), interrupt),
      read: (id, state) => life.readWarmPool(context, id, state),
      update: (id, state, inputs) => life.updateWarmPool(context, id, readState(state), readInputs(inputs)),
      delete: (id, state) => life.deleteWarmPool(context, id, readState(state)),
      lookAhead: (inputs) => lookAhead(context, inputs),
      isExpected: (error) => error instanceof OnaError,
    };
  },
};
