/** Pulumi's marker for values that a preview does not know, and ours. */
import { isUnknown, unknown } from "../../lifecycle/unknown.js";

// The engine sends it in place of a value of any type (UnknownStringValue in Pulumi's wire protocol).
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value as it comes over the wire is one that a preview does not know. */
export function isMarker(value: unknown): boolean {
  return value === marker;
}

/** The properties with {@link unknown} in place of Pulumi's marker. */
export function decodeUnknowns(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return mapValues(properties, (value) => (isMarker(value) ? unknown : value));
}

/** The properties with Pulumi's marker in place of {@link unknown}. */
export function encodeUnknowns(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return mapValues(properties, (value) => (isUnknown(value) ? marker : value));
}

function mapValues(
  properties: Readonly<Record<string, unknown>>,
  leaf: (value: unknown) => unknown,
): Record<string, unknown> {
  const map = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(map);
    if (typeof value === "object" && value !== null) return mapValues(value as Record<string, unknown>, leaf);
    return leaf(value);
  };
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, map(value)]));
}
