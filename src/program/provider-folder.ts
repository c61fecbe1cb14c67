/** Whether the provider process can load this package. The engine alone decides in which folder it starts. */
import { AsyncLocalStorage } from "node:async_hooks";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as automationServer from "@pulumi/pulumi/automation/server";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { installCommand } from "./package-manager.js";

// The engine starts a program in the provider's folder. The program may change to another one later.
const startFolder = process.cwd();

/** The provider's folder in an inline program of the Automation API, which runs in its caller's folder. */
const inlineFolder = new AsyncLocalStorage<string>();

// Not among the SDK's public types.
const { LanguageServer } = automationServer as unknown as { LanguageServer: { prototype: InlineHost } };
const { getLocalStore } = runtimeState as { getLocalStore?: () => unknown };

interface InlineHost {
  run: (this: InlineHost, call: { request: { getPwd(): string } }, callback: unknown) => unknown;
}

// The engine names the folder when it asks to run an inline program, and the SDK does not pass it on.
const { run } = LanguageServer.prototype;
LanguageServer.prototype.run = function (call, callback) {
  return inlineFolder.run(call.request.getPwd(), () => run.call(this, call, callback));
};

/**
 * The folder that the engine starts the provider process in.
 * @returns undefined in an inline program that loaded this package while it was running
 */
export function providerFolder(): string | undefined {
  // The SDK has such a store in inline programs, and in components of other packages, which the engine starts.
  const mayBeInline = getLocalStore?.() !== undefined && !/[/\\]run-plugin\b/.test(process.argv[1] ?? "");
  return inlineFolder.getStore() ?? (mayBeInline ? undefined : startFolder);
}

const known = new Set<string>();

/**
 * Checks that the provider process can load `pulumi-ona/provider`.
 * @throws pulumi.RunError if it can't
 */
export function requireProvider(folder = providerFolder()): void {
  if (folder === undefined || known.has(folder)) return;
  if (!hasProvider(folder)) {
    const isInline = inlineFolder.getStore() !== undefined;
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
