/** Whether triggers changed: values of any shape, compared by what they hold. */
import { isUnknown } from "./unknown.js";

/** The key by which Pulumi's wire format tells assets and archives, and their content's hash among its properties. */
const signature = "4dabf18193072939515e22adb298388d";

/**
 * Whether two values of `triggers` are the same.
 *
 * The order of an object's properties does not count, and a property that is null or undefined is absent, as Pulumi itself has it. Assets and archives are the same when their content
 * is. A value that a preview does not know is never the same as another one.
 */
export function sameValue(old: unknown, now: unknown): boolean {
  if (isUnknown(old) || isUnknown(now)) return false;
  if (isAbsent(old) || isAbsent(now)) return isAbsent(old) && isAbsent(now);
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

/** The hash of an asset's or archive's content, if the value is one and its content is known. */
function contentHash(properties: ReadonlyMap<string, unknown>): string | undefined {
  const hash = properties.get("hash");
  return properties.has(signature) && typeof hash === "string" && hash !== "" ? hash : undefined;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
