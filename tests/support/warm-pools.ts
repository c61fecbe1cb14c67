/** A stack for acceptance tests: the packed package in real processes, the simulator, and a simulated clock. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack, type OperationSummary, type Stack, type StackOptions } from "../../src/testing/engine/index.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { writeProgram } from "./consumer.js";
import type { Host } from "./hosts.js";

/** A resource that the test's program declares. Names must be unique. */
export interface Declared {
  /** Default: `WarmPool`. */
  readonly kind?: "WarmPool" | "Prebuild";
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly opts?: Readonly<Record<string, unknown>>;
  /** Inputs from outputs of other resources: input name to [resource, output]. */
  readonly from?: Readonly<Record<string, readonly [string, string]>>;
  /** Names of the resources in `dependsOn`. */
  readonly after?: readonly string[];
}

/** The stack, the simulator, and the ids of a test. */
export interface Bench extends AsyncDisposable {
  readonly sim: Simulator;
  readonly stack: Stack;
  readonly folder: string;
  /** Ids from the simulator's seed. */
  readonly project: string;
  readonly otherProject: string;
  readonly regular: string;
  readonly large: string;
  /** Sets what the program declares. */
  declare(...resources: readonly Declared[]): void;
  /** Returns the RPCs since the last invocation, in order. */
  calls(): string[];
}

/** Returns the folder of the project that has the packed package installed. */
export function consumer(): string {
  const folder = process.env["PULUMI_ONA_CONSUMER"];
  if (folder === undefined) throw new Error("the global setup of the acceptance tests has not run");
  return folder;
}

/** Lets a TypeScript program start without type checks. A test of the examples checks their types. */
export const transpileOnly = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };

/** The simulator's token. Tests search for it in everything that is printed or stored. */
export const token = "ona-test-token-3f9c1d7a";

const declaring = `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const made = {};
for (const { kind = "WarmPool", name, args, opts = {}, from = {}, after = [] } of JSON.parse(require("fs").readFileSync("declared.json", "utf8"))) {
  const inputs = { ...args };
  for (const [input, [other, output]] of Object.entries(from)) inputs[input] = made[other][output];
  made[name] = new ona[kind](name, inputs, { dependsOn: after.map((other) => made[other]), ...opts });
}
module.exports = Object.fromEntries(Object.entries(made).map(([name, { id, phase }]) => [name, { id, phase }]));
`;

/** The options of a bench. */
export interface BenchOptions {
  /** Where the program's resources and functions are. `native`: programs get an SDK of the plugin for this package. */
  readonly host?: Host;
  readonly simulator?: SimulatorOptions;
  readonly stack?: Partial<
    Pick<StackOptions, "stack" | "config" | "env" | "parallel" | "onOutput" | "onProviderCall" | "reuseProcesses">
  >;
  /** The program's files. The default program declares what {@link Bench.declare} sets. */
  readonly files?: Readonly<Record<string, string>>;
  /** false: the processes use real time. */
  readonly virtualTime?: boolean;
}

/** The files of a project besides its program, which is index.js. With the plugin, the project has an SDK of it. */
export function projectFiles(name: string, host: Host = "dynamic"): Record<string, string> {
  const settings = `name: ${name}\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n`;
  const plugin = "{ name: ona, path: ../../node_modules/pulumi-ona/dist/plugin }";
  return {
    "Pulumi.yaml": host === "native" ? `${settings}plugins: { providers: [${plugin}] }\n` : settings,
    "package.json": JSON.stringify({ name, private: true, main: "index.js" }),
    ...(host === "native" ? { "native-sdk.cjs": readFileSync(join(__dirname, "native-sdk.cjs"), "utf8") } : {}),
  };
}

/** A program's files with the SDK of a host. */
function inHost(host: Host = "dynamic", files: Readonly<Record<string, string>>): Record<string, string> {
  const sdk = host === "native" ? "./native-sdk.cjs" : "pulumi-ona";
  const entries = Object.entries(files);
  return Object.fromEntries(
    entries.map(([name, text]) => [name, text.replace('require("pulumi-ona")', `require("${sdk}")`)]),
  );
}

/** Starts a simulator and a stack. Use it with `await using`. */
export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const sim = await startSimulator({ token, ...options.simulator });
  const folder = writeProgram(consumer(), {
    ...projectFiles("pools", options.host),
    "declared.json": "[]",
    ...inHost(options.host, { "index.js": declaring, ...options.files }),
  });
  const stack = await createStack({
    workDir: folder,
    reuseProcesses: true,
    ...options.stack,
    simulator: sim,
    ...(options.virtualTime === false ? { clock: "real" } : {}),
  });
  const [first, second] = sim.projects;
  const [regular, large] = first?.environmentClassIds ?? [];
  if (!first || !second || !regular || !large) throw new Error("the simulator's seed has changed");
  return {
    sim,
    stack,
    folder,
    project: first.id,
    otherProject: second.id,
    regular,
    large,
    declare: (...resources) => writeFileSync(join(folder, "declared.json"), JSON.stringify(resources)),
    calls() {
      const rpcs = sim.requests.map(({ rpc }) => rpc);
      sim.clearRequests();
      return rpcs;
    },
    async [Symbol.asyncDispose]() {
      await stack.close();
      await sim.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs an operation that must succeed. Otherwise, the error contains its output. */
export async function succeed(operation: Promise<OperationSummary>): Promise<OperationSummary> {
  const result = await operation;
  if (result.exitCode !== 0) throw new Error(`exit status ${result.exitCode}\n${result.text}`);
  return result;
}

/** Runs an operation that must fail with exit status 1. Returns its error messages. */
export async function fail(operation: Promise<OperationSummary>): Promise<string> {
  const result = await operation;
  if (result.exitCode !== 1) throw new Error(`exit status ${result.exitCode} instead of 1\n${result.text}`);
  return result.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message)
    .join("\n");
}

/** Returns an output listener that calls the function once, when the text first appears. */
export function whenSaid(text: string, act: () => void): (chunk: string) => void {
  let said = "";
  let done = false;
  return (chunk) => {
    said += chunk;
    if (done || !said.includes(text)) return;
    done = true;
    act();
  };
}

/** The calls of a program that looks up a project and environment classes by name. */
export const lookupsByName = ["ListProjects", "ListEnvironmentClasses"];

/**
 * Checks that a plain preview is empty and makes no call except those of the program's lookups, and that a preview with
 * a refresh is empty too.
 */
export async function expectSettled(
  { stack, sim }: Pick<Bench, "stack" | "sim">,
  lookups: readonly string[] = [],
): Promise<void> {
  const { calls } = await succeed(stack.preview({ expectNoChanges: true }));
  expect(calls.map(({ rpc }) => rpc)).toEqual(lookups);
  await succeed(stack.preview({ expectNoChanges: true, refresh: true }));
  sim.clearRequests();
}

/** Returns the state of a pool without its times, for comparisons. */
export function comparableState(stack: Stack, name: string): object {
  const found = stack.state.find((resource) => resource.urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no resource ${name} in state`);
  const { createdAt, updatedAt, ...outputs } = found.outputs as Record<string, unknown>;
  return { inputs: found.inputs, outputs };
}
