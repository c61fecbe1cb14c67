/** The inputs of a warm pool, and how its sizes relate. */
import type { Properties } from "../lifecycle/contract.js";
import type { InputsOf, ManagedNameOf } from "../lifecycle/properties.js";
import { checkInputs, type CheckResult } from "../lifecycle/validation.js";
import { warmPoolProperties, type WarmPoolRows } from "./properties.js";
import type { WarmPoolState } from "./state.js";

/** The checked inputs of a warm pool. */
export type WarmPoolInputs = InputsOf<WarmPoolRows>;

/** A size that the program may leave to others. */
export type SizeName = ManagedNameOf<WarmPoolRows>;

/** Sizes by name. A missing one is not managed. */
export type Sizes = { readonly [Name in SizeName]?: number };

/** The sizes that a program may leave to others. */
export const sizeNames: readonly SizeName[] = warmPoolProperties.managedNames;

/** The sizes that the program manages: those that it sets. */
export function managedSizes(inputs: { readonly [Name in SizeName]?: unknown }): Sizes {
  return Object.fromEntries(
    sizeNames.flatMap((name) => (typeof inputs[name] === "number" ? [[name, inputs[name]]] : [])),
  );
}

/**
 * The managed sizes that an update sends: those that the program has changed. One that it hasn't changed may be in
 * `ignoreChanges`, which the dynamic host doesn't pass on.
 * @param oldInputs the inputs in state. If they aren't known, the state itself
 */
export function changedSizes(inputs: WarmPoolInputs, state: WarmPoolState, oldInputs?: Properties): Sizes {
  const managed = managedSizes(inputs);
  const old: Properties = oldInputs ?? pickSizes(state, (name) => state.__managed.includes(name));
  return pickSizes(managed, (name) => managed[name] !== old[name]);
}

/** Those of the sizes that are set and wanted. */
export function pickSizes(sizes: Sizes, isWanted: (name: SizeName) => boolean): Sizes {
  return Object.fromEntries(
    sizeNames.flatMap((name) => (sizes[name] !== undefined && isWanted(name) ? [[name, sizes[name]]] : [])),
  );
}

/** Whether the preview of a create calls the API: the resource may adopt a pool, and pool and connection are known. */
export function looksAhead(inputs: Properties): boolean {
  return (
    inputs["adoptExisting"] === true &&
    typeof inputs["projectId"] === "string" &&
    typeof inputs["environmentClassId"] === "string" &&
    (inputs["connection"] === undefined || typeof inputs["connection"] === "string")
  );
}

/** The sizes of a new pool: 1 and 2 by default (as in the vendor's Terraform provider), adjusted so that min <= max. */
export function initialSizes({ minSize, maxSize }: Sizes): Required<Sizes> {
  return {
    minSize: minSize ?? Math.min(1, maxSize ?? 1),
    maxSize: maxSize ?? Math.max(2, minSize ?? 2),
  };
}

/**
 * Why the sizes to send don't fit the live value of the other one. Undefined if they do.
 * @param managed the sizes that the program manages, of which it may send only one
 */
export function describeCrossedSizes(sent: Sizes, live: Sizes, managed: Sizes = sent): string | undefined {
  const { minSize = live.minSize, maxSize = live.maxSize } = sent;
  const isOneSent = (sent.minSize === undefined) !== (sent.maxSize === undefined);
  if (!isOneSent || minSize === undefined || maxSize === undefined || minSize <= maxSize) return undefined;
  const [own, other] =
    sent.maxSize === undefined ? (["minSize", "maxSize"] as const) : (["maxSize", "minSize"] as const);
  if (managed[other] !== undefined) {
    const [change, relation] = own === "minSize" ? ["lower", "greater"] : ["raise", "smaller"];
    return (
      `${own} (${sent[own]}) is ${relation} than the pool's ${other} (${live[other]}), which this update leaves alone. ` +
      `Run \`pulumi up --refresh\` without ${other} in \`ignoreChanges\`, or ${change} ${own}`
    );
  }
  return sent.maxSize === undefined
    ? `minSize (${minSize}) is greater than the pool's unmanaged maxSize (${maxSize}). Set maxSize too, or lower minSize`
    : `maxSize (${maxSize}) is smaller than the pool's unmanaged minSize (${minSize}). Set minSize too, or raise maxSize`;
}

/** Validates the inputs of a pool, property by property, and brings them into their normal form. */
export function checkWarmPool(news: Properties): CheckResult {
  const checked = checkInputs(warmPoolProperties, news);
  const { minSize, maxSize } = checked.inputs;
  const crossed =
    checked.failures.length === 0 && typeof minSize === "number" && typeof maxSize === "number" && minSize > maxSize;
  if (!crossed) return checked;
  const reason = `maxSize (${maxSize}) must not be smaller than minSize (${minSize})`;
  return { inputs: checked.inputs, failures: [{ property: "maxSize", reason }] };
}
