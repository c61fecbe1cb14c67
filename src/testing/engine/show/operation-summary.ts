/** The result of an operation for a test: exit code, operations, messages, outputs and text. */
import type { ApiCall } from "../host/api-calls.js";
import { changedKeys, difference, isInternalKey } from "../state/property-diff.js";
import type { EngineEvent, StepView } from "../run/engine-events.js";
import type { Diagnostic } from "../state/diagnostic.js";
import { isInternal, type Op, type Step } from "../plan/step-types.js";
import { nameOf } from "../state/urn.js";
import {
  mapValues,
  Secret,
  Unknown,
  ResourceReference,
  type PropertyMap,
  type PropertyValue,
} from "../state/property-values.js";

/** A value for tests. Secrets are plain text, and unknown values are `unknownValue`. */
export type PlainValue = null | boolean | number | string | PlainValue[] | { [key: string]: PlainValue };

/** Represents a value that a preview does not know. */
export const unknownValue = "[unknown]";

/** The change of one property. */
export interface PropertyChange {
  readonly before: PlainValue | undefined;
  readonly after: PlainValue | undefined;
}

/** The planned or executed operation on one resource. */
export interface ResourceOperation {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The properties in the state before the operation. */
  readonly before: ResourceView | undefined;
  /** The properties after the operation, as far as a preview knows them. */
  readonly after: ResourceView | undefined;
  /** The inputs that change, and after a refresh also the outputs. */
  readonly diff: Record<string, PropertyChange>;
  readonly failed: boolean;
}

/** A resource in a result. */
export interface ResourceView {
  readonly id: string;
  readonly inputs: Record<string, PlainValue>;
  readonly outputs: Record<string, PlainValue>;
}

/** A stack output. */
export interface OutputValue {
  readonly value: PlainValue;
  readonly secret: boolean;
}

/** The result of an operation. */
export interface OperationSummary {
  /** Like the CLI: 0 success, 1 failure, 7 `expectNoChanges` violated, 8 ended by a second interrupt. */
  readonly exitCode: 0 | 1 | 7 | 8;
  /** The number of resources per operation, including the stack itself. */
  readonly changeSummary: Partial<Record<Op, number>>;
  /** One operation per resource, including unchanged ones. A replacement is one operation. */
  readonly operations: readonly ResourceOperation[];
  /** The API calls during the operation, in order. Empty without a simulator. */
  readonly calls: readonly ApiCall[];
  /** The messages of engine, program and provider. */
  readonly diagnostics: readonly Diagnostic[];
  /** The outputs of the stack. One that a preview does not know is {@link unknownValue}. */
  readonly outputs: Record<string, OutputValue>;
  /** The text that the CLI would print with `--diff`. */
  readonly text: string;
}

/**
 * Waits for an operation that must succeed.
 * @throws Error with the text of the operation if it fails
 */
export async function succeed(operation: Promise<OperationSummary>): Promise<OperationSummary> {
  const result = await operation;
  if (result.exitCode !== 0) throw new Error(`exit status ${result.exitCode}\n${result.text}`);
  return result;
}

/** Collects the operations and messages of a run. */
export class Recorder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #operations = new Map<string, ResourceOperation>();

  /** Records an event. */
  on(event: EngineEvent): void {
    switch (event.type) {
      case "diagnostic":
        if (event.ephemeral !== true) this.diagnostics.push(event.diagnostic);
        return;
      case "started":
        if (isInternal(event.step) || !event.view.logical) return;
        this.#operations.set(event.step.urn, operationOf(event.view, event.view.op, readsOnly(event.step)));
        return;
      case "finished":
        if (isInternal(event.step)) return;
        if (event.view.logical || (event.step.kind === "refresh" && event.counted)) {
          this.#operations.set(event.step.urn, operationOf(event.view, event.op, readsOnly(event.step)));
        }
        return;
      case "failed":
        if (!isInternal(event.step)) this.#failed(event.step.urn);
        return;
      case "outputs":
        return;
    }
  }

  all(): ResourceOperation[] {
    return [...this.#operations.values()];
  }

  #failed(urn: string): void {
    const operation = this.#operations.get(urn);
    if (operation !== undefined) this.#operations.set(urn, { ...operation, failed: true });
  }
}

function readsOnly(step: Step): boolean {
  return step.kind === "refresh" || step.kind === "read";
}

function operationOf(view: StepView, op: Op, readOnly: boolean): ResourceOperation {
  const { urn, type, old, new: next } = view;
  return {
    op,
    urn,
    type,
    name: nameOf(urn),
    before: old === undefined ? undefined : viewOf(old),
    after: next === undefined || op === "delete" ? undefined : viewOf(next),
    diff: diffOf(view, op, readOnly),
    failed: false,
  };
}

function viewOf(state: { id: string; inputs: PropertyMap; outputs: PropertyMap | undefined }): ResourceView {
  return { id: state.id, inputs: plainMap(state.inputs), outputs: plainMap(state.outputs ?? {}) };
}

/** The properties that changed. A refresh or read includes outputs, unless the engine knows which inputs changed. */
function diffOf(
  { old, new: next, changedKeys: known }: StepView,
  op: Op,
  readOnly: boolean,
): Record<string, PropertyChange> {
  if (old === undefined || next === undefined || op === "delete" || op === "same") return {};
  const result: Record<string, PropertyChange> = {};
  const add = (olds: PropertyMap, news: PropertyMap): void => {
    const diff = difference(olds, news, isInternalKey);
    for (const key of diff === undefined ? [] : changedKeys(diff)) {
      result[key] ??= { before: maybePlain(olds[key]), after: maybePlain(news[key]) };
    }
  };
  add(old.inputs, next.inputs);
  if (readOnly && known === undefined) add(old.outputs ?? {}, next.outputs ?? {});
  return result;
}

function maybePlain(value: PropertyValue | undefined): PlainValue | undefined {
  return value === undefined ? undefined : plain(value);
}

/** A map for tests. */
export function plainMap(map: PropertyMap): Record<string, PlainValue> {
  return mapValues(map, plain);
}

/** A value for tests. */
export function plain(value: PropertyValue): PlainValue {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Secret) return plain(value.value);
  if (value instanceof Unknown) return unknownValue;
  if (value instanceof ResourceReference) return value.urn;
  if (Array.isArray(value)) return value.map(plain);
  return mapValues(value, plain);
}
