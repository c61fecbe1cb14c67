/** Pulumi's deployment format (version 3): what `pulumi stack export` writes and `pulumi stack import` takes. */
import type { Crypter } from "./secret-encryption.js";
import { newState, type PendingOperation, type ResourceState, type Snapshot } from "./resource-state.js";
import { isPlainMap } from "./property-diff.js";
import {
  ResourceReference,
  Secret,
  secretSignature,
  signatureKey,
  text,
  toWire,
  Unknown,
  unknown,
  unknownMarker,
  fromWire,
  type Json,
  type PropertyMap,
  type PropertyValue,
} from "./property-values.js";

type JsonMap = Record<string, Json>;

/** A deployment as `pulumi stack export` writes it. */
export interface UntypedDeployment {
  version: number;
  deployment: JsonMap;
}

/** What is kept of a deployment besides resources and pending operations. */
export interface DeploymentEnvelope {
  /** Salt of the passphrase secrets provider. */
  readonly salt?: string;
  /** Fields that this engine does not use, kept as they came. */
  readonly other: JsonMap;
}

/** The salt with which a deployment's secrets were encrypted. */
export function saltOf(deployment: UntypedDeployment): string | undefined {
  const provider = asMap(deployment.deployment["secrets_providers"]);
  if (provider["type"] === undefined || provider["type"] === "") return undefined;
  if (provider["type"] !== "passphrase") {
    const type = text(provider["type"]);
    throw new Error(`the deployment's secrets are kept by "${type}"; this engine knows the passphrase provider only`);
  }
  return text(asMap(provider["state"])["salt"]);
}

/** Whether a deployment holds encrypted values. */
export function hasSecrets(deployment: UntypedDeployment): boolean {
  return JSON.stringify(deployment.deployment).includes(`"${secretSignature}"`);
}

/** Reads a deployment. The crypter is needed where it holds secrets. */
export function readDeployment(
  deployment: UntypedDeployment,
  crypter: Crypter | undefined,
): { snapshot: Snapshot; envelope: DeploymentEnvelope } {
  if (deployment.version !== 3) {
    throw new Error(`a deployment of version ${deployment.version} cannot be read; this engine knows version 3`);
  }
  const { resources, pending_operations: pending, secrets_providers: _, ...other } = deployment.deployment;
  const read = (json: Json): ResourceState => readResource(asMap(json), crypter);
  const salt = saltOf(deployment);
  return {
    snapshot: {
      resources: asList(resources).map(read),
      pending: asList(pending).map((operation) => ({
        resource: read(asMap(operation)["resource"] ?? {}),
        type: operationType(asMap(operation)["type"]),
      })),
    },
    envelope: { other, ...(salt === undefined ? {} : { salt }) },
  };
}

/** Writes a deployment. The crypter is needed where a value is secret. */
export function writeDeployment(
  snapshot: Snapshot,
  envelope: DeploymentEnvelope,
  crypter: Crypter | undefined,
): UntypedDeployment {
  const write = (state: ResourceState): JsonMap => writeResource(state, crypter);
  const salt = crypter?.salt ?? envelope.salt;
  return {
    version: 3,
    deployment: {
      manifest: { time: "0001-01-01T00:00:00Z", magic: "", version: "" },
      ...envelope.other,
      ...(salt === undefined ? {} : { secrets_providers: { type: "passphrase", state: { salt } } }),
      ...(snapshot.resources.length === 0 ? {} : { resources: snapshot.resources.map(write) }),
      ...(snapshot.pending.length === 0
        ? {}
        : { pending_operations: snapshot.pending.map((p) => ({ resource: write(p.resource), type: p.type })) }),
      metadata: envelope.other["metadata"] ?? {},
    },
  };
}

/** Whether anything in the snapshot is secret, so that writing it needs a crypter. */
export function needsCrypter(snapshot: Snapshot): boolean {
  const secret = (value: PropertyValue): boolean =>
    value instanceof Secret ||
    (Array.isArray(value) && value.some(secret)) ||
    (isPlainMap(value) && Object.values(value).some(secret));
  return [...snapshot.resources, ...snapshot.pending.map((p) => p.resource)].some(
    (state) => secret(state.inputs) || secret(state.outputs ?? {}),
  );
}

const knownFields = new Set(
  (
    "urn custom delete id type inputs outputs parent protect external dependencies initErrors provider " +
    "propertyDependencies pendingReplacement additionalSecretOutputs aliases customTimeouts importID retainOnDelete " +
    "deletedWith replaceWith created modified ignoreChanges replaceOnChanges hideDiff resourceHooks " +
    "replacementTrigger"
  ).split(" "),
);

