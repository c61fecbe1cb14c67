/** What an operation hands back to a test: exit status, operations, messages, outputs, text. */
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

/** A value as tests see it: secrets bare, what is not known yet as `unknownValue`. */
export type PlainValue = null | boolean | number | string | PlainValue[] | { [key: string]: PlainValue };

/** Stands for a value that a preview does not know yet. */
export const unknownValue = "[unknown]";

/** How one property changes. */
export interface PropertyChange {
  readonly before: PlainValue | undefined;
  readonly after: PlainValue | undefined;
}

/** What was planned for or done to one resource. */
export interface ResourceOperation {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The properties before: inputs and outputs of the state. */
  readonly before: ResourceView | undefined;
  /** The properties after; in a preview, what is known of them. */
  readonly after: ResourceView | undefined;
  /** Inputs that change; after a refresh, inputs and outputs. */
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
  /** As the CLI's: 0 done, 1 failed, 7 `expectNoChanges` violated, 8 ended by a second interrupt. */
  readonly exitCode: 0 | 1 | 7 | 8;
  /** How many resources each operation concerned, the stack itself included. */
  readonly changeSummary: Partial<Record<Op, number>>;
  /** One for each resource, the unchanged ones included; parts of a replacement are not listed on their own. */
  readonly operations: readonly ResourceOperation[];
  /** The API calls that were made meanwhile, in order; none without a simulator. */
  readonly calls: readonly ApiCall[];
  readonly diagnostics: readonly Diagnostic[];
  readonly outputs: Record<string, OutputValue>;
  /** What a person would have seen. */
  readonly text: string;
}

/** Waits for an operation that has to succeed; if it does not, its text is in the error. */
export async function succeed(operation: Promise<OperationSummary>): Promise<OperationSummary> {
  const result = await operation;
  if (result.exitCode !== 0) throw new Error(`exit status ${result.exitCode}\n${result.text}`);
  return result;
}

/** Collects the operations of a run. */
export class Recorder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #operations = new Map<string, ResourceOperation>();

  /** Notes what has happened. */
  on(event: EngineEvent): void {
    switch (event.type) {
      case "diagnostic":
        if (event.ephemeral !== true) this.diagnostics.push(event.diagnostic);
        return;
      case "started":
        if (isInternal(event.step) || !event.view.logical) return;
        this.#operations.set(event.step.urn, operationOf(event.view, event.view.op, looksOnly(event.step)));
        return;
      case "finished":
        if (isInternal(event.step)) return;
        if (event.view.logical || (event.step.kind === "refresh" && event.counted)) {
          this.#operations.set(event.step.urn, operationOf(event.view, event.op, looksOnly(event.step)));
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

function looksOnly(step: Step): boolean {
  return step.kind === "refresh" || step.kind === "read";
}

function operationOf(view: StepView, op: Op, looked: boolean): ResourceOperation {
  const { urn, type, old, new: next } = view;
  return {
    op,
    urn,
    type,
    name: nameOf(urn),
    before: old === undefined ? undefined : viewOf(old),
    after: next === undefined || op === "delete" ? undefined : viewOf(next),
    diff: diffOf(view, op, looked),
    failed: false,
  };
}

function viewOf(state: { id: string; inputs: PropertyMap; outputs: PropertyMap | undefined }): ResourceView {
  return { id: state.id, inputs: plainMap(state.inputs), outputs: plainMap(state.outputs ?? {}) };
}

/** Where the engine only looked, in a refresh or a read, the outputs are the news too, unless it is known which inputs make the change. */
function diffOf(
  { old, new: next, changedKeys: known }: StepView,
  op: Op,
  looked: boolean,
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
  if (looked && known === undefined) add(old.outputs ?? {}, next.outputs ?? {});
  return result;
}

function maybePlain(value: PropertyValue | undefined): PlainValue | undefined {
  return value === undefined ? undefined : plain(value);
}

/** A map as tests see it. */
export function plainMap(map: PropertyMap): Record<string, PlainValue> {
  return mapValues(map, plain);
}

/** A value as tests see it. */
export function plain(value: PropertyValue): PlainValue {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Secret) return plain(value.value);
  if (value instanceof Unknown) return unknownValue;
  if (value instanceof ResourceReference) return value.urn;
  if (Array.isArray(value)) return value.map(plain);
  return mapValues(value, plain);
}
