/** What a changed program means for a warm pool: a pure function of state and inputs. */
import type { DiffResult, Properties } from "../lifecycle/contract.js";
import { timeoutInState } from "../lifecycle/timeouts.js";
import { isUnknown } from "../lifecycle/unknown.js";
import { crossedSizes, managedSizes, sizeNames } from "./inputs.js";
import type { WarmPoolState } from "./state.js";

const identity = ["projectId", "environmentClassId", "connection"] as const;

/**
 * Compares.
 * @param state the pool's outputs
 * @param news the checked inputs of the program
 */
export function diffWarmPool(state: WarmPoolState, news: Properties): DiffResult {
  const replaces = identity.filter((name) => isUnknown(news[name]) || news[name] !== state[name]);
  if (replaces.length > 0) return { changes: undefined, replaces, warning: undefined };
  // On its way out, by whomever: only the end can be waited for, and a new one made. The refresh that saw it has said so.
  if (state.phase === "DELETING") return { changes: true, replaces: ["phase"], warning: undefined };
  const warning = crossedSizes(managedSizes(news), state);
  if (state.__unfinished) {
    const note = `it was ${state.phase} when it was seen last, and \`pulumi up\` goes on from there`;
    return { changes: true, replaces: [], warning, note };
  }
  return { changes: inputsDiffer(state, news) ? undefined : false, replaces: [], warning };
}

function inputsDiffer(state: WarmPoolState, news: Properties): boolean {
  const sizes = sizeNames.some((name) => {
    const managed = state.__managed.includes(name);
    return managed !== (news[name] !== undefined) || (managed && news[name] !== state[name]);
  });
  return (
    sizes ||
    news["adoptExisting"] !== state.adoptExisting ||
    news["waitForReady"] !== state.waitForReady ||
    timeoutInState(news["__timeouts"]) !== timeoutInState(state.__timeouts)
  );
}
