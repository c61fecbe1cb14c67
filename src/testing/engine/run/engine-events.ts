/** What happens during an update, as it is told to the display and to the result. */
import type { Diagnostic } from "../state/diagnostic.js";
import type { Op, Step } from "../plan/step-types.js";
import type { PropertyMap } from "../state/property-values.js";

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

/** A step as it looked when the event happened: states change later. */
export interface StepView {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly old: StateView | undefined;
  readonly new: StateView | undefined;
  readonly changedKeys: readonly string[] | undefined;
  readonly logical: boolean;
}

/** The parts of a state that are shown. */
export interface StateView {
  readonly id: string;
  readonly parent: string;
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap | undefined;
  readonly initErrors: readonly string[];
}
