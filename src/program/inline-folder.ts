/**
 * The folder of the provider in an inline program of the Automation API, which runs in its caller's folder. Loaded with
 * the entry: the SDK looks its function up when an operation starts, before the program runs.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import * as automationServer from "@pulumi/pulumi/automation/server";

interface InlineHost {
  run?: (this: InlineHost, call: { request: { getPwd(): string } }, callback: unknown) => unknown;
}

// Not among the SDK's public types. Without it, the folder is unknown.
const { prototype } = (automationServer as { LanguageServer?: { prototype: InlineHost } }).LanguageServer ?? {};
const run = prototype?.run;
const folders = new AsyncLocalStorage<string>();

// The engine names the folder when it asks to run an inline program, and the SDK does not pass it on.
if (prototype !== undefined && run !== undefined) {
  prototype.run = function (call, callback) {
    return folders.run(call.request.getPwd(), () => run.call(this, call, callback));
  };
}

/** The folder that the engine named. Undefined outside of an inline program. */
export function inlineFolder(): string | undefined {
  return folders.getStore();
}
