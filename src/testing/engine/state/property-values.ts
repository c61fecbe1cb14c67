/** Property values of resources, and their conversion from and to gRPC structs. */

/** The content of a gRPC struct or a deployment file. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value that is encrypted in exported state and shown as `[secret]`. */
export class Secret {
  constructor(readonly value: PropertyValue) {}
}

/** A value that is not known before the update runs. */
export class Unknown {
  readonly kind = "unknown";
}

/** A reference to another resource of the stack. */
export class ResourceReference {
  constructor(
    readonly urn: string,
    readonly id: PropertyValue | undefined,
    readonly packageVersion: string,
  ) {}
}

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | PropertyValue[]
  | Secret
  | Unknown
  | ResourceReference
  | { [key: string]: PropertyValue };

export type PropertyMap = Record<string, PropertyValue>;

/** The only instance. */
export const unknown = new Unknown();

/** Represents an unknown value in a struct. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that special values have their signature under. */
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const referenceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** The markers that SDKs use for unknown values, by type. */
const typedUnknownMarkers = new Set([
  unknownMarker,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a value from gRPC. `dependencies` collects the URNs that its output values name. */
export function fromWire(json: Json, dependencies?: Set<string>): PropertyValue {
  if (typeof json === "string") return typedUnknownMarkers.has(json) ? unknown : json;
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((item) => fromWire(item, dependencies));
  const signature = json[signatureKey];
  if (signature === secretSignature) return new Secret(fromWire(json["value"] ?? null, dependencies));
  if (signature === referenceSignature) {
    const id = json["id"] === undefined ? undefined : fromWire(json["id"]);
    return new ResourceReference(text(json["urn"]), id, text(json["packageVersion"]));
  }
  if (signature === outputSignature) {
    if (Array.isArray(json["dependencies"])) for (const urn of json["dependencies"]) dependencies?.add(text(urn));
    const value = json["value"] === undefined ? unknown : fromWire(json["value"], dependencies);
    return json["secret"] === true ? new Secret(value) : value;
  }
  return mapValues(json, (item) => fromWire(item, dependencies));
}

/** Reads a whole struct. */
export function fromWireMap(json: Record<string, Json>, dependencies?: Set<string>): PropertyMap {
  return mapValues(json, (item) => fromWire(item, dependencies));
}

export interface WireOptions {
  /** Mark secrets. Peers that did not ask for it receive the bare value. */
  readonly secrets: boolean;
  /** Send resource references. Otherwise send their id or URN. */
  readonly references: boolean;
}

/** Writes a value for gRPC. */
export function toWire(value: PropertyValue, options: WireOptions): Json {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Unknown) return unknownMarker;
  if (value instanceof Secret) {
    const inner = toWire(value.value, options);
    return options.secrets ? { [signatureKey]: secretSignature, value: inner } : inner;
  }
  if (value instanceof ResourceReference) return options.references ? referenceToJson(value, options) : bareId(value);
  if (Array.isArray(value)) return value.map((item) => toWire(item, options));
  return mapValues(value, (item) => toWire(item, options));
}

/** Writes a whole map for gRPC. */
export function toWireMap(map: PropertyMap, options: WireOptions): Record<string, Json> {
  return mapValues(map, (item) => toWire(item, options));
}

function referenceToJson(value: ResourceReference, options: WireOptions): Json {
  return {
    [signatureKey]: referenceSignature,
    urn: value.urn,
    ...(value.id === undefined ? {} : { id: toWire(value.id, options) }),
    packageVersion: value.packageVersion,
  };
}

function bareId(value: ResourceReference): Json {
  if (value.id === undefined) return value.urn;
  return typeof value.id === "string" ? value.id : unknownMarker;
}

/** Whether two values are equal. A secret equals only another secret. */
export function equal(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null) return false;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a instanceof Unknown || b instanceof Unknown) return a instanceof Unknown && b instanceof Unknown;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && equal(a.value, b.value);
  }
  if (a instanceof ResourceReference || b instanceof ResourceReference) {
    return a instanceof ResourceReference && b instanceof ResourceReference && a.urn === b.urn && equal(a.id, b.id);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

/** The value without secret marks. */
export function withoutSecrets(value: PropertyValue): PropertyValue {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Secret) return withoutSecrets(value.value);
  if (value instanceof Unknown || value instanceof ResourceReference) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return mapValues(value, withoutSecrets);
}

/** The map without secret marks. */
export function mapWithoutSecrets(map: PropertyMap): PropertyMap {
  return mapValues(map, withoutSecrets);
}

/** The value if it is a string, otherwise an empty string. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Applies a function to each value of a record. */
export function mapValues<T, R>(record: Record<string, T>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Whether a value is a plain map of properties. */
export function isPlainMap(value: PropertyValue): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown) &&
    !(value instanceof ResourceReference)
  );
}

/** Whether a value is or contains a secret. */
export function containsSecret(value: PropertyValue): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isPlainMap(value) && Object.values(value).some(containsSecret);
}

/** Whether a value is or contains an unknown value. */
export function containsUnknown(value: PropertyValue): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return containsUnknown(value.value);
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isPlainMap(value) && Object.values(value).some(containsUnknown);
}

/** Marks as secret what was secret in the values that were sent. */
export function markSecrets(received: PropertyMap, sent: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...received };
  for (const [key, old] of Object.entries(sent)) {
    const value = result[key];
    if (value === undefined || value instanceof Secret) continue;
    if (isPlainMap(value) && isPlainMap(old)) result[key] = markSecrets(value, old);
    else if (containsSecret(old)) result[key] = new Secret(value);
  }
  return result;
}
