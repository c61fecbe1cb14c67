/** Where the provider process loads this package from. */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";

// The engine starts a program in its folder. The program may change to another one later.
const startFolder = process.cwd();

/**
 * The folders to look in: the provider process starts in the program's folder, which is in that of Pulumi.yaml.
 * @returns undefined for an inline program of the Automation API. It runs in its caller's folder and isn't told where
 * Pulumi.yaml and `main` are
 */
export function programFolders(): readonly string[] | undefined {
  // Not among the SDK's public types.
  const { getLocalStore } = runtimeState as { getLocalStore?: () => unknown };
  return getLocalStore?.() === undefined ? [startFolder, pulumi.runtime.getRootDirectory()] : undefined;
}

const known = new Set<string>();

/**
 * Checks that the provider process can load `pulumi-ona/provider`.
 * @throws pulumi.RunError if it can't
 */
export function requireProvider(folders = programFolders()): void {
  if (folders === undefined || folders.some((folder) => known.has(folder))) return;
  const folder = folders.find(hasProvider);
  if (folder === undefined) {
    throw new pulumi.RunError(
      `pulumi-ona must be a direct dependency of the Pulumi program in ${folders[0]}, because Pulumi loads the provider from there: ` +
        "run `npm install pulumi-ona` in that folder. A component package needs it as a peer dependency.",
    );
  }
  known.add(folder);
}

function hasProvider(folder: string): boolean {
  try {
    createRequire(join(folder, "program.js")).resolve("pulumi-ona/provider");
    return true;
  } catch {
    return false;
  }
}
