/** What a changed program means for a prebuild: a pure function of state and inputs. */
import type { DiffResult, Properties } from "../lifecycle/contract.js";
import { otherInputsDiffer, replacingInputs } from "../lifecycle/diff.js";
import { prebuildProperties } from "./properties.js";
import { failureOf, type PrebuildState } from "./state.js";

/** Compares state and the checked inputs. The API can't change a prebuild, so what reached it makes another one. */
export function diffPrebuild(state: PrebuildState, news: Properties): DiffResult {
  const changed = replacingInputs(prebuildProperties, state, news);
  const failure = failureOf(state);
  if (failure !== undefined)
    return { changes: true, replaces: [...changed, "phase"], note: `it ${failure}. \`pulumi up\` runs it again` };
  if (state.expired && news["recreateWhenExpired"] === true)
    return { changes: true, replaces: [...changed, "expired"], note: "it has expired, and `pulumi up` runs it again" };
  if (changed.length > 0) return { changes: undefined, replaces: changed };
  if (state.__unfinished) {
    const note = `it was last seen ${state.phase}, and \`pulumi up\` waits for it to finish`;
    return { changes: true, replaces: [], note: news["waitForCompletion"] === false ? undefined : note };
  }
  return { changes: otherInputsDiffer(prebuildProperties, state, news) ? undefined : false, replaces: [] };
}
