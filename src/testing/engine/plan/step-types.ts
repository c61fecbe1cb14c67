/** The steps of a plan, and how they are displayed and counted. */
import type { Registered } from "../state/registration.js";
import type { ResourceState } from "../state/resource-state.js";
import { isDefaultProvider, isProviderType } from "../state/urn.js";

/** All operations in the order of the summary. */
export const ops = [
  "same",
  "create",
  "update",
  "delete",
  "replace",
  "create-replacement",
  "delete-replaced",
  "read",
  "read-replacement",
  "refresh",
  "discard",
  "discard-replaced",
  "remove-pending-replace",
  "import",
] as const;

/** What a step does, in the words of the Pulumi engine. */
export type Op = (typeof ops)[number];

interface StepBase {
  readonly urn: string;
  readonly old: ResourceState | undefined;
  /** Called when the step is done. */
  readonly done?: ((result: Registered) => void) | undefined;
}

interface Changing extends StepBase {
  new: ResourceState;
  readonly old: ResourceState | undefined;
}

/** One step. It works on the state objects `old` and `new`. */
export type Step =
  | (Changing & {
      readonly kind: "same";
      readonly skippedCreate?: boolean;
      readonly untargeted?: boolean;
      /** The same operation has imported the resource, which counts. */
      readonly imported?: boolean;
    })
  | (Changing & {
      readonly kind: "create";
      readonly replacing: boolean;
      /** The old resource is deleted later. */
      readonly pendingDelete: boolean;
      readonly replaceKeys: readonly string[];
    })
  | (Changing & {
      readonly kind: "update";
      readonly old: ResourceState;
      readonly ignoreChanges: readonly string[];
      readonly changedKeys: readonly string[] | undefined;
    })
  | (Changing & {
      readonly kind: "replace";
      readonly old: ResourceState;
      readonly replaceKeys: readonly string[];
      readonly changedKeys: readonly string[] | undefined;
    })
  | (StepBase & {
      readonly kind: "delete";
      readonly old: ResourceState;
      readonly replacing: boolean;
      /** A create follows in the same chain. */
      readonly pendingReplacement: boolean;
    })
  | (StepBase & { readonly kind: "remove-pending-replace"; readonly old: ResourceState })
  | (Changing & { readonly kind: "read"; readonly replacing: boolean })
  | (StepBase & {
      readonly kind: "refresh";
      readonly old: ResourceState;
      /** The resource as found. Undefined if it is gone. */
      new: ResourceState | undefined;
      /** Whether anything differs. */
      changed: boolean;
      /** The inputs that differ, if the engine compared them. */
      changedKeys?: readonly string[] | undefined;
      /** Called with the resource as found, if the refresh precedes a registration. */
      readonly finished?: (state: ResourceState | undefined) => void;
    })
  | (Changing & { readonly kind: "import"; readonly isFromFile: boolean });

/** The operation that a step is displayed as. */
export function opOf(step: Step): Op {
  switch (step.kind) {
    case "create":
      return step.replacing ? "create-replacement" : "create";
    case "delete":
      if (step.old.external) return step.replacing ? "discard-replaced" : "discard";
      return step.replacing ? "delete-replaced" : "delete";
    case "read":
      return step.replacing ? "read-replacement" : "read";
    case "same":
    case "update":
    case "replace":
    case "refresh":
    case "import":
    case "remove-pending-replace":
      return step.kind;
  }
}

/** Whether a step represents its resource. A replacement does, but its parts do not. */
export function isLogical(step: Step): boolean {
  switch (step.kind) {
    case "create":
    case "delete":
    case "read":
      return !step.replacing;
    case "refresh":
    case "remove-pending-replace":
      return false;
    case "same":
    case "update":
    case "replace":
    case "import":
      return true;
  }
}

/** The resource after a step. */
export function newOf(step: Step): ResourceState | undefined {
  return "new" in step ? step.new : undefined;
}

/** Whether a step is internal to the engine, so that it is neither displayed nor counted. */
export function isInternal(step: Step): boolean {
  if (isDefaultProvider(step.urn) || (step.kind === "same" && step.imported === true)) return true;
  return step.kind === "refresh" && step.finished !== undefined && !step.old.custom;
}

/** The operation that corresponds to what a refresh found. */
export function resultOp(step: Step & { kind: "refresh" }): Op {
  if (step.new === undefined) return "delete";
  return step.changed ? "update" : "same";
}

/** The two characters in front of an operation. */
export const signs: Record<Op, string> = {
  same: "  ",
  create: "+ ",
  update: "~ ",
  delete: "- ",
  replace: "+-",
  "create-replacement": "++",
  "delete-replaced": "--",
  read: "> ",
  "read-replacement": ">>",
  refresh: "~ ",
  discard: "< ",
  "discard-replaced": "<<",
  "remove-pending-replace": "~ ",
  import: "= ",
};

/** The past tense of an operation. */
export function pastTense(op: Op): string {
  const tenses: Partial<Record<Op, string>> = {
    delete: "deleted",
    "delete-replaced": "deleted",
    read: "read",
    refresh: "refreshed",
    discard: "discarded",
    "discard-replaced": "discarded",
    import: "imported",
    "remove-pending-replace": "removed-pending-replace",
  };
  return tenses[op] ?? `${op}d`;
}

/** Whether a provider process manages a resource. */
export function isManaged(state: ResourceState): boolean {
  return state.custom && !isProviderType(state.type);
}
