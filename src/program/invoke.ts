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
import { awaitCreated } from "./dependencies.js";
import { hasMocks } from "./mocks.js";
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

/** A function of this package that programs call. */
export interface ProgramFunction<Args, Result> {
  readonly name: string;
  readonly call: (args: Args) => Promise<Result>;
  /** Reads the result of a mock. By default, it is the result of the function. */
  readonly readMock?: (result: Readonly<Record<string, unknown>>) => Result;
}

/** Calls a function. Under `pulumi.runtime.setMocks` the mocks answer, and nothing else happens. */
export async function callFunction<Args, Result>(
  { name, call, readMock }: ProgramFunction<Args, Result>,
  args: Args,
): Promise<Result> {
  if (!hasMocks()) return call(args);
  const result: unknown = await pulumi.runtime.invoke(tokenOf(name), args as pulumi.Inputs);
  return readMock === undefined ? (result as Result) : readMock(result as Record<string, unknown>);
}

/** Calls a function once its arguments and `dependsOn` are known and the resources behind them exist. */
export function callFunctionOutput<Args, Result>(
  { name, call, readMock }: ProgramFunction<Args, Result>,
  args: object,
  options: OutputOptions = {},
): pulumi.Output<Result> {
  if (!hasMocks()) return awaitCreated(pulumi.output(args), options).apply((known) => call(known as Args));
  const { dependsOn } = options;
  const result = pulumi.runtime.invokeOutput<Result>(tokenOf(name), { ...args }, dependsOn && { dependsOn });
  return readMock === undefined ? result : result.apply((mock) => readMock(mock as Record<string, unknown>));
}

function tokenOf(name: string): string {
  return `ona:index:${name}`;
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

/** Returns a required text as it is. `what` names it in the RunError if it is missing or empty. */
export function requireText(what: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new pulumi.RunError(`${what} must be a non-empty string`);
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
