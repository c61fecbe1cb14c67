/** What a program asks for when it registers or reads a resource. Pulumi calls it the goal. */
import { newState, type ResourceState } from "./resource-state.js";

/** Another name under which the state may have a resource. */
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

type DeclaredState = Pick<
  ResourceState,
  | "type"
  | "custom"
  | "parent"
  | "inputs"
  | "provider"
  | "dependencies"
  | "propertyDependencies"
  | "ignoreChanges"
  | "additionalSecretOutputs"
  | "importId"
  | "customTimeouts"
  | "replaceOnChanges"
  | "replacementTrigger"
  | "deletedWith"
  | "replaceWith"
  | "hideDiff"
  | "resourceHooks"
>;

/** A registration with all options. */
export interface Goal extends Readonly<DeclaredState> {
  readonly name: string;
  readonly protect: boolean | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly aliases: readonly Alias[];
}

/** A read of an existing resource. */
export interface ReadGoal extends Goal {
  readonly id: string;
}

/** The result of a registration, which the program waits for. */
export interface Registered {
  readonly state: ResourceState;
  /** The resource was not created because it was not targeted. */
  readonly skipped?: boolean;
}

/** A goal with defaults for all omitted options. */
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

/** The state that a registration aims at, before checks and outputs. */
export function stateFor(goal: Goal, urn: string, old?: ResourceState): ResourceState {
  const { name: _name, aliases: _aliases, deleteBeforeReplace: _first, protect, retainOnDelete, ...declared } = goal;
  return newState({
    ...declared,
    urn,
    protect: protect ?? false,
    retainOnDelete: retainOnDelete ?? false,
    created: old?.created ?? "",
    modified: old?.modified ?? "",
  });
}

/** The state that a read aims at. */
export function stateForRead(goal: ReadGoal, urn: string): ResourceState {
  return { ...stateFor(goal, urn), outputs: {}, external: true };
}