function readResource(json: JsonMap, crypter: Crypter | undefined): ResourceState {
  const properties = (value: Json | undefined): PropertyMap | undefined =>
    value === undefined ? undefined : readProperties(asMap(value), crypter);
  const timeouts = asMap(json["customTimeouts"]);
  return newState({
    urn: text(json["urn"]),
    type: text(json["type"]),
    custom: json["custom"] === true,
    delete: json["delete"] === true,
    id: text(json["id"]),
    inputs: properties(json["inputs"]) ?? {},
    outputs: properties(json["outputs"]),
    parent: text(json["parent"]),
    protect: json["protect"] === true,
    external: json["external"] === true,
    dependencies: texts(json["dependencies"]),
    initErrors: texts(json["initErrors"]),
    provider: text(json["provider"]),
    propertyDependencies: Object.fromEntries(
      Object.entries(asMap(json["propertyDependencies"])).map(([key, urns]) => [key, texts(urns)]),
    ),
    pendingReplacement: json["pendingReplacement"] === true,
    additionalSecretOutputs: texts(json["additionalSecretOutputs"]),
    customTimeouts: Object.fromEntries(
      Object.entries(timeouts).flatMap(([key, value]) => (typeof value === "number" ? [[key, value]] : [])),
    ),
    importId: text(json["importID"]),
    retainOnDelete: json["retainOnDelete"] === true,
    deletedWith: text(json["deletedWith"]),
    replaceWith: texts(json["replaceWith"]),
    created: text(json["created"]),
    modified: text(json["modified"]),
    ignoreChanges: texts(json["ignoreChanges"]),
    replaceOnChanges: texts(json["replaceOnChanges"]),
    hideDiff: texts(json["hideDiff"]),
    resourceHooks: Object.fromEntries(
      Object.entries(asMap(json["resourceHooks"])).map(([key, names]) => [key, texts(names)]),
    ),
    replacementTrigger: json["replacementTrigger"],
    other: Object.fromEntries(Object.entries(json).filter(([key]) => !knownFields.has(key))),
  });
}

function writeResource(state: ResourceState, crypter: Crypter | undefined): JsonMap {
  const fields: Record<string, Json | undefined> = {
    urn: state.urn,
    custom: state.custom,
    delete: state.delete,
    id: state.id,
    type: state.type,
    inputs: writeProperties(state.inputs, crypter),
    outputs: writeProperties(state.outputs ?? {}, crypter),
    parent: state.parent,
    protect: state.protect,
    external: state.external,
    dependencies: state.dependencies,
    initErrors: state.initErrors,
    provider: state.provider,
    propertyDependencies: state.propertyDependencies,
    pendingReplacement: state.pendingReplacement,
    additionalSecretOutputs: state.additionalSecretOutputs,
    customTimeouts: { ...state.customTimeouts },
    importID: state.importId,
    retainOnDelete: state.retainOnDelete,
    deletedWith: state.deletedWith,
    replaceWith: state.replaceWith,
    created: state.created,
    modified: state.modified,
    ignoreChanges: state.ignoreChanges,
    hideDiff: state.hideDiff,
    replaceOnChanges: state.replaceOnChanges,
    replacementTrigger: state.replacementTrigger,
    resourceHooks: state.resourceHooks,
  };
  const always = new Set(["urn", "custom", "type"]);
  const kept = Object.entries(fields).filter(([key, value]) => always.has(key) || !isEmpty(value));
  return { ...(Object.fromEntries(kept) as JsonMap), ...state.other };
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

// A secret that was read keeps its ciphertext, so that an unchanged one is written as it was.
const ciphertexts = new WeakMap<Secret, { crypter: Crypter; ciphertext: string }>();

function readProperties(json: JsonMap, crypter: Crypter | undefined): PropertyMap {
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, readProperty(value, crypter)]));
}

function readProperty(json: Json, crypter: Crypter | undefined): PropertyValue {
  if (json === unknownMarker) return unknown;
  if (Array.isArray(json)) return json.map((item) => readProperty(item, crypter));
  if (typeof json !== "object" || json === null) return json;
  if (json[signatureKey] !== secretSignature) {
    return signatureKey in json ? fromWire(json) : readProperties(json, crypter);
  }
  const { ciphertext, plaintext } = json;
  if (typeof plaintext === "string") return new Secret(readProperty(JSON.parse(plaintext) as Json, crypter));
  if (crypter === undefined) throw new Error("the deployment holds secrets but names no secrets provider");
  const sealed = text(ciphertext);
  const secret = new Secret(readProperty(JSON.parse(crypter.decrypt(sealed)) as Json, crypter));
  ciphertexts.set(secret, { crypter, ciphertext: sealed });
  return secret;
}

function writeProperties(map: PropertyMap, crypter: Crypter | undefined): JsonMap {
  return Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, writeProperty(value, crypter)]),
  );
}

function writeProperty(value: PropertyValue, crypter: Crypter | undefined): Json {
  if (value instanceof Secret) {
    if (crypter === undefined) throw new Error("a secret cannot be written without a passphrase");
    const kept = ciphertexts.get(value);
    const ciphertext =
      kept?.crypter === crypter
        ? kept.ciphertext
        : crypter.encrypt(JSON.stringify(writeProperty(value.value, crypter)));
    ciphertexts.set(value, { crypter, ciphertext });
    return { [signatureKey]: secretSignature, ciphertext };
  }
  if (value instanceof Unknown || value instanceof ResourceReference) {
    return toWire(value, { secrets: true, references: true });
  }
  if (Array.isArray(value)) return value.map((item) => writeProperty(item, crypter));
  return isPlainMap(value) ? writeProperties(value, crypter) : value;
}

function operationType(json: Json | undefined): PendingOperation["type"] {
  const types = ["updating", "deleting", "reading", "importing"] as const;
  return types.find((type) => type === json) ?? "creating";
}

function asMap(json: Json | undefined): JsonMap {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
}

function asList(json: Json | undefined): Json[] {
  return Array.isArray(json) ? json : [];
}

function texts(json: Json | undefined): string[] {
  return asList(json).map(text);
}
