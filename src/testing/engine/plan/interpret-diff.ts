/** The decisions of planning as pure functions: what a diff means, what a target includes. */
import { changedInputs } from "../state/property-diff.js";
import { contains, keepOld, parsePath } from "../state/property-paths.js";
import type { DiffAnswer } from "../host/provider-process.js";
import { dependenciesOf, type ResourceState } from "../state/resource-state.js";
import type { PropertyMap } from "../state/property-values.js";

/** What is known about the difference of a resource. */
export interface Diff {
  readonly some: boolean;
  readonly replaceKeys: readonly string[];
  /** The properties that changed, where the engine found that out itself. */
  readonly changedKeys: readonly string[] | undefined;
  readonly deleteBeforeReplace: boolean;
}

export const noDiff: Diff = {
  some: false,
  replaceKeys: [],
  changedKeys: undefined,
  deleteBeforeReplace: false,
};

/** A difference that asks for a replacement, for a reason outside of the provider. */
export function forcedReplacement(reason: string): Diff {
  return { ...noDiff, some: true, replaceKeys: [reason] };
}

/** What a provider's answer means; where it does not say whether anything changed, the inputs decide. */
export function interpretDiff(
  answer: DiffAnswer,
  oldInputs: PropertyMap,
  newInputs: PropertyMap,
  ignoreChanges: readonly string[],
): Diff {
  const base = { replaceKeys: answer.replaces, deleteBeforeReplace: answer.deleteBeforeReplace };
  if (answer.changes !== "unknown") return { ...base, some: answer.changes === "some", changedKeys: undefined };
  const keys = changedInputs(oldInputs, keepOld(newInputs, oldInputs, ignoreChanges));
  return { ...base, some: keys.length > 0, changedKeys: keys.length > 0 ? keys : undefined };
}

const initErrorKey = "#initerror";

/** Turns changes of properties that are named in `replaceOnChanges` into reasons to replace. */
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

/** Whether a difference asks for a new resource. */
export function isReplacement(diff: Diff): boolean {
  return diff.some && diff.replaceKeys.length > 0;
}

/** A set of URNs that may have wildcards: `*` for a part of a name, `**` for anything. */
export class UrnSet {
  readonly #literals = new Set<string>();
  readonly #patterns: RegExp[] = [];

  constructor(urns: readonly string[]) {
    for (const urn of urns) {
      if (urn.includes("*")) this.#patterns.push(globToRegExp(urn));
      else this.#literals.add(urn);
    }
  }

  has(urn: string): boolean {
    return this.#literals.has(urn) || this.#patterns.some((pattern) => pattern.test(urn));
  }

  add(urn: string): void {
    this.#literals.add(urn);
  }

  /** The URNs without wildcards that nothing in a stack bears. */
  missing(present: ReadonlySet<string>): string[] {
    return [...this.#literals].filter((urn) => !present.has(urn));
  }
}

function globToRegExp(glob: string): RegExp {
  const pieces = glob.split(/(\*\*|\*)/).map((piece) => {
    if (piece === "**") return ".*";
    if (piece === "*") return "[^:]*";
    return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${pieces.join("")}$`);
}

/** The targets with everything in the state that depends on them. */
export function withDependents(targets: UrnSet, resources: readonly ResourceState[]): void {
  for (const state of resources) {
    if ([...dependenciesOf(state)].some((urn) => targets.has(urn))) targets.add(state.urn);
  }
}
