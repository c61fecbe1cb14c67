/**
 * Validates the inputs of a resource by its property table. Unknown values pass, unknown properties are refused by
 * name.
 */
import { formatDuration, parseGoDuration, parseHumanDuration } from "../util/duration.js";
import { findSimilarName } from "../util/spelling.js";
import { joinWithOr, sanitize } from "../util/text.js";
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

/** What a rule makes of a value: its normal form, or why it is refused. */
type Verdict = { readonly value: unknown } | { readonly refused: string };
type Rule = (value: unknown) => Verdict;

/** Inputs that the program side adds for the provider. */
const hidden: ReadonlySet<string> = new Set(["__provider", "__timeouts"]);

/**
 * Validates inputs and brings them into their normal form.
 * @param news the inputs; `null` counts as absent, {@link isUnknown unknown} values pass
 */
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
    if (hidden.has(property)) continue;
    if (!inputNames.includes(property)) {
      refuse(property, unknownProperty(property, inputNames, outputNames));
    } else if (!isUnknown(value)) {
      const verdict = ruleFor(rows[property]?.type)(value);
      if ("refused" in verdict) refuse(property, `${property} ${verdict.refused}`);
      else inputs.set(property, verdict.value);
    }
  }
  for (const [property, { required }] of table.inputs) {
    if (required && !inputs.has(property)) refuse(property, `${property} is required`);
  }
  failures.push(...checkTimeouts(news["__timeouts"]));
  return { inputs: Object.fromEntries(inputs), failures };
}

function ruleFor(type: PropertyType | undefined): Rule {
  if (type === "uuid") return uuid();
  if (type === "boolean") return boolean;
  if (type === "connectionName") return connectionName();
  if (type === "string") return string;
  if (typeof type !== "object") return (value) => ({ value });
  if ("integer" in type) return wholeNumber(...type.integer);
  if ("oneOf" in type) return oneOf(type.oneOf);
  return duration(...type.durationMs);
}

/** The maximum length of a connection's name, in characters. Only readability limits it. */
const maxConnectionNameLength = 100;

/** The maximum length of a wrong string that an error repeats, in characters. */
const maxShownLength = 16;

/** What an id must be, for messages. */
export const mustBeUuid = "must be a UUID such as b0e12f6c-4c67-429d-a4a6-d9838b5da047";

/**
 * A UUID, in lower case as at the API. A refusal does not repeat the value, because it may be a secret in the wrong
 * place.
 */
export function uuid(): Rule {
  return (value) => {
    if (typeof value !== "string") return { refused: `must be a UUID, got ${article(value)}` };
    return isUuid(value) ? { value: value.toLowerCase() } : { refused: mustBeUuid };
  };
}

/** Whether a string is a UUID, in lower or upper case. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

function wholeNumber(min: number, max: number): Rule {
  return (value) => {
    const must = `must be a whole number from ${min} to ${max}`;
    if (typeof value !== "number") return { refused: `${must}, got ${article(value)}` };
    // Adding 0 turns -0 into 0.
    return Number.isInteger(value) && value >= min && value <= max
      ? { value: value + 0 }
      : { refused: `${must}, got ${value}` };
  };
}

function boolean(value: unknown): Verdict {
  return typeof value === "boolean" ? { value } : { refused: `must be true or false, got ${article(value)}` };
}

function string(value: unknown): Verdict {
  return typeof value === "string" ? { value } : { refused: `must be a string, got ${article(value)}` };
}

function oneOf(values: readonly (string | boolean)[]): Rule {
  const must = `must be ${joinWithOr(values.map((allowed) => JSON.stringify(allowed)))}`;
  return (value) =>
    values.some((allowed) => allowed === value) ? { value } : { refused: `${must}, got ${formatValue(value)}` };
}

/** A duration in whole seconds. Its normal form is a string such as `"1h30m"`, as state has it. */
function duration(minMs: number, maxMs: number): Rule {
  const bounds = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)} in whole seconds`;
  const must = `must be a duration ${bounds}, such as "45m" or "1h30m", or a number of seconds`;
  const isInRange = (ms: number) => ms >= minMs && ms <= maxMs && ms % 1_000 === 0;
  return (value) => {
    if (typeof value !== "string" && typeof value !== "number") return { refused: `${must}, got ${article(value)}` };
    const milliseconds = parseHumanDuration(value);
    const said = sanitize(typeof value === "string" ? JSON.stringify(value) : String(value));
    if (milliseconds === undefined) return { refused: `${must}, got ${said}` };
    // Amounts such as 0.1h are not exact in floating point.
    const rounded = Math.round(milliseconds);
    if (isInRange(rounded)) return { value: formatDuration(rounded) };
    // A small number without a unit is probably meant in minutes.
    const minutes = Number(value) * 60_000;
    const hint = isInRange(minutes) ? `. Did you mean ${JSON.stringify(formatDuration(minutes))}?` : "";
    return { refused: `${must}, got ${said}${hint}` };
  };
}

/**
 * A wrong value, if it is a short string. A longer one may be a secret in the wrong place, so only its type is shown.
 */
export function formatValue(value: unknown): string {
  const isWord = typeof value === "string" && value.length <= maxShownLength;
  return isWord ? sanitize(JSON.stringify(value)) : article(value);
}

/** The name of a connection. Only the configuration shows whether that connection exists. */
export function connectionName(): Rule {
  return (value) => {
    const must = "must be the name of a connection in ona:connections";
    if (typeof value !== "string") return { refused: `${must}, got ${article(value)}` };
    const fits = value === sanitize(value) && value !== "" && value.length <= maxConnectionNameLength;
    return fits ? { value } : { refused: `${must}, with 1 to ${maxConnectionNameLength} printable characters` };
  };
}

function checkTimeouts(timeouts: unknown): CheckFailure[] {
  if (typeof timeouts !== "object" || timeouts === null) return [];
  return Object.entries(timeouts).flatMap(([operation, value]: [string, unknown]): CheckFailure[] => {
    const milliseconds = typeof value === "string" ? parseGoDuration(value) : undefined;
    if (isUnknown(value) || (milliseconds !== undefined && milliseconds > 0)) return [];
    const property = sanitize(`customTimeouts.${operation}`);
    return [
      {
        property,
        reason: `${property} must be a positive duration such as "90s" or "1h30m", got ${formatValue(value)}`,
      },
    ];
  });
}

function unknownProperty(property: string, inputs: readonly string[], outputs: readonly string[]): string {
  if (outputs.includes(property)) return `${property} is an output and cannot be set`;
  const installed = `pulumi-ona ${packageVersion}, which is installed where this program runs`;
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
