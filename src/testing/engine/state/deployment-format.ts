/** Pulumi's deployment format (version 3): what `pulumi stack export` writes and `pulumi stack import` takes. */
import type { Crypter } from "./secret-encryption.js";
import { newState, type PendingOperation, type ResourceState, type Snapshot } from "./resource-state.js";
import {
  containsSecret,
  isPlainMap,
  mapValues,
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

/** The parts of a deployment besides resources and pending operations. */
export interface DeploymentEnvelope {
  /** Salt of the passphrase secrets provider. */
  readonly salt?: string;
  /** Fields that this engine does not use. They are written back unchanged. */
  readonly other: JsonMap;
}

/**
 * The salt of a deployment's secrets.
 * @throws Error if the deployment uses another secrets provider than a passphrase
 */
export function saltOf(deployment: UntypedDeployment): string | undefined {
  const provider = asMap(deployment.deployment["secrets_providers"]);
  if (provider["type"] === undefined || provider["type"] === "") return undefined;
  if (provider["type"] !== "passphrase") {
    const type = text(provider["type"]);
    throw new Error(
      `the deployment uses the secrets provider "${type}", but the test engine supports only "passphrase"`,
    );
  }
  return text(asMap(provider["state"])["salt"]);
}

/** Whether a deployment has encrypted values. */
export function hasSecrets(deployment: UntypedDeployment): boolean {
  return JSON.stringify(deployment.deployment).includes(`"${secretSignature}"`);
}

/**
 * Reads a deployment.
 * @param crypter required if the deployment has secrets
 */
export function readDeployment(
  deployment: UntypedDeployment,
  crypter: Crypter | undefined,
): { snapshot: Snapshot; envelope: DeploymentEnvelope } {
  if (deployment.version !== 3) {
    throw new Error(`the deployment has version ${deployment.version}, but the test engine supports only version 3`);
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

/**
 * Writes a deployment.
 * @param crypter required if a value is secret
 */
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

/** The deployment as `pulumi stack export --show-secrets` writes it: secrets have their plaintext. */
export function showSecrets(deployment: UntypedDeployment, crypter: Crypter): UntypedDeployment {
  const text = JSON.stringify(deployment, (_, value: Json) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const { [signatureKey]: signature, ciphertext } = value;
    if (signature !== secretSignature || typeof ciphertext !== "string") return value;
    return { [signatureKey]: signature, plaintext: crypter.decrypt(ciphertext) };
  });
  return JSON.parse(text) as UntypedDeployment;
}

/** Whether the snapshot has secrets, so that writing it needs a crypter. */
export function needsCrypter(snapshot: Snapshot): boolean {
  return [...snapshot.resources, ...snapshot.pending.map((p) => p.resource)].some(
    (state) => containsSecret(state.inputs) || containsSecret(state.outputs ?? {}),
  );
}

const emptyState = newState({ urn: "", type: "" });

function readResource(json: JsonMap, crypter: Crypter | undefined): ResourceState {
  const { inputs, outputs, customTimeouts, importID, replacementTrigger, aliases: _, ...rest } = json;
  const fields: Record<string, unknown> = {};
  const other: JsonMap = {};
  for (const [key, value] of Object.entries(rest)) {
    const empty: unknown = key === "other" ? undefined : Reflect.get(emptyState, key);
    if (typeof empty === "string") fields[key] = text(value);
    else if (typeof empty === "boolean") fields[key] = value === true;
    else if (Array.isArray(empty)) fields[key] = texts(value);
    else if (typeof empty === "object") fields[key] = mapValues(asMap(value), texts);
    else other[key] = value;
  }
  const timeouts = Object.entries(asMap(customTimeouts)).filter(([, seconds]) => typeof seconds === "number");
  return newState({
    urn: "",
    type: "",
    ...fields,
    inputs: readProperties(asMap(inputs), crypter),
    outputs: outputs === undefined ? undefined : readProperties(asMap(outputs), crypter),
    customTimeouts: Object.fromEntries(timeouts),
    importId: text(importID),
    replacementTrigger,
    other,
  });
}

function writeResource({ other, ...fields }: ResourceState, crypter: Crypter | undefined): JsonMap {
  const result: JsonMap = {};
  for (const [key, value] of Object.entries(fields)) {
    const isProperties = key === "inputs" || key === "outputs";
    const json = isProperties ? writeProperties((value as PropertyMap | undefined) ?? {}, crypter) : (value as Json);
    const name = key === "importId" ? "importID" : key;
    if (["urn", "custom", "type"].includes(key) || !isEmpty(json)) result[name] = json;
  }
  return { ...result, ...other };
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

// A secret that was read keeps its ciphertext, so that it is written back unchanged.
const ciphertexts = new WeakMap<Secret, { crypter: Crypter; ciphertext: string }>();

function readProperties(json: JsonMap, crypter: Crypter | undefined): PropertyMap {
  return mapValues(json, (value) => readProperty(value, crypter));
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
  if (crypter === undefined) throw new Error("the deployment has secrets but names no secrets provider");
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
    if (crypter === undefined) throw new Error("writing a secret requires a passphrase");
    const known = ciphertexts.get(value);
    const ciphertext =
      known?.crypter === crypter
        ? known.ciphertext
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
