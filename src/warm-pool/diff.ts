/** What a changed program means for a warm pool: a pure function of state and inputs. */
import type { DiffResult, Properties } from "../lifecycle/contract.js";
import { otherInputsDiffer, replacingInputs } from "../lifecycle/diff.js";
import { describeCrossedSizes, managedSizes } from "./inputs.js";
import { warmPoolProperties } from "./properties.js";
import type { WarmPoolState } from "./state.js";

/** Compares state and the checked inputs of the program. */
export function diffWarmPool(state: WarmPoolState, news: Properties): DiffResult {
  const replaces = replacingInputs(warmPoolProperties, state, news);
  if (replaces.length > 0) return { changes: undefined, replaces };
  // Someone is deleting the pool. `up` can only wait for that to finish and create a new one.
  if (state.phase === "DELETING") return { changes: true, replaces: ["phase"] };
  const warning = describeCrossedSizes(managedSizes(news), state);
  if (state.__unfinished) {
    const note = `it was last seen ${state.phase}, and \`pulumi up\` waits for it again`;
    return { changes: true, replaces: [], warning, note };
  }
  return { changes: otherInputsDiffer(warmPoolProperties, state, news) ? undefined : false, replaces: [], warning };
}
