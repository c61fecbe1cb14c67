/** What a program's gRPC requests mean, as goals of the plan. */
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { newGoal, type Alias, type Goal, type ReadGoal } from "../state/registration.js";
import { fromStruct } from "./grpc.js";
import type { CustomTimeouts } from "../state/resource-state.js";
import type { Json } from "../state/property-values.js";

/** Reads a registration. What it leaves out may come from its parent. */
export function goalOf(request: RegisterResourceRequest, provider: string, parent: Goal | undefined): Goal {
  const dependenciesInValues = new Map<string, Set<string>>();
  const inputs = fromStruct(request.getObject(), dependenciesInValues);
  const propertyDependencies: Record<string, string[]> = {};
  const named = request.getPropertydependenciesMap();
  for (const [key, inValue] of dependenciesInValues) {
    const urns = new Set(named.get(key)?.getUrnsList() ?? []);
    for (const urn of inValue) urns.add(urn);
    propertyDependencies[key] = [...urns];
  }
  const protect = request.hasProtect() ? request.getProtect() : parent?.protect;
  const retainOnDelete = request.hasRetainondelete() ? request.getRetainondelete() : parent?.retainOnDelete;
  return newGoal({
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs,
    provider,
    dependencies: request.getDependenciesList(),
    propertyDependencies: request.getCustom() ? propertyDependencies : {},
    protect,
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().map(aliasOf)],
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request.getCustomtimeouts()),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: triggerOf(request),
    retainOnDelete,
    deletedWith: request.getDeletedwith() || (parent?.deletedWith ?? ""),
    replaceWith: request.getReplaceWithList?.() ?? [],
    hideDiff: request.getHidediffsList?.() ?? [],
  });
}

/** Reads a request to read. */
export function readGoalOf(request: ReadResourceRequest, provider: string): ReadGoal {
  return {
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    parent: request.getParent(),
    inputs: fromStruct(request.getProperties()),
    provider,
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
}

function triggerOf(request: RegisterResourceRequest): Json | undefined {
  const value = request.getReplacementTrigger?.()?.toJavaScript() as Json | undefined;
  return value === null ? undefined : value;
}

function aliasOf(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (spec === undefined) return { urn: message.getUrn() };
  return {
    ...(spec.getName() === "" ? {} : { name: spec.getName() }),
    ...(spec.getType() === "" ? {} : { type: spec.getType() }),
    ...(spec.getStack() === "" ? {} : { stack: spec.getStack() }),
    ...(spec.getProject() === "" ? {} : { project: spec.getProject() }),
    ...(spec.getParenturn() === "" ? {} : { parent: spec.getParenturn() }),
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
  const seconds = Object.entries(given).flatMap(([key, text]) => (text === "" ? [] : [[key, parseDuration(text)]]));
  return Object.fromEntries(seconds) as CustomTimeouts;
}

const unitSeconds: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Reads a duration like `1h30m` or `90s`, in seconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.replace(/^\+/, "")) {
    if (text === "0") return 0;
    throw new Error(`unable to parse customTimeout Value ${text}`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? ""] ?? 0), 0);
}
