/** Property values as the plugin protocol sends them. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { Properties } from "../../lifecycle/contract.js";
import { omitNulls } from "../../util/nullish.js";
import { decodeUnknowns, encodeUnknowns } from "../unknown-markers.js";

// The mark that the engine sets on special values, and that of secrets among them.
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Reads properties: secrets are unwrapped, unset properties are absent, and unknown values are {@link unknown}. */
export function decode(properties: JsonObject | undefined): Properties {
  return decodeUnknowns(omitNulls(withoutSecretMarks(properties ?? {}) as object as Properties));
}

/**
 * Reads inputs or state. What a dynamic provider stored for itself is left out, or moving from it would be an update.
 */
export function decodeStored(properties: JsonObject | undefined): Properties {
  const { __provider: _provider, __timeouts: _timeouts, ...shown } = decode(properties);
  return shown;
}

/** Writes properties. */
export function encode(properties: object): JsonObject {
  return encodeUnknowns(properties as Properties) as JsonObject;
}

/** Marks a value as secret. */
export function secret(value: string): JsonObject {
  return { [signature]: secretSignature, value };
}

function withoutSecretMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretMarks);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value && value[signature] === secretSignature && "value" in value)
    return withoutSecretMarks(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecretMarks(item)]));
}
