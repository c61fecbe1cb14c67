/** A stack's resources and the dependencies between them. */
import { mapValues, type Json, type PropertyMap } from "./property-values.js";
import { urnOfProvider } from "./urn.js";

/** Timeouts in seconds. */
export interface CustomTimeouts {
  create?: number;
  update?: number;
  delete?: number;
  read?: number;
}

/** One resource of a stack. Steps change the object in place. Its identity is the object, not the URN. */
export interface ResourceState {
  urn: string;
  type: string;
  custom: boolean;
  delete: boolean;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap | undefined;
  parent: string;
  protect: boolean;
  external: boolean;
  dependencies: string[];
  initErrors: string[];
  provider: string;
  propertyDependencies: Record<string, string[]>;
  pendingReplacement: boolean;
  additionalSecretOutputs: string[];
  customTimeouts: CustomTimeouts;
  importId: string;
  retainOnDelete: boolean;
  deletedWith: string;
  replaceWith: string[];
  created: string;
  modified: string;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  hideDiff: string[];
  resourceHooks: Record<string, string[]>;
  replacementTrigger: Json | undefined;
  /** Whether each operation reads the resource before anything else. */
  refreshBeforeUpdate: boolean;
  /** Fields of a deployment that this engine does not use. They are written back unchanged. */
  other: Record<string, Json>;
}

/** An operation that was interrupted before its result was known. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
}

/** A stack's state at one point in time. */
export interface Snapshot {
  readonly resources: ResourceState[];
  readonly pending: PendingOperation[];
}

/** A resource state with empty defaults, in the order in which Pulumi writes the fields. */
export function newState({
  urn,
  type,
  ...given
}: Partial<ResourceState> & Pick<ResourceState, "urn" | "type">): ResourceState {
  return {
    urn,
    custom: false,
    delete: false,
    id: "",
    type,
    inputs: {},
    outputs: undefined,
    parent: "",
    protect: false,
    external: false,
    dependencies: [],
    initErrors: [],
    provider: "",
    propertyDependencies: {},
    pendingReplacement: false,
    additionalSecretOutputs: [],
    customTimeouts: {},
    importId: "",
    retainOnDelete: false,
    deletedWith: "",
    replaceWith: [],
    created: "",
    modified: "",
    ignoreChanges: [],
    hideDiff: [],
    replaceOnChanges: [],
    replacementTrigger: undefined,
    refreshBeforeUpdate: false,
    resourceHooks: {},
    other: {},
    ...given,
  };
}

/** The URNs that a resource depends on, including its parent and provider. */
export function dependenciesOf(state: ResourceState): Set<string> {
  const urns = new Set(orderingDependencies(state));
  if (state.parent !== "") urns.add(state.parent);
  if (state.provider !== "") urns.add(urnOfProvider(state.provider));
  return urns;
}

/** The URNs that a resource depends on, without its parent and provider. */
function orderingDependencies(state: ResourceState): string[] {
  const urns = [...state.dependencies, ...Object.values(state.propertyDependencies).flat(), ...state.replaceWith];
  if (state.deletedWith !== "") urns.push(state.deletedWith);
  return urns;
}

/** The resources that depend on `root`, directly or through others, in state order. */
export function dependentsOf(
  resources: readonly ResourceState[],
  root: ResourceState,
  ignore: (urn: string) => boolean,
): ResourceState[] {
  const reached = new Set([root.urn]);
  const dependents: ResourceState[] = [];
  for (const candidate of resources.slice(resources.indexOf(root) + 1)) {
    if (ignore(candidate.urn)) continue;
    const needs = orderingDependencies(candidate);
    if (candidate.provider !== "") needs.push(urnOfProvider(candidate.provider));
    if (!needs.some((urn) => reached.has(urn))) continue;
    dependents.push(candidate);
    reached.add(candidate.urn);
  }
  return dependents;
}

/** Groups resources for deletion, dependents first. The resources of a group may be deleted at the same time. */
export function deletionGroups(resources: readonly ResourceState[]): ResourceState[][] {
  const left = new Set(resources);
  const groups: ResourceState[][] = [];
  while (left.size > 0) {
    const group = [...left].filter((state) => {
      const needs = dependenciesOf(state);
      return ![...left].some((other) => other !== state && needs.has(other.urn) && other.urn !== state.urn);
    });
    // A deployment that was edited by hand may have a cycle. Delete such resources together.
    const next = group.length > 0 ? group : [...left];
    for (const state of next) left.delete(state);
    groups.unshift(next);
  }
  return groups;
}

/** Removes references to missing resources, as Pulumi does after a refresh. A child moves up to its next ancestor. */
export function prune(resources: ResourceState[], parents: ReadonlyMap<string, string>): void {
  const present = new Set(resources.map((state) => state.urn));
  for (const state of resources) {
    const isPresent = (urn: string): boolean => present.has(urn);
    state.dependencies = state.dependencies.filter(isPresent);
    state.propertyDependencies = mapValues(state.propertyDependencies, (urns) => urns.filter(isPresent));
    state.replaceWith = state.replaceWith.filter(isPresent);
    if (state.deletedWith !== "" && !isPresent(state.deletedWith)) state.deletedWith = "";
    while (state.parent !== "" && !isPresent(state.parent)) state.parent = parents.get(state.parent) ?? "";
  }
}
