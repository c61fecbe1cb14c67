/** What the functions share: an API client in the user's program, checked arguments, and results as outputs. */
import * as pulumi from "@pulumi/pulumi";
import { isNullish } from "../util/nullish.js";
import { formatValue, uuid } from "../lifecycle/validation.js";
import { OnaError } from "../client/errors.js";
import type { OnaClient } from "../client/index.js";
import { chunk } from "../client/filters.js";
import { clientOptions } from "../settings/client-options.js";
import { type ConfigSources, readSettings } from "../settings/settings.js";
import { ExpectedError } from "../util/expected-error.js";
import { findSimilarName } from "../util/spelling.js";
import type { ConnectionArgs, OutputOptions } from "./options.js";
import { joinWithOr, sanitize } from "../util/text.js";

const clients = new Map<string, Promise<OnaClient>>();

/** Returns the client of a connection, for the stack's config and the environment as they are now. */
function programClient(connection: string | undefined): Promise<OnaClient> {
  const sources = (): ConfigSources => ({
    caller: "program",
    config: (key: string) => new pulumi.Config("ona").get(key.replace(/^ona:/, "")),
    env: process.env,
  });
  const key = JSON.stringify([connection, readSettings(sources(), connection)]);
  const client = clients.get(key) ?? connect(sources, connection);
  clients.set(key, client);
  return client;
}

async function connect(sources: () => ConfigSources, connection: string | undefined): Promise<OnaClient> {
  // The program's standard output may be data.
  const options = clientOptions(sources, connection, (line) => console.error(line));
  const { OnaClient } = await import("../client/index.js");
  return new OnaClient(options);
}

/** Calls a function. The API isn't called while an argument, or a resource in `dependsOn`, is unknown. */
export function asOutput<Args, Result>(
  call: (args: Args) => Promise<Result>,
  args: object,
  options: OutputOptions | undefined,
): pulumi.Output<Result> {
  const known = pulumi.output(args);
  const dependencies = pulumi.output(options?.dependsOn ?? []).apply((resources) => {
    return pulumi.all([resources].flat().map((each) => (pulumi.CustomResource.isInstance(each) ? each.id : each.urn)));
  });
  return dependencies.apply(() => known).apply((values) => call(values as Args));
}

/** Calls the API over a connection. Throws an OnaError without a stack, or a pulumi.RunError for a bad setting. */
export async function withProgramClient<Result>(
  { connection }: ConnectionArgs,
  call: (client: OnaClient) => Promise<Result>,
): Promise<Result> {
  try {
    return await call(await programClient(connection ?? undefined));
  } catch (error) {
    if (error instanceof OnaError) throw makeExpected(error);
    throw error instanceof ExpectedError ? new pulumi.RunError(error.message) : error;
  }
}

/** The same error with the mark of pulumi.RunError: a program that it ends prints its message and nothing else. */
function makeExpected(error: OnaError): OnaError {
  // For programs that catch and print it.
  error.stack = error.message;
  return Object.defineProperty(error, "__pulumiRunError", { value: true });
}

/** Refuses arguments that a function doesn't have: an unknown filter would let everything through. */
export function requireArgs(
  what: string,
  args: unknown,
  names: readonly string[],
  lists: readonly string[] = [],
): void {
  if (typeof args !== "object" || args === null) {
    throw new pulumi.RunError(`${what} takes an object of arguments: ${names.join(", ")}`);
  }
  for (const [name, value] of Object.entries(args)) {
    if (!names.includes(name)) {
      const meant = findSimilarName(name, names);
      const instead = meant === undefined ? `. Its arguments are ${names.join(", ")}` : `. Did you mean ${meant}?`;
      throw new pulumi.RunError(`${sanitize(name)} is not an argument of ${what}${instead}`);
    }
    if (lists.includes(name) && !isNullish(value) && !Array.isArray(value)) {
      throw new pulumi.RunError(`${what}: ${name} must be a list`);
    }
  }
}

/** Returns a required id in lower case. `what` names it in the RunError if it is missing or not a UUID. */
export function requireUuid(what: string, id: unknown): string {
  if (isNullish(id)) throw new pulumi.RunError(`${what} is required`);
  return uuidAt(what, id);
}

/** As {@link requireUuid}, for each id of a list. The error has the index of the first one that is not a UUID. */
export function requireUuids(what: string, ids: readonly unknown[] | undefined): readonly string[] | undefined {
  return ids?.map((id, index) => uuidAt(`${what}[${index}]`, id));
}

function uuidAt(place: string, id: unknown): string {
  const verdict = uuid(id);
  if ("refused" in verdict) throw new pulumi.RunError(`${place} ${verdict.refused}`);
  return String(verdict.value);
}

/** Refuses a list with an unknown name: the API would ignore it and let everything through. */
export function requireNames(
  what: string,
  names: readonly string[] | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  return names?.map((name, index) => {
    if (known.includes(name)) return name;
    throw new pulumi.RunError(`${what}[${index}] must be ${joinWithOr(known)}, got ${formatValue(name)}`);
  });
}

/** Groups a filter's values as a request takes them, by default as ids. A list that is left out is one empty group. */
export function filterGroups(ids: readonly string[] | undefined, maxSize?: number): (readonly string[])[] {
  return ids === undefined ? [[]] : chunk([...new Set(ids)], maxSize);
}

/** Every combination of one group of each filter. */
export function combineFilters<Name extends string>(
  groups: Readonly<Record<Name, readonly (readonly string[])[]>>,
): { readonly [Filter in Name]?: readonly string[] }[] {
  return Object.entries<readonly (readonly string[])[]>(groups).reduce<object[]>(
    (filters, [name, values]) => filters.flatMap((filter) => values.map((value) => ({ ...filter, [name]: value }))),
    [{}],
  );
}
