/** What the functions share: an API client in the user's program, and results as outputs. */
import * as pulumi from "@pulumi/pulumi";
import { OnaError } from "../client/errors.js";
import type { OnaClient } from "../client/index.js";
import type { InvokeContext, InvokeHandler } from "../lifecycle/functions.js";
import { clientOptions } from "../settings/client-options.js";
import { type ConfigSources, readSettings } from "../settings/settings.js";
import { ExpectedError } from "../util/expected-error.js";
import { awaitCreated } from "./dependencies.js";
import { hasMocks } from "./mocks.js";
import type { OutputOptions } from "./options.js";

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
  readonly handler: InvokeHandler<Args, Result>;
  /** Reads the result of a mock. By default, it is the result of the function. */
  readonly readMock?: (result: Readonly<Record<string, unknown>>) => Result;
}

/** Calls a function. Under `pulumi.runtime.setMocks` the mocks answer, and nothing else happens. */
export async function callFunction<Args, Result>(
  { name, handler, readMock }: ProgramFunction<Args, Result>,
  args: Args,
): Promise<Result> {
  if (!hasMocks()) return callHandler(handler, args);
  const result: unknown = await pulumi.runtime.invoke(tokenOf(name), args as pulumi.Inputs);
  return readMock === undefined ? (result as Result) : readMock(result as Record<string, unknown>);
}

/** Calls a function once its arguments and `dependsOn` are known and the resources behind them exist. */
export function callFunctionOutput<Args, Result>(
  { name, handler, readMock }: ProgramFunction<Args, Result>,
  args: object,
  options: OutputOptions = {},
): pulumi.Output<Result> {
  if (!hasMocks())
    return awaitCreated(pulumi.output(args), options).apply((known) => callHandler(handler, known as Args));
  const { dependsOn } = options;
  const result = pulumi.runtime.invokeOutput<Result>(tokenOf(name), { ...args }, dependsOn && { dependsOn });
  return readMock === undefined ? result : result.apply((mock) => readMock(mock as Record<string, unknown>));
}

function tokenOf(name: string): string {
  return `ona:index:${name}`;
}

const withoutMonitor = {};

const context: InvokeContext = {
  client: (connection) => programClient(connection ?? undefined),
  // A process can run several programs.
  get run() {
    return (pulumi.runtime.getMonitor() as object | undefined) ?? withoutMonitor;
  },
};

/** Calls a handler. Fails with an OnaError without a stack, or a pulumi.RunError for anything else that is expected. */
async function callHandler<Args, Result>(handler: InvokeHandler<Args, Result>, args: Args): Promise<Result> {
  try {
    return await handler(args, context);
  } catch (error) {
    if (error instanceof OnaError) throw makeExpected(error);
    throw error instanceof ExpectedError ? makeExpected(new pulumi.RunError(error.message)) : error;
  }
}

/** The same error with the mark of pulumi.RunError: a program that it ends prints its message and nothing else. */
function makeExpected<T extends Error>(error: T): T {
  // Pulumi prints the stack of an error that comes after the program's last line, and programs may print it too.
  error.stack = error.message;
  return Object.defineProperty(error, "__pulumiRunError", { value: true });
}
