/** Runs in this process, on a virtual clock. */
import type { VirtualClock } from "./virtual-clock.js";
import type { Stage } from "./scenario-run.js";
import { LocalStack } from "./campaign-stack.js";

/** The stage of runs that take place here. */
export function localStage(clock: VirtualClock): Stage {
  return {
    async open(sim, watcher) {
      clock.follow(sim, watcher);
      return new LocalStack(
        new Map([
          ["ona:apiKey", { value: sim.token, secret: true }],
          ["ona:baseUrl", { value: sim.url, secret: false }],
          ["ona:requestTimeout", { value: "20s", secret: false }],
        ]),
      );
    },
    quiet: () => clock.quiet(),
    get requests() {
      return clock.requests;
    },
    describe: () => clock.describe(),
  };
}
