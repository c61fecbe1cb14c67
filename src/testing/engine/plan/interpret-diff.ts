/** Interprets a provider's answer to a diff. */
import { changedInputs } from "../state/property-diff.js";
import { contains, keepOld, parsePath } from "../state/property-paths.js";
import type { DiffAnswer } from "../host/provider-process.js";
import type { PropertyMap } from "../state/property-values.js";

/** The difference between a resource and its registration. */
export interface Diff {
  readonly some: boolean;
  readonly replaceKeys: readonly string[];
  /** The properties that changed, as far as the provider names them or the engine compared them itself. */
  readonly changedKeys: readonly string[] | undefined;
  readonly deleteBeforeReplace: boolean;
}

const noDiff: Diff = { some: false, replaceKeys: [], changedKeys: undefined, deleteBeforeReplace: false };

/** A difference that replaces the resource for a reason outside the provider. */
export function forcedReplacement(reason: string): Diff {
  return { ...noDiff, some: true, replaceKeys: [reason] };
}

/** Interprets a provider's answer. If it does not say whether anything changed, compares the inputs. */
export function interpretDiff(
  answer: DiffAnswer,
  oldInputs: PropertyMap,
  newInputs: PropertyMap,
  ignoreChanges: readonly string[],
): Diff {
  const base = { replaceKeys: answer.replaces, deleteBeforeReplace: answer.deleteBeforeReplace };
  if (answer.changes !== "unknown") {
    const changedKeys = answer.diffs.length > 0 ? answer.diffs : undefined;
    return { ...base, some: answer.changes === "some", changedKeys };
  }
  const keys = changedInputs(oldInputs, keepOld(newInputs, oldInputs, ignoreChanges).inputs);
  return { ...base, some: keys.length > 0, changedKeys: keys.length > 0 ? keys : undefined };
}

/** The difference of a component, which has no provider. */
export function componentDiff(oldInputs: PropertyMap, newInputs: PropertyMap): Diff {
  return { ...noDiff, some: changedInputs(oldInputs, newInputs).length > 0 };
}

const initErrorKey = "#initerror";

/** Replaces the resource if a property in `replaceOnChanges` changed. */
export function applyReplaceOnChanges(diff: Diff, replaceOnChanges: readonly string[], hasInitErrors: boolean): Diff {
  if (!diff.some && !hasInitErrors) return diff;
  const paths = replaceOnChanges.map(parsePath);
  const keys = new Set(diff.replaceKeys);
  for (const key of diff.changedKeys ?? []) {
    if (paths.some((path) => contains(path, [key]))) keys.add(key);
  }
  const unhealthy = hasInitErrors && paths.some((path) => contains(path, [initErrorKey]));
  if (unhealthy) keys.add(initErrorKey);
  return { ...diff, some: diff.some || unhealthy, replaceKeys: [...keys] };
}

/** Whether a difference replaces the resource. */
export function isReplacement(diff: Diff): boolean {
  return diff.some && diff.replaceKeys.length > 0;
}
