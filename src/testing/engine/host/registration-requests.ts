/** Reads the program's gRPC requests. */
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Json } from "../state/property-values.js";
import { newGoal, type Alias, type Goal, type ReadGoal } from "../state/registration.js";
import type { CustomTimeouts } from "../state/resource-state.js";
import { fromStruct } from "./grpc.js";

/** Reads a registration. Some omitted options come from the parent. */
export function goalOf(request: RegisterResourceRequest, provider: string, parent: Goal | undefined): Goal {
  const dependenciesInValues = new Map<string, Set<string>>();
  const inputs = fromStruct(request.getObject(), dependenciesInValues);
  const propertyDependencies: Record<string, string[]> = {};
  const named = request.getPropertydependenciesMap();
  for (const [key, inValue] of dependenciesInValues) {
    propertyDependencies[key] = [...new Set([...(named.get(key)?.getUrnsList() ?? []), ...inValue])];
  }
  return newGoal({
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs,
    provider,
    dependencies: request.getDependenciesList(),
    propertyDependencies: request.getCustom() ? propertyDependencies : {},
    protect: request.hasProtect() ? request.getProtect() : parent?.protect,
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().map(aliasOf)],
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request.getCustomtimeouts()),
    replaceOnChanges: request.getReplaceonchangesList(),
    // Older SDKs lack the methods that are called with `?.`.
    replacementTrigger: (request.getReplacementTrigger?.()?.toJavaScript() as Json | undefined) ?? undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : parent?.retainOnDelete,
    deletedWith: request.getDeletedwith() || (parent?.deletedWith ?? ""),
    replaceWith: request.getReplaceWithList?.() ?? [],
    hideDiff: request.getHidediffsList?.() ?? [],
  });
}

/** Reads a request for an existing resource. */
export function readGoalOf(request: ReadResourceRequest, provider: string): ReadGoal {
  const goal = newGoal({
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    inputs: fromStruct(request.getProperties()),
    provider,
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  });
  return { ...goal, id: request.getId() };
}

function aliasOf(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (spec === undefined) return { urn: message.getUrn() };
  const given = {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")),
    noParent: spec.getNoparent(),
  };
}

function timeoutsOf(message: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts {
  if (message === undefined) return {};
  const given = {
    create: message.getCreate(),
    update: message.getUpdate(),
    delete: message.getDelete(),
    read: message.getRead?.() ?? "",
  };
  const seconds = Object.entries(given).flatMap(([key, text]) => (text === "" ? [] : [[key, parseSeconds(text)]]));
  return Object.fromEntries(seconds) as CustomTimeouts;
}

const unitSeconds: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * Reads a Go duration like `1h30m` or `90s`, in seconds.
 * @throws Error for anything else, in the words of the Pulumi engine
 */
export function parseSeconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.replace(/^\+/, "")) {
    if (text === "0") return 0;
    throw new Error(`unable to parse customTimeout Value ${text}`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? ""] ?? 0), 0);
}
