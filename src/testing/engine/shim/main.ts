#!/usr/bin/env node
/**
 * A `pulumi` command for tests of scripts. It has the subcommands of our workflows and docs, and runs the test engine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { OperationSummary } from "../show/operation-summary.js";
import type { Stack } from "../stack.js";
import { hasSecrets, saltOf, showSecrets, type UntypedDeployment } from "../state/deployment-format.js";
import type { ImportFile } from "../state/import-file.js";
import { configKey, readProject, type Project } from "../host/project-file.js";
import { loadConfig } from "../host/stack-config.js";
import type { Json } from "../state/property-values.js";
import { crypterFor } from "../state/secret-encryption.js";
import { findVirtualClock } from "./simulator-clock.js";
import { installerVariable } from "./install.js";
import { removeConfig, setConfig } from "./settings-file.js";
import { Store } from "./stack-store.js";

interface Options {
  cwd?: string;
  stack?: string;
  yes?: boolean;
  skipPreview?: boolean;
  refresh?: boolean | string;
  expectNoChanges?: boolean;
  previewOnly?: boolean;
  runProgram?: boolean;
  clearPendingCreates?: boolean;
  target?: string[];
  targetDependents?: boolean;
  replace?: string[];
  targetReplace?: string[];
  parallel?: string;
  config?: string[];
}

interface ImportOptions extends Options {
  file?: string;
  protect: string | boolean;
}

const passphrase = (): string => process.env["PULUMI_CONFIG_PASSPHRASE"] ?? "";

function build(): Command {
  const program = new Command("pulumi")
    .description("the test engine of pulumi-ona under the name of the Pulumi CLI")
    .enablePositionalOptions(false);
  operation(program, "preview", "show what an update would do").action((options: Options) =>
    withStack(program, options, (stack) => stack.preview(updateOptions(options))),
  );
  operation(program, "up", "update the resources to match the program")
    .alias("update")
    .action((options: Options) =>
      inTwoSteps(program, options, (stack, preview) =>
        preview ? stack.preview(updateOptions(options)) : stack.up(updateOptions(options)),
      ),
    );
  operation(program, "refresh", "update the state to match the resources").action((options: Options) =>
    inTwoSteps(
      program,
      { ...options, skipPreview: options.skipPreview === true || options.previewOnly === true },
      (stack, preview) => stack.refresh({ ...options, previewOnly: preview || options.previewOnly === true }),
    ),
  );
  operation(program, "destroy", "delete all resources in the state")
    .alias("down")
    .action((options: Options) =>
      inTwoSteps(
        program,
        { ...options, skipPreview: options.skipPreview === true || options.previewOnly === true },
        (stack, preview) =>
          stack.destroy({
            ...options,
            refresh: isSet(options.refresh),
            previewOnly: preview || options.previewOnly === true,
          }),
      ),
    );
  operation(program, "import", "import existing resources")
    .argument("[type]")
    .argument("[name]")
    .argument("[id]")
    .option("-f, --file <file>", "the import file")
    .option("--generate-code [flag]")
    .option("--protect [flag]", "protect the imported resources", "true")
    .option("-o, --out <file>")
    .action((type: string | undefined, name: string, id: string | undefined, options: ImportOptions) => {
      if (options.file === undefined && (type === undefined || id === undefined))
        throw new Error("missing arguments: pass type, name, and id, or --file");
      const { resources }: ImportFile =
        options.file === undefined
          ? { resources: [{ type: type ?? "", name, id: id ?? "" }] }
          : (JSON.parse(readFileSync(options.file, "utf8")) as ImportFile);
      const protect = String(options.protect) !== "false";
      const file = { resources: resources.map((resource) => ({ protect, ...resource })) };
      return withStack(program, options, (stack) => stack.import(file));
    });
  stackCommands(program);
  configCommands(program);
  for (const name of ["login [url]", "logout", "install"]) program.command(name).action(() => undefined);
  program.command("version").action(() => console.log("v3.260.0"));
  addGlobalOptions(program);
  return program;
}

/** Adds the options that the CLI accepts before and after a subcommand. */
function addGlobalOptions(command: Command): void {
  command
    .option("-C, --cwd <dir>", "run as if started in this folder")
    .addOption(new Option("--non-interactive").hideHelp())
    .addOption(new Option("--color <when>").hideHelp())
    .addOption(new Option("--logtostderr").hideHelp());
  for (const subcommand of command.commands) addGlobalOptions(subcommand);
}

function operation(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("-s, --stack <name>")
    .option("-y, --yes")
    .option(name === "import" ? "--skip-preview" : "-f, --skip-preview")
    .option("-r, --refresh [flag]")
    .option("--expect-no-changes")
    .option("--preview-only")
    .option("--run-program")
    .option("--clear-pending-creates")
    .option("-t, --target <urn...>")
    .option("--target-dependents")
    .option("--replace <urn...>")
    .option("--target-replace <urn...>")
    .option("-p, --parallel <n>")
    .option("-c, --config <key=value...>")
    .option("-d, --diff")
    .addOption(new Option("--suppress-progress").hideHelp())
    .addOption(new Option("--suppress-outputs").hideHelp())
    .addOption(new Option("-m, --message <text>").hideHelp());
}

