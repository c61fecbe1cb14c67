/** The setups that users have, as tables: packages from the registry, the files of a program, and a command. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { install, tarballOf, writeProgram } from "./consumer.js";
import { consumer } from "./warm-pools.js";

const cache = join(dirname(dirname(__dirname)), ".cache");

/** A setup, and what its command must result in. */
export interface Setup {
  /** The title of the test: a complete sentence. */
  readonly name: string;
  /**
   * Versions of the packages that npm installs besides the packed one, by name. An alias such as
   * `"typescript-5.0": "npm:typescript@5.0"` installs a second version. Setups with the same packages share a folder.
   */
  readonly packages: Readonly<Record<string, string>>;
  /** The files of a new folder below that one, by relative path. */
  readonly files: Readonly<Record<string, string>>;
  /** The command, which runs in the new folder. Executables of the installed packages are on its PATH. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: 0. */
  readonly exitCode?: number;
  /** What stdout and stderr together must be, or match. Default: nothing. */
  readonly output?: string | RegExp;
}

/** Declares a test for each setup. */
export function testSetups(setups: readonly Setup[]): void {
  test.each(setups.map((setup) => [setup.name, setup] as const))("%s", (_, setup) => {
    const { exitCode = 0, output = "" } = setup;
    const result = runSetup(setup);
    const expected: unknown = typeof output === "string" ? output : expect.stringMatching(output);
    expect(result).toEqual({ exitCode, output: expected });
  });
}

/** Runs a setup's command in a new folder. */
export function runSetup({ packages, files, command: [executable, ...args], env }: Setup) {
  const root = installSetup(packages);
  const folder = writeProgram(root, files);
  const path = [join(root, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);
  try {
    const { status, error, stdout, stderr } = spawnSync(executable, args, {
      cwd: folder,
      env: { ...process.env, ...env, PATH: path },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (error !== undefined) throw error;
    return { exitCode: status, output: (stdout + stderr).replaceAll(folder, ".").trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns a folder under `.cache` with these packages and the packed one. It stays until the package changes. */
function installSetup(packages: Readonly<Record<string, string>>): string {
  const tarball = tarballOf(consumer());
  const prefix = `${packagesFolder(packages)}-`;
  const folder = prefix + hash(readFileSync(tarball));
  if (existsSync(folder)) return folder;
  installIn(folder, { ...packages, "pulumi-ona": `file:${tarball}` });
  for (const other of readdirSync(cache).map((name) => join(cache, name))) {
    if (other.startsWith(prefix) && other !== folder) rmSync(other, { recursive: true, force: true });
  }
  return folder;
}

/** Installs packages without the packed one, for tools that many setups run. They are in {@link packagesFolder}. */
export function installPackages(packages: Readonly<Record<string, string>>): void {
  const folder = packagesFolder(packages);
  if (!existsSync(folder)) installIn(folder, packages);
}

/** The folder of {@link installPackages}. */
export function packagesFolder(packages: Readonly<Record<string, string>>): string {
  return join(cache, `setup-${hash(JSON.stringify(packages))}`);
}

function installIn(folder: string, dependencies: Readonly<Record<string, string>>): void {
  const fresh = mkdtempSync(join(cache, "install-"));
  try {
    install(fresh, JSON.stringify({ name: "setup", version: "1.0.0", private: true, dependencies }), folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function hash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
