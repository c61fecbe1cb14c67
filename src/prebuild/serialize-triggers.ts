/**
 * What people give as `triggers`, as what Pulumi keeps of it.
 *
 * Of a Date, a Map and much else the SDK's serialiser keeps an empty object, without a word: such a trigger would never change. What JSON.stringify knows to write is written so, bytes are
 * kept as their hash, and what cannot be kept is refused.
 */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * The triggers in a form in which nothing of them is lost.
 * @param resource the resource's name, for messages
 * @throws pulumi.RunError for a value that cannot be kept, by its place; of one that is not known yet, the output fails
 */
export function keptTriggers(resource: string, triggers: unknown): unknown {
  return kept(`${resource}: triggers`, triggers, []);
}

/** @param around what the value is in, so that one that contains itself is found */
function kept(place: string, value: unknown, around: readonly object[]): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw refused(place, `is ${value}, which Pulumi cannot store`);
  }
  if (typeof value === "function" || typeof value === "symbol") {
    throw refused(place, `is a ${typeof value}, which Pulumi cannot store, so it would never change`);
  }
  return typeof value === "object" && value !== null ? keptObject(place, value, around) : value;
}

function keptObject(place: string, value: object, around: readonly object[]): unknown {
  // Not by pulumi.output, which would lose the same of what is inside a promise.
  if (pulumi.Output.isInstance(value)) return value.apply((known: unknown) => kept(place, known, []));
  if (value instanceof Promise) return value.then((known: unknown) => kept(place, known, []));
  if (isPulumis(value)) return value;
  if (around.includes(value)) throw refused(place, "contains itself");
  const inside = [...around, value];
  if (Array.isArray(value)) return value.map((item: unknown, index) => kept(`${place}[${index}]`, item, inside));
  const bytes = bytesOf(value);
  if (bytes !== undefined) return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (saysJson(value)) {
    const written = value.toJSON();
    // An invalid Date says null.
    if (written === null || written === undefined) throw refused(place, `is an invalid ${nameOf(value)}`);
    return kept(place, written, inside);
  }
  const entries = Object.entries(value);
  if (entries.length === 0 && nameOf(value) !== "Object") {
    throw refused(
      place,
      `is an instance of ${nameOf(value)}, which Pulumi cannot store, so it would never change. Pass its content as a string, a list, or an object`,
    );
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, kept(`${place}.${key}`, item, inside)]));
}

/** Whether the SDK has a way of its own to keep it. */
function isPulumis(value: object): boolean {
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

function saysJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** The name of its class. By name, since an object may come from another realm. */
function nameOf(value: object): string {
  const { constructor: made }: { constructor?: unknown } = value;
  return typeof made === "function" && made.name !== "" ? made.name : "Object";
}

function refused(place: string, what: string): pulumi.RunError {
  return new pulumi.RunError(`${place} ${what}.`);
}
