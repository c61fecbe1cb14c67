/** The engine for tests: runs a real Pulumi program with the real Node SDK and the real dynamic provider, without the CLI. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { StackSimulator } from "./host/api-calls";
import { clockEnvironment } from "./host/virtual-clock";
import { readProject } from "./host/project-file";
import { simulatedConfig, withoutConnections } from "./host/simulator-config";
import { loadConfig, type ConfigInput } from "./host/stack-config";
import { Stack } from "./stack";
import type { ProviderCall } from "./host/provider-call";

/** Where the program is: a folder with Pulumi.yaml, or its source. */
export type ProgramSource =
  | { readonly workDir: string }
  | {
      /** The source of index.js (CommonJS), or files by name, among which index.js or index.ts. */
      readonly program: string | Readonly<Record<string, string>>;
      /** The node_modules folder that the program finds. */
      readonly nodeModules: string;
    };

export type StackOptions = ProgramSource & {
  /** Name of the stack, `dev` by default. */
  readonly stack?: string;
  /** Name of the project, where the source is given: `test` by default. */
  readonly project?: string;
  readonly organization?: string;
  /**
   * What plays the API: its environment and its clock are used, and results tell the calls that were made. The token and
   * the address in the project's own config, `ona:apiKey` and `ona:baseUrl`, are left out then, and the connections in
   * its `ona:connections` lead to the simulator too, unless `config` gives others.
   */
  readonly simulator?: StackSimulator;
  /** Config values; those given here win over the stack's settings file. */
  readonly config?: ConfigInput;
  /** Environment of program and provider, added to that of the test and the simulator's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many steps run at once; by default as the CLI, four for each processor. */
  readonly parallel?: number;
  /** A clock on which waits take no time, or `"real"`; by default the simulator's, and real without one. */
  readonly clock?: { readonly url: string } | "real";
  /** How long a program may do nothing before it counts as hung, in milliseconds; a minute by default. */
  readonly deadline?: number;
  /** With what secrets of exported state are encrypted. */
  readonly passphrase?: string;
  /** Is told of every call to the provider process once it has ended. */
  readonly onProviderCall?: (call: ProviderCall) => void;
  /** Receives the text of operations while they run. */
  readonly onOutput?: (text: string) => void;
};

/** Makes a stack without resources. Close it when the test is over, or declare it with `await using`. */
export async function createStack(options: StackOptions): Promise<Stack> {
  const folder = "workDir" in options ? { path: resolve(options.workDir), cleanUp: () => undefined } : write(options);
  try {
    const project = readProject(folder.path);
    const stack = options.stack ?? "dev";
    const passphrase = options.passphrase ?? process.env["PULUMI_CONFIG_PASSPHRASE"] ?? "test";
    const { simulator, clock = simulator?.clock ?? "real" } = options;
    const config = await loadConfig({
      project,
      stack,
      given: options.config,
      passphrase,
      override: simulator === undefined ? undefined : simulatedConfig(simulator),
    });
    return new Stack({
      project,
      stack,
      organization: options.organization ?? "organization",
      passphrase,
      config,
      env: {
        ...(simulator === undefined ? process.env : withoutConnections(process.env)),
        ...simulator?.env,
        ...clockEnvironment(clock === "real" ? undefined : clock.url, options.env?.["NODE_OPTIONS"]),
        ...without(options),
      },
      parallel: options.parallel,
      deadline: options.deadline ?? 60_000,
      simulator,
      onOutput: options.onOutput,
      onProviderCall: options.onProviderCall,
      cleanUp: folder.cleanUp,
    });
  } catch (error) {
    folder.cleanUp();
    throw error;
  }
}

/** The given environment, except for what the clock adds to. */
function without(options: StackOptions): Record<string, string | undefined> {
  const { NODE_OPTIONS: _, ...env } = options.env ?? {};
  return env;
}

function write(options: StackOptions & { program: string | Readonly<Record<string, string>>; nodeModules: string }): {
  path: string;
  cleanUp: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), "pulumi-program-"));
  const files = typeof options.program === "string" ? { "index.js": options.program } : options.program;
  const name = options.project ?? "test";
  const all = {
    "Pulumi.yaml": `name: ${name}\nruntime: nodejs\n`,
    "package.json": JSON.stringify({ name, private: true, main: "index.ts" in files ? "index.ts" : "index.js" }),
    ...files,
  };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  symlinkSync(resolve(options.nodeModules), join(path, "node_modules"), "junction");
  return { path, cleanUp: () => rmSync(path, { recursive: true, force: true }) };
}

export { Stack } from "./stack";
export { succeed, unknownValue } from "./show/operation-summary";
export { installShim, type InstalledShim } from "./shim/install";
export type { ApiCall, StackSimulator } from "./host/api-calls";
export type { UntypedDeployment } from "./state/deployment-format";
export type { Diagnostic, Severity } from "./run/engine-events";
export type { ImportFile, ImportedResource } from "./state/import-file";
export type {
  OperationSummary,
  OutputValue,
  PlainValue,
  PropertyChange,
  ResourceOperation,
  ResourceView,
} from "./show/operation-summary";
export type { ConfigEntry, ConfigInput } from "./host/stack-config";
export type { CommonOptions, DestroyOptions, PreviewOptions, RefreshOptions, UpOptions } from "./stack";
export type { ProviderCall } from "./host/provider-call";
export type { Op } from "./plan/step-types";