function stackCommands(program: Command): void {
  const stack = program.command("stack").description("manage stacks");
  const context = (options: { stack?: string }): { project: Project; store: Store; name: string } => {
    const project = projectOf(program, options);
    const store = new Store(project.name);
    return { project, store, name: nameOf(store, options) };
  };
  stack
    .command("init [name]")
    .option("-s, --stack <name>")
    .option("--secrets-provider <name>")
    .action((argument: string | undefined, options: { stack?: string }) => {
      const store = new Store(projectOf(program, options).name);
      const name = short(argument ?? options.stack ?? "");
      if (name === "") throw new Error("missing stack name");
      if (store.exists(name)) throw new Error(`stack '${name}' already exists`);
      store.write(name, undefined);
      store.select(name);
      console.log(`Created stack '${name}'`);
    });
  stack
    .command("select [name]")
    .option("-s, --stack <name>")
    .option("-c, --create")
    .action((argument: string | undefined, options: { stack?: string; create?: boolean }) => {
      const store = new Store(projectOf(program, options).name);
      const name = short(argument ?? options.stack ?? "");
      if (options.create === true && !store.exists(name)) store.write(name, undefined);
      store.select(name);
    });
  stack.command("ls").action(() => {
    const store = new Store(projectOf(program, {}).name);
    for (const name of store.list()) console.log(name === store.selected() ? `${name}*` : name);
  });
  stack
    .command("rm [name]")
    .option("-s, --stack <name>")
    .option("-y, --yes")
    .option("-f, --force")
    .action((argument: string | undefined, options: { stack?: string; force?: boolean }) => {
      const { store, name } = context(argument === undefined ? options : { stack: argument });
      const left = store.read(name)?.deployment["resources"];
      if (Array.isArray(left) && left.length > 0 && options.force !== true) {
        throw new Error(
          `'${name}' still has resources; removal rejected. Possible actions: pulumi destroy, or --force`,
        );
      }
      store.remove(name);
      console.log(`Stack '${name}' has been removed!`);
    });
  stack
    .command("export")
    .option("-s, --stack <name>")
    .option("--file <file>")
    .option("--show-secrets")
    .action(async (options: { stack?: string; file?: string; showSecrets?: boolean }) => {
      const { store, name } = context(options);
      const stored = store.read(name) ?? { version: 3, deployment: {} };
      const isShown = options.showSecrets === true && hasSecrets(stored);
      const exported = isShown ? showSecrets(stored, await crypterFor(passphrase(), saltOf(stored))) : stored;
      const text = `${JSON.stringify(exported, undefined, 4)}\n`;
      if (options.file === undefined) process.stdout.write(text);
      else writeFileSync(options.file, text);
    });
  stack
    .command("import")
    .option("-s, --stack <name>")
    .option("--file <file>")
    .option("-f, --force")
    .action((options: { stack?: string; file?: string }) => {
      const { store, name } = context(options);
      store.write(name, JSON.parse(readFileSync(options.file ?? 0, "utf8")) as UntypedDeployment);
      console.log("Import complete.");
    });
  stack
    .command("output [name]")
    .option("-s, --stack <name>")
    .option("-j, --json")
    .option("--show-secrets")
    .action((key: string | undefined, options: Options & { json?: boolean; showSecrets?: boolean }) =>
      withStack(
        program,
        options,
        (opened) => {
          const shown = Object.entries(opened.outputs()).map(
            ([name, { value, secret }]) => [name, secret && options.showSecrets !== true ? "[secret]" : value] as const,
          );
          const values = Object.fromEntries(shown);
          if (key !== undefined && !(key in values))
            throw new Error(`current stack does not have output property '${key}'`);
          print(key === undefined ? values : (values[key] ?? null), options.json === true || key === undefined);
          return Promise.resolve(undefined);
        },
        false,
      ),
    );
}

interface ConfigOptions {
  readonly stack?: string;
  readonly secret?: boolean;
  readonly path?: boolean;
}

