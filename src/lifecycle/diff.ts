/** The generic part of a diff: inputs against state, by the rows of the property table. */
import type { Properties } from "./contract.js";
import type { HiddenState, PropertyTable } from "./properties.js";
import { sameValue } from "./same-value.js";

/** The changed inputs that need another object. An unknown value counts as changed. */
export function replacingInputs({ inputs }: PropertyTable, state: object, news: Properties): string[] {
  const old = state as Properties;
  const changed = inputs.filter(([name, { onChange, managed, default: otherwise }]) => {
    if (onChange !== "replace" || (managed && news[name] === undefined)) return false;
    return !sameValue(old[name] ?? otherwise, news[name]);
  });
  return changed.map(([name]) => name);
}

/** Whether any other input changed, or the program started or stopped setting one. */
export function otherInputsDiffer({ inputs }: PropertyTable, state: HiddenState, news: Properties): boolean {
  const old = { ...state } as Properties;
  return inputs.some(([name, { onChange, managed }]) => {
    const isSet = news[name] !== undefined;
    if (managed && state.__managed.includes(name) !== isSet) return true;
    return onChange !== "replace" && (isSet || !managed) && !sameValue(old[name], news[name]);
  });
}
