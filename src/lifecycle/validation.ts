/** Checking the inputs of a resource: each property by its rule, unknown values let through, unknown properties named. */
import { parseGoDuration } from "../util/duration.js";
import { findSimilarName } from "../util/spelling.js";
import { joinWithOr, sanitize } from "../util/text.js";
import { isUnknown } from "./unknown.js";
import { packageVersion } from "../util/version.js";

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
export type Verdict = { readonly value: unknown } | { readonly refused: string };

/** The rule of one property. */
export interface Rule {
  readonly required?: boolean;
  judge(value: unknown): Verdict;
}

/** Names that the program side adds for the provider; people do not write them. */
const hidden: ReadonlySet<string> = new Set(["__provider", "__timeouts"]);

/**
 * Applies the rules.
 * @param rules the rule of each property
 * @param outputs names that exist only as outputs, for a better word than "unknown"
 * @param news the inputs; `null` counts as absent; {@link isUnknown unknown} values pass
 */
export function checkInputs(
  rules: ReadonlyMap<string, Rule>,
  outputs: readonly string[],
  news: Readonly<Record<string, unknown>>,
): CheckResult {
  // A map, since a property may be called __proto__.
  const inputs = new Map<string, unknown>();
  const failures: CheckFailure[] = [];
  // A name may come from anywhere, too.
  const refuse = (property: string, reason: string) =>
    failures.push({ property: sanitize(property), reason: sanitize(reason) });

  for (const [property, value] of Object.entries(news)) {
    if (value === null || value === undefined) continue;
    inputs.set(property, value);
    if (hidden.has(property)) continue;
    const rule = rules.get(property);
    if (rule === undefined) {
      refuse(property, unknownProperty(property, [...rules.keys()], outputs));
    } else if (!isUnknown(value)) {
      const verdict = rule.judge(value);
      if ("refused" in verdict) refuse(property, `${property} ${verdict.refused}`);
      else inputs.set(property, verdict.value);
    }
  }
  for (const [property, rule] of rules) {
    if (rule.required && !inputs.has(property)) refuse(property, `${property} is required`);
  }
  failures.push(...checkTimeouts(news["__timeouts"]));
  return { inputs: Object.fromEntries(inputs), failures };
}

/** The most characters that the name of a connection has; no limit but that of a readable line. */
const longestConnectionName = 100;

/** The longest wrong text that an error repeats, in characters. */
const longestShown = 16;

/** What an id has to be, for people. */
export const mustBeUuid = "must be a UUID such as b0e12f6c-4c67-429d-a4a6-d9838b5da047";

/** A UUID, made lower case as the API has it. The value is not repeated in the refusal: it may be a secret in the wrong place. */
export function uuid(): Rule["judge"] {
  return (value) => {
    if (typeof value !== "string") return { refused: `must be a UUID, but is ${article(value)}` };
    return isUuid(value) ? { value: value.toLowerCase() } : { refused: mustBeUuid };
  };
}

/** Whether a text is a UUID, in lower or upper case. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number): Rule["judge"] {
  return (value) => {
    const must = `must be a whole number from ${least} to ${most}`;
    if (typeof value !== "number") return { refused: `${must}, but is ${article(value)}` };
    // Adding 0 turns -0 into 0.
    return Number.isInteger(value) && value >= least && value <= most
      ? { value: value + 0 }
      : { refused: `${must}, but is ${value}` };
  };
}

/** true or false. */
export function boolean(): Rule["judge"] {
  return (value) =>
    typeof value === "boolean" ? { value } : { refused: `must be true or false, but is ${article(value)}` };
}

/** One of some values. */
export function oneOf(values: readonly (string | boolean)[]): Rule["judge"] {
  return (value) =>
    (values as readonly unknown[]).includes(value)
      ? { value }
      : {
          refused: `must be ${joinWithOr(values.map((allowed) => JSON.stringify(allowed)))}, but is ${formatValue(value)}`,
        };
}

/** A wrong value, where it is a word: a longer text may be a secret in the wrong place. */
export function formatValue(value: unknown): string {
  const isWord = typeof value === "string" && value.length <= longestShown;
  return isWord ? sanitize(JSON.stringify(value)) : article(value);
}

/** The name of a connection. Whether there is one of that name, only the configuration tells. */
export function connectionName(): Rule["judge"] {
  return (value) => {
    const must = "must be the name of a connection, as ona:connections has it";
    if (typeof value !== "string") return { refused: `${must}, but is ${article(value)}` };
    const fits = value === sanitize(value) && value !== "" && value.length <= longestConnectionName;
    return fits ? { value } : { refused: `${must}: 1 to ${longestConnectionName} printable characters` };
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
        reason: `${property} must be a positive duration such as "90s" or "1h30m", but is ${formatValue(value)}`,
      },
    ];
  });
}

function unknownProperty(property: string, inputs: readonly string[], outputs: readonly string[]): string {
  if (outputs.includes(property)) return `${property} is an output and cannot be set`;
  const installed = `pulumi-ona ${packageVersion}, which is installed where this program runs`;
  if (property.startsWith("__")) {
    return `${property} is not known to ${installed}. Where a package of components has a newer release, install that one here, too`;
  }
  const meant = findSimilarName(property, inputs);
  return meant === undefined
    ? `${property} is not a property of this resource (it has ${inputs.join(", ")}) in ${installed}`
    : `${property} is not a property of this resource; did you mean ${meant}?`;
}

function article(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