function configCommands(program: Command): void {
  const config = program.command("config").description("manage configuration");
  config
    .command("set <key> [value]")
    .option("-s, --stack <name>")
    .option("--secret")
    .option("--plaintext")
    .option("--path")
    .action(async (key: string, value: string | undefined, options: ConfigOptions) => {
      const project = projectOf(program, options);
      const name = nameOf(new Store(project.name), options);
      const given = value ?? readFileSync(0, "utf8").trimEnd();
      const { secret = false, path: isPath = false } = options;
      await setConfig(project, name, key, given, { secret, isPath, passphrase: passphrase() });
    });
  config
    .command("get <key>")
    .option("-s, --stack <name>")
    .action(async (key: string, options: { stack?: string }) => {
      const project = projectOf(program, options);
      const name = nameOf(new Store(project.name), options);
      const values = await loadConfig({ project, stack: name, passphrase: passphrase() });
      const entry = values.get(configKey(key, project.name));
      if (entry === undefined) throw new Error(`configuration key '${key}' not found for stack '${name}'`);
      console.log(entry.value);
    });
  config
    .command("rm <key>")
    .option("-s, --stack <name>")
    .action((key: string, options: { stack?: string }) => {
      const project = projectOf(program, options);
      removeConfig(project, nameOf(new Store(project.name), options), key);
    });
}

/** Runs a preview and then the operation, unless `--skip-preview` is given. */
async function inTwoSteps(
  program: Command,
  options: Options,
  run: (stack: Stack, preview: boolean) => Promise<OperationSummary>,
): Promise<void> {
  const confirmed = options.yes === true || options.skipPreview === true;
  if (!confirmed) {
    throw new Error("--yes or --skip-preview must be passed in to proceed when running in non-interactive mode");
  }
  await withStack(program, options, async (stack) => {
    if (options.skipPreview !== true) {
      const preview = await run(stack, true);
      if (preview.exitCode !== 0) return preview;
      console.log();
    }
    return run(stack, false);
  });
}

/** Loads a stack, runs an operation on it and stores the new state. */
async function withStack(
  program: Command,
  options: Options,
  run: (stack: Stack) => Promise<OperationSummary | undefined>,
  callsApi = true,
): Promise<void> {
  const project = projectOf(program, options);
  const store = new Store(project.name);
  const name = nameOf(store, options);
  const before = store.read(name);
  const clock = callsApi ? await clockOf(project, name) : undefined;
  // The engine takes most of the time to load, and commands such as `config get` don't need it.
  const { createStack } = await import("../create-stack.js");
  const stack = await createStack({
    workDir: project.rootDirectory,
    stack: name,
    passphrase: passphrase(),
    ...(clock === undefined ? {} : { clock }),
    // Like the CLI, it checks types.
    env: { PULUMI_NODEJS_TRANSPILE_ONLY: process.env["PULUMI_NODEJS_TRANSPILE_ONLY"] ?? "" },
    config: Object.fromEntries((options.config ?? []).map((pair) => splitPair(pair))),
    ...(options.parallel === undefined ? {} : { parallel: Number(options.parallel) }),
    onOutput: (text) => process.stdout.write(text),
  });
  const interrupt = (): void => stack.cancel();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    if (before !== undefined) await stack.importDeployment(before);
    const result = await run(stack);
    if (result !== undefined) {
      process.exitCode = result.exitCode;
      store.write(name, await stack.exportDeployment());
    }
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    await stack.close();
  }
}

async function clockOf(project: Project, stack: string): ReturnType<typeof findVirtualClock> {
  const config = await loadConfig({ project, stack, passphrase: passphrase() });
  return findVirtualClock(config.get("ona:baseUrl")?.value ?? process.env["ONA_BASE_URL"]);
}

function projectOf(program: Command, options: { cwd?: string; stack?: string }): Project {
  return readProject(options.cwd ?? program.opts<{ cwd?: string }>().cwd ?? ".");
}

function nameOf(store: Store, options: { stack?: string }): string {
  const name = short(options.stack ?? process.env["PULUMI_STACK"] ?? store.selected() ?? "");
  if (name === "") throw new Error("no stack selected; please use `pulumi stack select` to choose one");
  return name;
}

/** The last part of a stack's name. Organization and project are fixed. */
function short(name: string): string {
  return name.split("/").at(-1) ?? "";
}

function updateOptions(options: Options): Parameters<Stack["up"]>[0] {
  const { expectNoChanges = false, target = [], targetDependents = false, replace = [], targetReplace = [] } = options;
  return { expectNoChanges, target, targetDependents, replace, targetReplace, refresh: isSet(options.refresh) };
}

function isSet(flag: boolean | string | undefined): boolean {
  return flag !== undefined && flag !== false && flag !== "false";
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function print(value: Json, asJson: boolean): void {
  console.log(!asJson && typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
}

/**
 * Ends this process with the one that installed the command, even if that is killed. Without such a process, as in a
 * container, which has other process ids, it ends with its parent.
 */
function endWithCaller(): void {
  const parent = process.ppid;
  const installer = Number(process.env[installerVariable]);
  const isInstalled = isRunning(installer);
  setInterval(() => {
    if (isInstalled ? !isRunning(installer) : process.ppid !== parent) process.exit(1);
  }, 1_000).unref();
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  endWithCaller();
  // On the error stream, since the output of some commands is data.
  console.error("pulumi: this is the test engine of pulumi-ona, not the Pulumi CLI");
  try {
    await build().parseAsync();
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 255;
  }
}

void main();
