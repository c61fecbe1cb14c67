/** What a program asks for when it registers or reads a resource. */
import { newState, type CustomTimeouts, type ResourceState } from "./resource-state.js";
import type { Json, PropertyMap } from "./property-values.js";

/** Another name under which a resource may be found in the state. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      readonly parent?: string;
      readonly noParent?: boolean;
    };

/** A registration, with all options. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string;
  readonly inputs: PropertyMap;
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, string[]>>;
  readonly protect: boolean | undefined;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: Json | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  readonly replaceWith: readonly string[];
  readonly hideDiff: readonly string[];
  readonly resourceHooks: Readonly<Record<string, string[]>>;
}

/** A read of something that exists. */
export interface ReadGoal {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string;
  readonly inputs: PropertyMap;
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
}

/** The result of a registration, which the program waits for. */
export interface Registered {
  readonly state: ResourceState;
  /** The resource was not created because it was not targeted. */
  readonly skipped?: boolean;
}

/** A goal with every option left out that is not given. */
export function newGoal(given: Partial<Goal> & Pick<Goal, "type" | "name" | "inputs">): Goal {
  return {
    custom: true,
    parent: "",
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    protect: undefined,
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    importId: "",
    customTimeouts: {},
    replaceOnChanges: [],
    replacementTrigger: undefined,
    retainOnDelete: undefined,
    deletedWith: "",
    replaceWith: [],
    hideDiff: [],
    resourceHooks: {},
    ...given,
  };
}

/** The state that a goal aims at, before checks and outputs. */
export function stateFor(goal: Goal, urn: string, old: ResourceState | undefined): ResourceState {
  return newState({
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs: goal.inputs,
    parent: goal.parent,
    protect: goal.protect ?? false,
    dependencies: [...goal.dependencies],
    provider: goal.provider,
    propertyDependencies: Object.fromEntries(
      Object.entries(goal.propertyDependencies).map(([key, urns]) => [key, [...urns]]),
    ),
    additionalSecretOutputs: [...goal.additionalSecretOutputs],
    customTimeouts: { ...goal.customTimeouts },
    importId: goal.importId,
    retainOnDelete: goal.retainOnDelete ?? false,
    deletedWith: goal.deletedWith,
    replaceWith: [...goal.replaceWith],
    created: old?.created ?? "",
    modified: old?.modified ?? "",
    ignoreChanges: [...goal.ignoreChanges],
    replaceOnChanges: [...goal.replaceOnChanges],
    replacementTrigger: goal.replacementTrigger,
    hideDiff: [...goal.hideDiff],
    resourceHooks: Object.fromEntries(Object.entries(goal.resourceHooks).map(([key, names]) => [key, [...names]])),
  });
}

/** The state that a read aims at. */
export function stateForRead(goal: ReadGoal, urn: string): ResourceState {
  return newState({
    urn,
    type: goal.type,
    custom: true,
    id: goal.id,
    inputs: goal.inputs,
    outputs: {},
    parent: goal.parent,
    external: true,
    dependencies: [...goal.dependencies],
    provider: goal.provider,
    additionalSecretOutputs: [...goal.additionalSecretOutputs],
  });
}
