/** Whether the provider process can load this package. The engine alone decides in which folder it starts. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { inlineFolder } from "./inline-folder.js";
import { installCommand } from "./package-manager.js";

// The engine starts a program in the provider's folder. The program may change to another one later.
const startFolder = process.cwd();

// Not among the SDK's public types.
const { getLocalStore } = runtimeState as { getLocalStore?: () => unknown };

/**
 * The folder that the engine starts the provider process in.
 * @returns undefined in an inline program that loaded this package while it was running, and in a program that had left
 * the project's folder before
 */
export function providerFolder(): string | undefined {
  // The SDK has such a store in inline programs, and in components of other packages, which the engine starts.
  const mayBeInline = getLocalStore?.() !== undefined;
  if (mayBeInline) return inlineFolder() ?? (/[/\\]run-plugin\b/.test(process.argv[1] ?? "") ? startFolder : undefined);
  return hasLeft(pulumi.runtime.getRootDirectory()) ? undefined : startFolder;
}

/** @param project the folder of Pulumi.yaml, or another text if it is unknown */
function hasLeft(project: string): boolean {
  if (!existsSync(project)) return false;
  const start = realpathSync(startFolder);
  const path = relative(realpathSync(project), start);
  const isOutside = path.startsWith("..") || isAbsolute(path);
  return isOutside && !mainFolders(project).includes(start);
}

/** The folder of the program in Pulumi.yaml, which may be outside of the project, with that of a file. */
function mainFolders(project: string): string[] {
  const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].map((name) => join(project, name)).find(existsSync);
  const text = file === undefined ? "" : readFileSync(file, "utf8");
  const [, main] = /(?:^|[{,\s])["']?main["']?\s*:\s*["']?([^"'\n,}]+)/.exec(text) ?? [];
  if (main === undefined) return [];
  const program = resolve(project, main.trim());
  return [program, dirname(program)].filter(existsSync).map((folder) => realpathSync(folder));
}

const known = new Set<string>();

/**
 * Checks that the provider process can load `pulumi-ona/provider`.
 * @throws pulumi.RunError if it can't
 */
export function requireProvider(folder = providerFolder()): void {
  if (folder === undefined || known.has(folder)) return;
  if (!hasProvider(folder)) {
    const isInline = inlineFolder() !== undefined;
    throw new pulumi.RunError(
      `pulumi-ona can't be found from ${folder}, where Pulumi starts the provider. Run \`${installCommand(folder)}\` in that folder` +
        (isInline ? ", or set main in the project settings to a folder that has it. " : ". ") +
        "A component package needs it as a peer dependency.",
    );
  }
  known.add(folder);
}

function hasProvider(folder: string): boolean {
  try {
    // A process has no links in the path of its working directory.
    createRequire(join(realpathSync(folder), "program.js")).resolve("pulumi-ona/provider");
    return true;
  } catch {
    return false;
  }
}
