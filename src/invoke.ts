/** What the functions of this package share: a client in the program's own process, and results as outputs. */
import * as pulumi from "@pulumi/pulumi";
import { callLog } from "./call-log.js";
import { isUuid, mustBeUuid } from "./check.js";
import { OnaError } from "./client/errors.js";
import type { OnaClient } from "./client/index.js";
import type { ConnectionArgs } from "./connection-args.js";
import { ConfigError, readSettings, readToken } from "./config.js";
import { namesOf } from "./connections.js";
import type { OutputOptions } from "./output-options.js";

const clients = new Map<string, Promise<OnaClient>>();

/** The client of a connection of this program, with the stack's config and the environment as they are now. */
function programClient(connection: string | undefined): Promise<OnaClient> {
  const sources = () => ({
    config: (key: string) => new pulumi.Config("ona").get(key.replace(/^ona:/, "")),
    env: process.env,
  });
  const settings = readSettings(sources(), connection);
  const key = JSON.stringify([connection, settings]);
  const client =
    clients.get(key) ?? connect(connection, { ...settings, token: () => readToken(sources(), connection) });
  clients.set(key, client);
  return client;
}

async function connect(
  connection: string | undefined,
  options: ConstructorParameters<typeof OnaClient>[0],
): Promise<OnaClient> {
  const { OnaClient } = await import("./client/index.js");
  // The program's standard output may be somebody's data.
  return new OnaClient({
    ...options,
    onAttempt: callLog(process.env, (line) => console.error(line), connection),
    settings: connection === undefined ? undefined : namesOf(connection),
  });
}

/**
 * A function's result as an output. Nothing is asked while an argument, or a resource that it depends on, is unknown.
 * @param args the arguments, outputs inside resolved
 * @param ask the function, with plain arguments
 */
export function asOutput<Args, Result>(
  args: pulumi.Output<Args>,
  options: OutputOptions | undefined,
  ask: (args: Args) => Promise<Result>,
): pulumi.Output<Result> {
  const dependencies = pulumi.output(options?.dependsOn ?? []).apply((resources) => {
    const list = [resources].flat();
    return pulumi.all(list.map((each) => (pulumi.CustomResource.isInstance(each) ? each.id : each.urn)));
  });
  return dependencies.apply(() => args).apply<Result>(ask);
}

/**
 * Runs calls of the API with the program's client of a connection. An error that people are expected to meet shows its message and no stack.
 * @throws OnaError; pulumi.RunError for bad configuration
 */
export async function asking<Result>(
  { connection }: ConnectionArgs,
  ask: (client: OnaClient) => Promise<Result>,
): Promise<Result> {
  try {
    return await ask(await programClient(connection));
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    // Expected by people, who need no stack; they may still catch it by its class and code.
    if (error instanceof OnaError) error.stack = error.message;
    throw error;
  }
}

/**
 * An id, checked before it is sent.
 * @param what the argument's name, for the error
 * @throws pulumi.RunError when it is not a UUID
 */
export function requireUuid(what: string, id: unknown): string {
  if (typeof id === "string" && isUuid(id)) return id.toLowerCase();
  throw new pulumi.RunError(`${what} ${mustBeUuid}`);
}

/** The most ids that a filter of a List takes (`ListWarmPoolsRequest.Filter`, `ListPrebuildsRequest.Filter`). */
const mostFilterIds = 25;

/**
 * What a filter lets through, in groups of a size that it takes; a list that was not given is one group without items.
 * @param most how many items a group has at most
 */
export function filterGroups(ids: readonly string[] | undefined, most = mostFilterIds): (readonly string[])[] {
  if (ids === undefined) return [[]];
  const distinct = [...new Set(ids)];
  return Array.from({ length: Math.ceil(distinct.length / most) }, (_, group) =>
    distinct.slice(group * most, (group + 1) * most),
  );
}
