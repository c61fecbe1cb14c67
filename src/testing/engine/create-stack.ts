/** Creates a stack for a test: from a project folder, or from a program's source. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { StackSimulator } from "./host/api-calls.js";
import { startNode } from "./host/child-process.js";
import { nodePath } from "./host/node-path.js";
import { ProcessPool } from "./host/process-pool.js";
import { readProject } from "./host/project-file.js";
import type { ProviderCall } from "./host/provider-call.js";
import { simulatedConfig, withoutConnections } from "./host/simulator-config.js";
import { loadConfig, type ConfigInput } from "./host/stack-config.js";
import { clockEnvironment } from "./host/virtual-clock.js";
import { Stack } from "./stack.js";

/** Where the program is: a folder with Pulumi.yaml, or its source. */
export type ProgramSource =
  | { readonly workDir: string }
  | {
      /** The source of index.js (CommonJS), or the project's files by name, including index.js or index.ts. */
      readonly program: string | Readonly<Record<string, string>>;
      /** The node_modules folder for the program. */
      readonly nodeModules: string;
    };

/** Options of {@link createStack}. */
export type StackOptions = ProgramSource & {
  /** Name of the stack. Default: `dev`. */
  readonly stack?: string;
  /** Name of the project if the source is given. Default: `test`. */
  readonly project?: string;
  /** Name of the organization. Default: `organization`. */
  readonly organization?: string;
  /**
   * The simulator that plays the API. The stack uses its environment and its clock, and results list the API calls.
   * The stack ignores `ona:apiKey` and `ona:baseUrl` in the project's own config, and every connection in
   * `ona:connections` leads to the simulator, unless `config` sets them.
   */
  readonly simulator?: StackSimulator;
  /** Config values. They override the stack's settings file. */
  readonly config?: ConfigInput;
  /** Environment variables of program and provider. They override those of the test and of the simulator. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many steps run at the same time. Default: four per processor, like the CLI. */
  readonly parallel?: number;
  /** A clock on which waits take no time, or `"real"`. Default: the simulator's clock, or real time without one. */
  readonly clock?: { readonly url: string } | "real";
  /** How long a program may be idle before the operation fails, in milliseconds. Default: 60,000. */
  readonly deadline?: number;
  /**
   * Whether programs and providers run in processes that stay for the next operation, also of other stacks. Each starts
   * with fresh modules of the program, of Pulumi, and of packages that use Pulumi. Other packages stay loaded, so that
   * an operation takes a fraction of the CPU time. After a program with ES modules, the process ends. Default: false.
   */
  readonly reuseProcesses?: boolean;
  /** Passphrase for the secrets in exported state. Default: `PULUMI_CONFIG_PASSPHRASE`, or `test`. */
  readonly passphrase?: string;
  /** Called after each call to the provider process. */
  readonly onProviderCall?: (call: ProviderCall) => void;
  /** Receives the text of operations while they run. */
  readonly onOutput?: (text: string) => void;
};

const poolKey = Symbol.for("pulumi-ona.processPool");

/** All copies of this module in a process share the pool. */
const shared = globalThis as typeof globalThis & { [poolKey]?: ProcessPool };
const pool = (shared[poolKey] ??= new ProcessPool());

/**
 * Creates a stack without resources. Close it after the test, or declare it with `await using`.
 * @throws Error if the folder has no valid project, if a secret in its settings can't be decrypted, or without Node.js
 * 22.19 or newer
 */
export async function createStack(options: StackOptions): Promise<Stack> {
  nodePath();
  const folder = "workDir" in options ? { path: resolve(options.workDir), remove: () => {} } : writeProject(options);
  try {
    const project = readProject(folder.path);
    const stack = options.stack ?? "dev";
    const passphrase = options.passphrase ?? process.env["PULUMI_CONFIG_PASSPHRASE"] ?? "test";
    const { simulator, clock = simulator?.clock ?? "real" } = options;
    const { NODE_OPTIONS: nodeOptions, ...env } = options.env ?? {};
    return new Stack({
      project,
      stack,
      organization: options.organization ?? "organization",
      passphrase,
      config: await loadConfig({
        project,
        stack,
        given: options.config,
        passphrase,
        override: simulator === undefined ? undefined : simulatedConfig(simulator),
      }),
      env: {
        // Type checks take longer than everything else, and the test runner or `tsc` does them already.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        ...(simulator === undefined ? process.env : withoutConnections(process.env)),
        ...simulator?.env,
        ...clockEnvironment(clock === "real" ? undefined : clock.url, nodeOptions),
        ...env,
      },
      startProcess: options.reuseProcesses === true ? (process) => pool.start(process) : startNode,
      parallel: options.parallel,
      deadline: options.deadline ?? 60_000,
      simulator,
      onOutput: options.onOutput,
      onProviderCall: options.onProviderCall,
      cleanUp: folder.remove,
    });
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function writeProject(
  options: StackOptions & { program: string | Readonly<Record<string, string>>; nodeModules: string },
) {
  const path = mkdtempSync(join(tmpdir(), "pulumi-program-"));
  const files = typeof options.program === "string" ? { "index.js": options.program } : options.program;
  const name = options.project ?? "test";
  const allFiles = {
    "Pulumi.yaml": `name: ${name}\nruntime: nodejs\n`,
    "package.json": JSON.stringify({ name, private: true, main: "index.ts" in files ? "index.ts" : "index.js" }),
    ...files,
  };
  for (const [file, text] of Object.entries(allFiles)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  symlinkSync(resolve(options.nodeModules), join(path, "node_modules"), "junction");
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
