/** Registers a dynamic resource: inputs and options in the form that our provider and the engine expect. */
import * as pulumi from "@pulumi/pulumi";
import * as runtimeConfig from "@pulumi/pulumi/runtime/config";
import type { ResourceTraits } from "../lifecycle/contract.js";
import { passOptions } from "./option-inputs.js";
import { settingRows } from "../settings/setting-rows.js";
import { hasMocks } from "./mocks.js";
import { requireProvider } from "./provider-folder.js";
import { stubText } from "./stub.js";

/**
 * The inputs to register: the declared ones, the provider's text, and what the dynamic host does not pass on: the URN,
 * or the name in a preview, and the names of the settings in the stack's config, which an explicit provider doesn't
 * get.
 * @param outputs names of outputs, so that the SDK makes them properties of the resource
 * @throws pulumi.RunError if the provider process could not load this package, and for the option import
 */
export function dynamicInputs(
  { exportName, type }: ResourceTraits,
  name: string,
  args: object,
  outputs: readonly string[],
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.Inputs {
  if (!hasMocks()) requireProvider();
  if (opts?.import !== undefined) {
    throw new pulumi.RunError(
      `${name}: the resource option import doesn't work with dynamic resources, because Pulumi can't read them by id alone. ` +
        "For a warm pool, set adoptExisting: true. Otherwise use an import file (`pulumi import --file`, see docs/adopting.md of pulumi-ona).",
    );
  }
  const inputs: pulumi.Inputs = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args };
  inputs["__provider"] = stubText(exportName);
  // What is read keeps its inputs in state, so this one is left out where it can't matter.
  if (!hasMocks() && (opts?.id === undefined || hasExplicitProvider(type, opts))) {
    const config = new pulumi.Config("ona");
    const set = configKeys.filter((key) => config.get(key) !== undefined);
    if (set.length > 0) inputs["__config"] = set;
  }
  if (opts?.id !== undefined) return inputs;
  if (hasMocks()) return inputs;
  checkConfig();
  // Each input costs about a twentieth of a registration, so there is one for both.
  if (pulumi.runtime.isDryRun()) inputs["__preview"] = name;
  else inputs["__urn"] = createdUrn(type, name, opts?.parent);
  return inputs;
}

/** The URN that the resource will have. A promise, unlike an output, makes the resource depend on nothing. */
function createdUrn(type: string, name: string, parent: pulumi.Resource | undefined): pulumi.Input<string> {
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`;
  const urn = pulumi.createUrn(name, type, parent) as unknown as { promise(): Promise<string> };
  return urn.promise();
}

/** The options, with defaults for those that the user did not set, and with what passes some to the provider. */
export function dynamicOptions(
  defaults: pulumi.CustomResourceOptions,
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  const set = Object.entries(opts ?? {}).filter(([, value]) => value !== undefined);
  const options = { ...defaults, ...Object.fromEntries(set) };
  return options.id === undefined ? passOptions(options) : options;
}

/** Whether a value is a resource of a type, by `__pulumiType`, so that it holds across copies of this package. */
export function isInstanceOf(type: string, value: unknown): boolean {
  return typeof value === "object" && value !== null && "__pulumiType" in value && value.__pulumiType === type;
}

function hasExplicitProvider(type: string, opts: pulumi.CustomResourceOptions): boolean {
  const isGiven = opts.provider !== undefined || ("providers" in opts && opts.providers !== undefined);
  return isGiven || opts.parent?.getProvider(type) !== undefined;
}

const configKeys = Object.entries(settingRows).flatMap(([key, row]) =>
  "only" in row && row.only === "native" ? [] : [key],
);

/** Warns about config that resembles a setting. */
async function warnOfMisspelledConfig(): Promise<void> {
  // Like isConfigSecret below, not among the SDK's public types.
  const { allConfig = () => ({}) } = runtimeConfig as { allConfig?: () => Record<string, string> };
  const names = Object.keys(allConfig()).flatMap((key) => /^ona:(?:config:)?([^:]+)$/.exec(key)?.[1] ?? []);
  // Other programs do not need this module.
  if (names.every((name) => configKeys.includes(name))) return;
  const { describeMisspelling } = await import("../settings/misspelled.js");
  for (const name of names) {
    const warning = describeMisspelling(name, configKeys);
    if (warning !== undefined) void pulumi.log.warn(warning);
  }
}

let hasCheckedConfig = false;

function checkConfig(): void {
  if (hasCheckedConfig) return;
  hasCheckedConfig = true;
  const config = new pulumi.Config("ona");
  void warnOfMisspelledConfig();
  const { isConfigSecret = () => true } = runtimeConfig as { isConfigSecret?: (key: string) => boolean };
  if (config.get("apiKey") !== undefined && !isConfigSecret("ona:apiKey")) {
    void pulumi.log.warn(
      "ona:apiKey is stored as plain text in the stack's config. Make it a secret with `pulumi config set --secret ona:apiKey`, or use the environment variable ONA_API_KEY.",
    );
  }
  // A value is secret as a whole if a part of it is.
  const connections = config.get("connections");
  if (connections !== undefined && /"apiKey"\s*:/.test(connections) && !isConfigSecret("ona:connections")) {
    void pulumi.log.warn(
      "A token in ona:connections is stored as plain text in the stack's config. Make it a secret with `pulumi config set --secret --path ona:connections.<name>.apiKey`, " +
        "or use the environment variable ONA_<NAME>_API_KEY.",
    );
  }
}

/** What an output resolves to in state. */
const inState = Symbol("inState");

/** The inside of an SDK output, which is not among its public types. */
interface OutputInternals {
  promise?: (withUnknowns?: boolean) => Promise<unknown>;
  [inState]?: (withUnknowns?: boolean) => Promise<unknown>;
}

/**
 * Makes unset outputs undefined in programs, as their types say. In state they are null, or a preview would show them
 * as unknown. `apply` would be slow, and Pulumi's function serializer cannot keep an accessor that calls it.
 */
export function showUnset(resource: pulumi.Resource, names: readonly string[]): void {
  const outputs = resource as unknown as Readonly<Record<string, OutputInternals | undefined>>;
  for (const name of names) {
    const output = outputs[name];
    const promise = output?.promise;
    if (output === undefined || promise === undefined) continue;
    output[inState] = promise;
    output.promise = shownPromise;
  }
  // The SDK makes outputs of all inputs. Those of hidden ones would take 10 % of the memory of a resource.
  for (const name of hiddenInputs) if (name in resource) Object.assign(resource, { [name]: undefined });
}

const hiddenInputs = ["__provider", "__config", "__preview", "__urn"];

/** One function for all outputs: a closure for each would take 2 % of the memory of a resource. */
async function shownPromise(this: OutputInternals, withUnknowns?: boolean): Promise<unknown> {
  return (await this[inState]?.(withUnknowns)) ?? undefined;
}
