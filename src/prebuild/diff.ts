/** What a changed program means for a prebuild: a pure function of state and inputs. */
import type { DiffResult, Properties } from "../lifecycle/contract.js";
import { timeoutInState } from "../lifecycle/timeouts.js";
import { isUnknown } from "../lifecycle/unknown.js";
import { optionalNames } from "./inputs.js";
import { defaultRunTimeout, failureOf, type PrebuildState } from "./state.js";
import { sameTriggers } from "../lifecycle/same-value.js";

/**
 * Compares. Nothing of a prebuild can be changed at the API: what reached it, or says "run again", makes a new one.
 * @param state the prebuild's outputs
 * @param news the checked inputs of the program
 */
export function diffPrebuild(state: PrebuildState, news: Properties): DiffResult {
  const changed = changedInputs(state, news);
  const failure = failureOf(state);
  if (failure !== undefined)
    return { changes: true, replaces: [...changed, "phase"], note: `it ${failure}. \`pulumi up\` runs it again` };
  if (state.expired && news["recreateWhenExpired"] === true)
    return { changes: true, replaces: [...changed, "expired"], note: "it has expired, and `pulumi up` runs it again" };
  if (changed.length > 0) return { changes: undefined, replaces: changed };
  if (state.__unfinished) {
    const isWaitedFor = news["waitForCompletion"] !== false;
    const note = isWaitedFor
      ? `it was ${state.phase} when it was seen last, and \`pulumi up\` waits for its end`
      : undefined;
    return { changes: true, replaces: [], note };
  }
  return { changes: stateOnlyDiffers(state, news) ? undefined : false, replaces: [] };
}

/** The inputs by which another prebuild is asked for. One that is no longer declared is left to the API, which has had its way already. */
function changedInputs(state: PrebuildState, news: Properties): string[] {
  const live = { ...state, timeout: state.timeout ?? defaultRunTimeout };
  const declared = ["projectId", ...optionalNames] as const;
  const changed: string[] = declared.filter(
    (name) => news[name] !== undefined && (isUnknown(news[name]) || news[name] !== live[name]),
  );
  if (news["connection"] !== state.connection) changed.push("connection");
  return sameTriggers(state.triggers, news["triggers"]) ? changed : [...changed, "triggers"];
}

/** Whether something differs that only the state has to learn. */
function stateOnlyDiffers(state: PrebuildState, news: Properties): boolean {
  return (
    optionalNames.some((name) => state.__managed.includes(name) !== (news[name] !== undefined)) ||
    news["waitForCompletion"] !== state.waitForCompletion ||
    news["logs"] !== state.logs ||
    news["recreateWhenExpired"] !== state.recreateWhenExpired ||
    timeoutInState(news["__timeouts"]) !== timeoutInState(state.__timeouts)
  );
}
