/** Translates between Pulumi's marker for unknown values and ours. */
import { isUnknown, unknown } from "../lifecycle/unknown.js";
import type { Properties } from "../lifecycle/contract.js";

// The engine sends it in place of a value of any type (UnknownStringValue in Pulumi's wire protocol).
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Replaces Pulumi's marker by {@link unknown}. */
export function decodeUnknowns(properties: Properties): Record<string, unknown> {
  return mapValues(properties, (value) => (value === marker ? unknown : value));
}

/** Replaces {@link unknown} by Pulumi's marker. */
export function encodeUnknowns(properties: Properties): Record<string, unknown> {
  return mapValues(properties, (value) => (isUnknown(value) ? marker : value));
}

function mapValues(properties: Properties, leaf: (value: unknown) => unknown): Record<string, unknown> {
  const map = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(map);
    if (typeof value === "object" && value !== null) return mapValues(value as Properties, leaf);
    return leaf(value);
  };
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, map(value)]));
}
