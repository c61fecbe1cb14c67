/** The warm pool as the seam to the dynamic host takes it. */
import type { ResourceBinding } from "../dynamic/host.js";
import { checkWarmPool } from "./check.js";
import { diffWarmPool } from "./diff.js";
import { readInputs } from "./inputs.js";
import { readState } from "./state.js";

/** Binds the lifecycle of warm pools to the host. */
export const warmPoolBinding: ResourceBinding = {
  kind: "warm pool",
  deleteBeforeReplace: true,
  identity: ["projectId", "environmentClassId"],
  check: checkWarmPool,
  diff: (state, news) => diffWarmPool(readState(state), news),
  async lifecycle(session, voice) {
    const [{ OnaError }, life, client] = await Promise.all([
      import("../client/index.js"),
      import("./lifecycle.js"),
      session.client(),
    ]);
    const context = { client, clock: session.clock, adopted: session.adopted, ...voice };
    return {
      create: (inputs, interrupt) => life.createWarmPool(context, readInputs(inputs), interrupt),
      read: (id, state) => life.readWarmPool(context, id, state),
      update: (id, state, inputs) => life.updateWarmPool(context, id, readState(state), readInputs(inputs)),
      delete: (id, state) => life.deleteWarmPool(context, id, readState(state)),
      isExpected: (error) => error instanceof OnaError,
    };
  },
};
