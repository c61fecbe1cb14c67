/** Reads Pulumi.yaml and locates the program. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

const file = z.object({
  name: z.string(),
  main: z.string().optional(),
  runtime: z.union([
    z.string(),
    z.object({
      name: z.string(),
      options: z.object({ typescript: z.boolean().optional(), nodeargs: z.string().optional() }).loose().optional(),
    }),
  ]),
  config: z.record(z.string(), z.unknown()).optional(),
  plugins: z.object({ providers: z.array(z.object({ name: z.string(), path: z.string() })).optional() }).optional(),
});

/** A project that the engine can run. */
export interface Project {
  readonly name: string;
  readonly rootDirectory: string;
  readonly programDirectory: string;
  /** The module to run, relative to the program's folder. */
  readonly entryPoint: string;
  readonly typescript: boolean;
  readonly nodeArgs: readonly string[];
  /** Default config values in Pulumi.yaml. */
  readonly config: ReadonlyMap<string, string>;
  /** The folders of provider plugins in Pulumi.yaml, by package. */
  readonly plugins: ReadonlyMap<string, string>;
}

/**
 * Reads a project folder.
 * @throws Error if it has no valid Pulumi.yaml of a nodejs project
 */
export function readProject(workDir: string): Project {
  const rootDirectory = resolve(workDir);
  const path = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(rootDirectory, name)).find((name) => existsSync(name));
  if (path === undefined) throw new Error(`no Pulumi.yaml in ${rootDirectory}: pass the folder of a Pulumi project`);
  const parsed = file.safeParse(parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new Error(`${path} is not a valid project file: ${z.prettifyError(parsed.error)}`);
  const { name, runtime, main, config, plugins } = parsed.data;
  const kind = typeof runtime === "string" ? runtime : runtime.name;
  if (kind !== "nodejs")
    throw new Error(`${path} has runtime "${kind}", but the test engine runs only nodejs programs`);
  const options = typeof runtime === "string" ? undefined : runtime.options;
  const program = join(rootDirectory, main ?? ".");
  const isFile = main !== undefined && existsSync(program) && statSync(program).isFile();
  const programDirectory = isFile ? dirname(program) : program;
  return {
    name,
    rootDirectory,
    programDirectory,
    entryPoint: isFile ? basename(program) : ".",
    // The CLI loads the compiler for every program, which takes as long as all the rest of a small one.
    typescript: options?.typescript ?? hasTypescript(programDirectory),
    nodeArgs: options?.nodeargs?.split(/\s+/).filter((arg) => arg !== "") ?? [],
    config: defaults(name, config ?? {}),
    plugins: new Map(plugins?.providers?.map((plugin) => [plugin.name, resolve(rootDirectory, plugin.path)])),
  };
}

/** Whether a folder has a TypeScript file, or its configuration, outside of packages and hidden folders. */
function hasTypescript(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? !/^(?:node_modules$|\.)/.test(entry.name) && hasTypescript(join(folder, entry.name))
      : /^tsconfig.*\.json$|\.[cm]?tsx?$/.test(entry.name),
  );
}

function defaults(project: string, config: Record<string, unknown>): Map<string, string> {
  const result = new Map<string, string>();
  for (const [key, given] of Object.entries(config)) {
    const value = given !== null && typeof given === "object" ? valueOf(given) : given;
    if (value !== undefined && value !== null) result.set(configKey(key, project), configText(value));
  }
  return result;
}

function valueOf(given: object): unknown {
  if ("value" in given) return given.value;
  return "default" in given ? given.default : undefined;
}

/** A config key with its namespace. Default namespace: the project. */
export function configKey(key: string, project: string): string {
  const parts = key.split(":");
  if (parts.length === 1) return `${project}:${key}`;
  return parts.length === 3 && parts[1] === "config" ? `${parts[0]}:${parts[2]}` : key;
}

/** A config value as the string that programs receive. */
export function configText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
