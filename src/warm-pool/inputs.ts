/** The inputs of a warm pool, and how its sizes relate. */
import type { Properties } from "../lifecycle/contract.js";
import type { InputsOf, ManagedNameOf } from "../lifecycle/properties.js";
import { checkInputs, type CheckResult } from "../lifecycle/validation.js";
import { warmPoolProperties, type WarmPoolRows } from "./properties.js";

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

/** Why the managed sizes don't fit the live value of an unmanaged one. Undefined if they do. */
export function describeCrossedSizes(managed: Sizes, live: Sizes): string | undefined {
  const { minSize = live.minSize, maxSize = live.maxSize } = managed;
  const isOneManaged = (managed.minSize === undefined) !== (managed.maxSize === undefined);
  if (!isOneManaged || minSize === undefined || maxSize === undefined || minSize <= maxSize) return undefined;
  return managed.maxSize === undefined
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
