/** The steps that a plan is made of, and how each is named and counted. */
import type { Registered } from "../state/registration.js";
import type { ResourceState } from "../state/resource-state.js";
import { isDefaultProvider, isProviderType } from "../state/urn.js";

/** What a step does, in the engine's words. */
export type Op =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import";

/** All operations in the order in which they are counted. */
export const ops: readonly Op[] = [
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
];

interface StepBase {
  readonly urn: string;
  readonly old: ResourceState | undefined;
  /** What to tell once the step is done. */
  readonly done?: ((result: Registered) => void) | undefined;
}

interface Changing extends StepBase {
  new: ResourceState;
  readonly old: ResourceState | undefined;
}

/** One step. `new` and `old` are the state objects that it works on. */
export type Step =
  | (Changing & { readonly kind: "same"; readonly skippedCreate?: boolean; readonly untargeted?: boolean })
  | (Changing & {
      readonly kind: "create";
      readonly replacing: boolean;
      /** The old one is deleted later. */
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
      /** What was found; undefined once the resource turned out to be gone. */
      new: ResourceState | undefined;
      /** Whether anything was found to differ. */
      changed: boolean;
      /** The inputs that differ, where it was the engine that compared them. */
      changedKeys?: readonly string[] | undefined;
      /** Only to bring the base up to date before a program runs. */
      readonly finished?: (state: ResourceState | undefined) => void;
    })
  | (Changing & { readonly kind: "import" });

/** The operation that a step is shown as. */
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

/** Whether a step stands for its resource; the parts of a replacement do not, the replacement does. */
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

/** The resource that a step leaves behind. */
export function newOf(step: Step): ResourceState | undefined {
  return "new" in step ? step.new : undefined;
}

/** Whether a step is the engine's own affair and neither shown nor counted. */
export function isInternal(step: Step): boolean {
  if (isDefaultProvider(step.urn)) return true;
  return step.kind === "refresh" && step.finished !== undefined && !step.old.custom;
}

/** What a refresh found, as an operation. */
export function resultOp(step: Step & { kind: "refresh" }): Op {
  if (step.new === undefined) return "delete";
  return step.changed ? "update" : "same";
}

/** The two signs in front of an operation. */
export function signOf(op: Op): string {
  const signs: Record<Op, string> = {
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
  return signs[op];
}

/** An operation as something that has happened. */
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

/** Whether a resource has a provider process behind it. */
export function isManaged(state: ResourceState): boolean {
  return state.custom && !isProviderType(state.type);
}
