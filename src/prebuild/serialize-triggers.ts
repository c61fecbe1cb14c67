/**
 * Converts `triggers` to values that Pulumi can serialize. The SDK serializes a Date, a Map and many other objects as
 * an empty object without a warning, so such a trigger would never change. Here objects with toJSON become their JSON,
 * bytes become their hash, and everything that would be lost is refused.
 */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Throws a pulumi.RunError at the place of a value that can't be serialized. An output or promise fails instead. */
export function serializeTriggers(resource: string, triggers: unknown): unknown {
  return serialize(`${resource}: triggers`, triggers, []);
}

/** @param parents the objects that contain the value, to detect cycles */
function serialize(place: string, value: unknown, parents: readonly object[]): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw refuse(place, `is ${value}, which Pulumi cannot store`);
  }
  if (typeof value === "function" || typeof value === "symbol") {
    throw refuse(place, `is a ${typeof value}, which Pulumi cannot store, so it would never change`);
  }
  return typeof value === "object" && value !== null ? serializeObject(place, value, parents) : value;
}

function serializeObject(place: string, value: object, parents: readonly object[]): unknown {
  // pulumi.output would lose the same values inside a promise.
  if (pulumi.Output.isInstance(value)) return value.apply((known: unknown) => serialize(place, known, []));
  if (value instanceof Promise) return value.then((known: unknown) => serialize(place, known, []));
  if (isPulumiValue(value)) return value;
  if (parents.includes(value)) throw refuse(place, "contains itself");
  const inside = [...parents, value];
  if (Array.isArray(value)) return value.map((item: unknown, index) => serialize(`${place}[${index}]`, item, inside));
  const bytes = bytesOf(value);
  if (bytes !== undefined) return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (hasToJson(value)) {
    const written = value.toJSON();
    // An invalid Date returns null.
    if (written === null || written === undefined) throw refuse(place, `is an invalid ${classOf(value)}`);
    return serialize(place, written, inside);
  }
  const entries = Object.entries(value);
  if (entries.length === 0 && classOf(value) !== "Object") {
    throw refuse(
      place,
      `is an instance of ${classOf(value)}, which Pulumi cannot store, so it would never change. Pass its content as a string, a list, or an object`,
    );
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, serialize(`${place}.${key}`, item, inside)]));
}

/** Whether the SDK serializes the value itself. */
function isPulumiValue(value: object): boolean {
  return (
    pulumi.Resource.isInstance(value) ||
    pulumi.asset.Asset.isInstance(value) ||
    pulumi.asset.Archive.isInstance(value) ||
    pulumi.isUnknown(value)
  );
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** The name of the value's class. Compared by name, since an object may come from another realm. */
function classOf(value: object): string {
  const { constructor: constructor_ }: { constructor?: unknown } = value;
  return typeof constructor_ === "function" && constructor_.name !== "" ? constructor_.name : "Object";
}

function refuse(place: string, what: string): pulumi.RunError {
  return new pulumi.RunError(`${place} ${what}.`);
}
