/** A project that installs this package from its tarball, as users do. Jest creates it once per run, as its global setup. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

const root = dirname(dirname(__dirname));
const cache = join(root, ".cache");

/** Packages that the consumer project installs besides this one. */
const dependencies = ["@pulumi/pulumi", "ts-node", "typescript", "@types/node"];

/** Jest's global setup. Tests find the folder in `PULUMI_ONA_CONSUMER`. */
export default function setup(): void {
  process.env["PULUMI_ONA_CONSUMER"] = prepareConsumer();
}

/**
 * Builds the package if sources are newer than the build, packs it, and installs the tarball in a project under `.cache`.
 * @returns the folder of the project
 */
export function prepareConsumer(): string {
  if (isStale()) run(process.execPath, [join(root, "scripts/build.mjs")], root);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "pack-"));
  try {
    runNpm(["pack", "--ignore-scripts", "--silent", "--pack-destination", work], root);
    const tarball = readdirSync(work).find((name) => name.endsWith(".tgz"));
    if (tarball === undefined) throw new Error("npm pack left no tarball");
    const manifest = manifestFor(join(work, tarball));
    const hash = createHash("sha256")
      .update(readFileSync(join(work, tarball)))
      .update(manifest)
      .digest("hex")
      .slice(0, 16);
    const consumer = join(cache, `consumer-${hash}`);
    if (existsSync(consumer)) return consumer;
    const fresh = join(work, "consumer");
    mkdirSync(fresh);
    renameSync(join(work, tarball), join(fresh, tarball));
    install(fresh, manifest, consumer);
    return consumer;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Installs a manifest's packages in a new folder, and then moves it to where other processes find it. */
export function install(fresh: string, manifest: string, folder: string): void {
  writeFileSync(join(fresh, "package.json"), manifest);
  runNpm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], fresh);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // A parallel test run created it first.
    if (!existsSync(folder)) throw error;
  }
}

/** Returns the path of the tarball that a consumer project has installed. */
export function tarballOf(consumer: string): string {
  return join(consumer, `pulumi-ona-${versionOf(root)}.tgz`);
}

/** Copies a program's folder, such as an example, into a new folder of the consumer project. */
export function copyProgram(consumer: string, source: string): string {
  const folder = newProgramFolder(consumer);
  cpSync(source, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  return folder;
}

/** Writes a program into a new folder of the consumer project: file contents by name. */
export function writeProgram(consumer: string, files: Readonly<Record<string, string>>): string {
  const folder = newProgramFolder(consumer);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function newProgramFolder(consumer: string): string {
  const programs = join(consumer, "programs");
  mkdirSync(programs, { recursive: true });
  return mkdtempSync(join(programs, "p-"));
}

function manifestFor(tarball: string): string {
  const version = versionOf(root);
  const versions = dependencies.map((name) => [name, versionOf(join(root, "node_modules", name))] as const);
  // A relative path, because the manifest is part of the hash and the absolute path differs on every run.
  const local = `file:./${basename(tarball)}`;
  return JSON.stringify({
    name: "consumer",
    version,
    private: true,
    dependencies: { ...Object.fromEntries(versions), "pulumi-ona": local },
  });
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

function isStale(): boolean {
  const built = join(root, "dist/index.mjs");
  if (!existsSync(built)) return true;
  const at = statSync(built).mtimeMs;
  const inputs = ["package.json", "tsconfig.build.json", "scripts/build.mjs", "scripts/bundle.mjs"].map((file) =>
    join(root, file),
  );
  for (const file of readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })) {
    if (file.isFile()) inputs.push(join(file.parentPath, file.name));
  }
  return inputs.some((file) => statSync(file).mtimeMs > at);
}

export function runNpm(args: readonly string[], cwd: string): void {
  // Windows starts npm.cmd only with a shell.
  const shell = process.platform === "win32";
  run("npm", shell ? args.map((arg) => `"${arg}"`) : args, cwd, shell);
}

function run(command: string, args: readonly string[], cwd: string, shell = false): void {
  execFileSync(command, args, { cwd, shell, stdio: ["ignore", "ignore", "inherit"] });
}
