/** What happens during an update, for the text and the summary. */
import type { Op, Step } from "../plan/step-types.js";
import { isLogical, newOf, opOf } from "../plan/step-types.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { ResourceState } from "../state/resource-state.js";

export type EngineEvent =
  | { readonly type: "diagnostic"; readonly diagnostic: Diagnostic; readonly ephemeral?: boolean }
  | { readonly type: "started"; readonly step: Step; readonly view: StepView }
  | {
      readonly type: "finished";
      readonly step: Step;
      readonly op: Op;
      readonly counted: boolean;
      readonly view: StepView;
    }
  /** A component or the stack has its outputs. */
  | { readonly type: "outputs"; readonly step: Step; readonly view: StepView }
  | { readonly type: "failed"; readonly step: Step };

/** A step at the time of an event, with copies of its states because they change later. */
export interface StepView {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly old: Readonly<ResourceState> | undefined;
  readonly new: Readonly<ResourceState> | undefined;
  readonly changedKeys: readonly string[] | undefined;
  readonly logical: boolean;
}

/** A step as it is now. */
export function viewOf(step: Step, op: Op = opOf(step)): StepView {
  const [old, state] = [step.old, newOf(step)];
  return {
    op,
    urn: step.urn,
    type: (state ?? old)?.type ?? "",
    old: old === undefined ? undefined : { ...old },
    new: state === undefined ? undefined : { ...state },
    changedKeys: "changedKeys" in step ? step.changedKeys : undefined,
    logical: isLogical(step),
  };
}
