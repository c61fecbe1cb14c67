/** How to start the provider of a package: the SDK's dynamic host, or the plugin that Pulumi.yaml lists. */
import { existsSync, openSync, readSync, closeSync } from "node:fs";
import { join } from "node:path";
import { dynamicPackage } from "../state/urn.js";
import { resolveFrom } from "./child-process.js";
import { preloadPath } from "./preload.js";
import type { Project } from "./project-file.js";

/** A script that serves the provider protocol. */
export interface ProviderCommand {
  readonly script: string;
  readonly args: readonly string[];
  /** Whether it is a plugin: Pulumi hides the output of plugins, and each needs a process of its own. */
  readonly isPlugin: boolean;
}

/** @throws Error if this engine has no provider for a package */
export function providerCommand(project: Project, packageName: string): ProviderCommand {
  if (packageName === dynamicPackage) {
    const script = resolveFrom(project.programDirectory, "@pulumi/pulumi/cmd/dynamic-provider");
    return { script, args: [], isPlugin: false };
  }
  const folder = project.plugins.get(packageName);
  if (folder === undefined) {
    throw new Error(
      `the test engine has no provider for package "${packageName}". List the folder of its plugin under ` +
        "`plugins.providers` in Pulumi.yaml, or use the pulumi CLI",
    );
  }
  const name = `pulumi-resource-${packageName}`;
  const path = ["", ".exe", ".cmd"].map((end) => join(folder, name + end)).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`there is no executable ${name} in ${folder}`);
  if (isNodeScript(path)) return { script: path, args: [], isPlugin: true };
  return { script: preloadPath("run-executable"), args: [path], isPlugin: true };
}

function isNodeScript(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(100);
    readSync(file, start);
    return /^#!.*\bnode\b/.test(start.toString("latin1"));
  } finally {
    closeSync(file);
  }
}
