/** Compares values of any shape, such as triggers, by content. */
import { isNullish } from "../util/nullish.js";
import { isUnknown } from "./unknown.js";

/** The key that marks assets and archives in Pulumi's wire format. */
const signature = "4dabf18193072939515e22adb298388d";

/**
 * Whether two values are the same.
 *
 * The order of an object's properties doesn't count, and null and undefined properties count as absent, as in Pulumi
 * itself. Assets and archives are the same if their content is. An unknown value is never the same as another one.
 */
export function sameValue(old: unknown, now: unknown): boolean {
  if (isUnknown(old) || isUnknown(now)) return false;
  if (isNullish(old) || isNullish(now)) return isNullish(old) && isNullish(now);
  if (Array.isArray(old) || Array.isArray(now)) {
    if (!Array.isArray(old) || !Array.isArray(now) || old.length !== now.length) return false;
    return old.every((item, index) => sameValue(item, now[index]));
  }
  if (typeof old !== "object" || typeof now !== "object") return old === now;
  const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(now))];
  const [hash, newHash] = [contentHash(before), contentHash(after)];
  if (hash !== undefined && newHash !== undefined) return hash === newHash;
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].every((name) => sameValue(before.get(name), after.get(name)));
}

/** The hash of the content, if the properties are those of an asset or archive with known content. */
function contentHash(properties: ReadonlyMap<string, unknown>): string | undefined {
  const hash = properties.get("hash");
  return properties.has(signature) && typeof hash === "string" && hash !== "" ? hash : undefined;
}
