/** Validates inputs by the property table. Unknown values pass, unknown properties are refused by name. */
import { formatDuration, parseHumanDuration } from "../util/duration.js";
import { findSimilarName } from "../util/spelling.js";
import { joinWithOr, sanitize } from "../util/text.js";
import { isUuid, normalizeId } from "../util/uuid.js";
import { packageVersion } from "../util/version.js";
import type { PropertyTable, PropertyType } from "./properties.js";
import { isUnknown } from "./unknown.js";

/** Why an input was refused. */
export interface CheckFailure {
  /** The property's path: `minSize`, `customTimeouts.create`. */
  readonly property: string;
  readonly reason: string;
}

/** The normal form of inputs, and what is wrong with them. */
export interface CheckResult {
  readonly inputs: Record<string, unknown>;
  readonly failures: readonly CheckFailure[];
}

/** The normal form of a value, or why it is refused. */
type Verdict = { readonly value: unknown } | { readonly refused: string };

/** Validates inputs and brings them into their normal form. `null` counts as absent. */
export function checkInputs(table: PropertyTable, news: Readonly<Record<string, unknown>>): CheckResult {
  const { rows, inputNames, outputNames } = table;
  // A map, because a property may be called __proto__.
  const inputs = new Map<string, unknown>();
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string) =>
    failures.push({ property: sanitize(property), reason: sanitize(reason) });

  for (const [property, value] of Object.entries(news)) {
    if (value === null || value === undefined) continue;
    inputs.set(property, value);
    if (!inputNames.includes(property)) {
      refuse(property, unknownProperty(property, inputNames, outputNames));
    } else if (!isUnknown(value)) {
      const verdict = checkValue(rows[property]?.type, value);
      if ("refused" in verdict) refuse(property, `${property} ${verdict.refused}`);
      else inputs.set(property, verdict.value);
    }
  }
  for (const [property, { required }] of table.inputs) {
    if (required && !inputs.has(property)) refuse(property, `${property} is required`);
  }
  return { inputs: Object.fromEntries(inputs), failures };
}

function checkValue(type: PropertyType | undefined, value: unknown): Verdict {
  if (type === "uuid") return uuid(value);
  if (type === "connectionName") return connectionName(value);
  if (type === "boolean") return typeof value === "boolean" ? { value } : refusal("must be true or false", value);
  if (type === "string") return typeof value === "string" ? { value } : refusal("must be a string", value);
  if (typeof type !== "object") return { value };
  if ("integer" in type) return wholeNumber(value, ...type.integer);
  if ("durationMs" in type) return duration(value, ...type.durationMs);
  if (type.oneOf.some((allowed) => allowed === value)) return { value };
  const allowed = joinWithOr(type.oneOf.map((option) => JSON.stringify(option)));
  return { refused: `must be ${allowed}, got ${formatValue(value)}` };
}

/** A refusal that shows only the value's type. */
function refusal(must: string, value: unknown): Verdict {
  return { refused: `${must}, got ${article(value)}` };
}

/** In characters. Only readability limits it. */
const maxConnectionNameLength = 100;

/** The maximum length of a wrong string that an error repeats, in characters. */
const maxShownLength = 16;

/** What an id must be, for messages. */
export const mustBeUuid = "must be a UUID such as b0e12f6c-4c67-429d-a4a6-d9838b5da047";

/** A UUID, in lower case as at the API. A refusal does not repeat the value: it may be a secret in the wrong place. */
export function uuid(value: unknown): Verdict {
  if (typeof value !== "string") return refusal("must be a UUID", value);
  return isUuid(value) ? { value: normalizeId(value) } : { refused: mustBeUuid };
}

function wholeNumber(value: unknown, min: number, max: number): Verdict {
  const must = `must be a whole number from ${min} to ${max}`;
  if (typeof value !== "number") return refusal(must, value);
  // Adding 0 turns -0 into 0.
  const fits = Number.isInteger(value) && value >= min && value <= max;
  return fits ? { value: value + 0 } : { refused: `${must}, got ${value}` };
}

/** A duration in whole seconds. Its normal form is a string such as `"1h30m"`, as state has it. */
function duration(value: unknown, minMs: number, maxMs: number): Verdict {
  const bounds = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)} in whole seconds`;
  const must = `must be a duration ${bounds}, such as "45m" or "1h30m", or a number of seconds`;
  if (typeof value !== "string" && typeof value !== "number") return refusal(must, value);
  const milliseconds = parseHumanDuration(value);
  const said = sanitize(typeof value === "string" ? JSON.stringify(value) : String(value));
  if (milliseconds === undefined) return { refused: `${must}, got ${said}` };
  const isInRange = (ms: number) => ms >= minMs && ms <= maxMs && ms % 1_000 === 0;
  // Amounts such as 0.1h are not exact in floating point.
  const rounded = Math.round(milliseconds);
  if (isInRange(rounded)) return { value: formatDuration(rounded) };
  // A small number without a unit is probably meant in minutes.
  const minutes = Number(value) * 60_000;
  const hint = isInRange(minutes) ? `. Did you mean ${JSON.stringify(formatDuration(minutes))}?` : "";
  return { refused: `${must}, got ${said}${hint}` };
}

/**
 * A wrong value if it is a short string. Anything else may be a secret in the wrong place, so only its type is shown.
 */
export function formatValue(value: unknown): string {
  const isWord = typeof value === "string" && value.length <= maxShownLength;
  return isWord ? sanitize(JSON.stringify(value)) : article(value);
}

/** The name of a connection. Only the configuration shows whether that connection exists. */
export function connectionName(value: unknown): Verdict {
  const must = "must be the name of a connection in ona:connections";
  if (typeof value !== "string") return refusal(must, value);
  const fits = value === sanitize(value) && value !== "" && value.length <= maxConnectionNameLength;
  return fits ? { value } : { refused: `${must}, with 1 to ${maxConnectionNameLength} printable characters` };
}

function unknownProperty(property: string, inputs: readonly string[], outputs: readonly string[]): string {
  if (outputs.includes(property)) return `${property} is an output and cannot be set`;
  const installed = `pulumi-ona ${packageVersion}, the installed release`;
  if (property.startsWith("__")) {
    return `${property} is unknown to ${installed}. If a component package brings a newer release, install that release here too`;
  }
  const meant = findSimilarName(property, inputs);
  return meant === undefined
    ? `${property} is not a property of this resource in ${installed}. Its properties are ${inputs.join(", ")}`
    : `${property} is not a property of this resource. Did you mean ${meant}?`;
}

function article(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
