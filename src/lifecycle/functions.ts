/**
 * What the functions that programs invoke share: the types of their handlers, which know the API but not Pulumi, and
 * what checks their arguments.
 */
import { chunk } from "../client/filters.js";
import type { OnaClient } from "../client/index.js";
import { ExpectedError } from "../util/expected-error.js";
import { isNullish } from "../util/nullish.js";
import { findSimilarName } from "../util/spelling.js";
import { joinWithOr, sanitize } from "../util/text.js";
import { formatValue, uuid } from "./validation.js";

/** What every function takes besides its own arguments. */
export interface ConnectionArgs {
  /** The connection to use: a name in `ona:connections`. The general settings apply if it is left out. */
  readonly connection?: string | undefined;
}

/** What a handler gets besides the arguments. @internal */
export interface InvokeContext {
  /** The API client of a connection, or of the general settings. */
  client(connection: string | null | undefined): Promise<OnaClient>;
  /** Stands for the run of a program, whose lookups share their reads. */
  readonly run: object;
}

/**
 * Checks the arguments, then calls the API. Fails with OnaError if the API refuses, and with ExpectedError for anything
 * else that the user can act on.
 * @internal
 */
export type InvokeHandler<Args, Result> = (args: Args, context: InvokeContext) => Promise<Result>;

/** Refuses arguments that a function doesn't have: an unknown filter would let everything through. @internal */
export function requireArgs(
  what: string,
  args: unknown,
  names: readonly string[],
  lists: readonly string[] = [],
): void {
  if (typeof args !== "object" || args === null) {
    throw new ExpectedError(`${what} takes an object of arguments: ${names.join(", ")}`);
  }
  for (const [name, value] of Object.entries(args)) {
    if (!names.includes(name)) {
      const meant = findSimilarName(name, names);
      const instead = meant === undefined ? `. Its arguments are ${names.join(", ")}` : `. Did you mean ${meant}?`;
      throw new ExpectedError(`${sanitize(name)} is not an argument of ${what}${instead}`);
    }
    if (lists.includes(name) && !isNullish(value) && !Array.isArray(value)) {
      throw new ExpectedError(`${what}: ${name} must be a list`);
    }
  }
}

/**
 * Returns a required id in lower case. `what` names it in the ExpectedError if it is missing or not a UUID. @internal
 */
export function requireUuid(what: string, id: unknown): string {
  if (isNullish(id)) throw new ExpectedError(`${what} is required`);
  return uuidAt(what, id);
}

/** Returns a required text as it is. `what` names it in the ExpectedError if it is missing or empty. @internal */
export function requireText(what: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new ExpectedError(`${what} must be a non-empty string`);
}

/**
 * As {@link requireUuid}, for each id of a list. The error has the index of the first one that is not a UUID. @internal
 */
export function requireUuids(what: string, ids: readonly unknown[] | undefined): readonly string[] | undefined {
  return ids?.map((id, index) => uuidAt(`${what}[${index}]`, id));
}

function uuidAt(place: string, id: unknown): string {
  const verdict = uuid(id);
  if ("refused" in verdict) throw new ExpectedError(`${place} ${verdict.refused}`);
  return String(verdict.value);
}

/** Refuses a list with an unknown name: the API would ignore it and let everything through. @internal */
export function requireNames(
  what: string,
  names: readonly string[] | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  return names?.map((name, index) => {
    if (known.includes(name)) return name;
    throw new ExpectedError(`${what}[${index}] must be ${joinWithOr(known)}, got ${formatValue(name)}`);
  });
}

/**
 * Groups a filter's values as a request takes them, by default as ids. A list that is left out is one empty group.
 * @internal
 */
export function filterGroups(ids: readonly string[] | undefined, maxSize?: number): (readonly string[])[] {
  return ids === undefined ? [[]] : chunk([...new Set(ids)], maxSize);
}

/** Every combination of one group of each filter. @internal */
export function combineFilters<Name extends string>(
  groups: Readonly<Record<Name, readonly (readonly string[])[]>>,
): { readonly [Filter in Name]?: readonly string[] }[] {
  return Object.entries<readonly (readonly string[])[]>(groups).reduce<object[]>(
    (filters, [name, values]) => filters.flatMap((filter) => values.map((value) => ({ ...filter, [name]: value }))),
    [{}],
  );
}
