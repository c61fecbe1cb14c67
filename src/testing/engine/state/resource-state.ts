/** What a stack's state holds, and the questions that planning asks of it. */
import { mapValues, type Json, type PropertyMap } from "./property-values.js";
import { urnOfProvider } from "./urn.js";

/** Time limits in seconds. */
export interface CustomTimeouts {
  create?: number;
  update?: number;
  delete?: number;
  read?: number;
}

/** One resource of a stack. It changes while a step works on it, and is identified by itself, not by its URN. */
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
  /** Fields of a deployment that this engine does not use, kept as they came. */
  other: Record<string, Json>;
}

/** Something that was begun and never seen to end. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
}

/** A stack's state at a moment. */
export interface Snapshot {
  readonly resources: ResourceState[];
  readonly pending: PendingOperation[];
}

/** A resource state with everything left empty that is not given. */
export function newState(given: Partial<ResourceState> & Pick<ResourceState, "urn" | "type">): ResourceState {
  return {
    custom: false,
    delete: false,
    id: "",
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
    replaceOnChanges: [],
    hideDiff: [],
    resourceHooks: {},
    replacementTrigger: undefined,
    other: {},
    ...given,
  };
}

/** All resources that a resource depends on, its parent and provider included. */
export function dependenciesOf(state: ResourceState): Set<string> {
  const urns = new Set(orderingDependencies(state));
  if (state.parent !== "") urns.add(state.parent);
  if (state.provider !== "") urns.add(urnOfProvider(state.provider));
  return urns;
}

/** What a resource depends on apart from parent and provider. */
export function orderingDependencies(state: ResourceState): string[] {
  const urns = [...state.dependencies, ...Object.values(state.propertyDependencies).flat(), ...state.replaceWith];
  if (state.deletedWith !== "") urns.push(state.deletedWith);
  return urns;
}

/** The resources after `root` in state order that depend on it, directly or through others. */
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

/**
 * In which order to delete: each group may be deleted at once, after the group before it is gone. What others depend
 * on goes last.
 */
export function deletionGroups(condemned: readonly ResourceState[]): ResourceState[][] {
  const left = new Set(condemned);
  const groups: ResourceState[][] = [];
  while (left.size > 0) {
    const group = [...left].filter((state) => {
      const needs = dependenciesOf(state);
      return ![...left].some((other) => other !== state && needs.has(other.urn) && other.urn !== state.urn);
    });
    // A cycle cannot come from this engine, but a hand-made deployment may hold one: then all of it goes together.
    const next = group.length > 0 ? group : [...left];
    for (const state of next) left.delete(state);
    groups.unshift(next);
  }
  return groups;
}

/** Drops references to resources that are gone, as the engine does after a refresh; a child moves up to the next parent. */
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
