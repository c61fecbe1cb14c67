/** What a changed program means for a warm pool: a pure function of state and inputs. */
import { timeoutInState } from "../lifecycle/timeouts.js";
import { isUnknown } from "../lifecycle/unknown.js";
import { crossedSizes, managedSizes, sizeNames } from "./inputs.js";
import type { WarmPoolState } from "./state.js";

/** The answer to the engine's question what changes. */
export interface WarmPoolDiff {
  /**
   * false: nothing; true: something that inputs do not show; undefined: the engine is to compare the inputs itself, so that it names the properties and honours
   * `replaceOnChanges`.
   */
  readonly changes: boolean | undefined;
  /** Properties whose change makes another pool; unknown values count as changed. */
  readonly replaces: readonly string[];
  /** A sentence about an update that would fail. */
  readonly warning: string | undefined;
  /** Why there is something to do that inputs do not show. */
  readonly note?: string;
}

const identity = ["projectId", "environmentClassId", "connection"] as const;

/**
 * Compares.
 * @param state the pool's outputs
 * @param news the checked inputs of the program
 */
export function diffWarmPool(state: WarmPoolState, news: Readonly<Record<string, unknown>>): WarmPoolDiff {
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

function inputsDiffer(state: WarmPoolState, news: Readonly<Record<string, unknown>>): boolean {
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
