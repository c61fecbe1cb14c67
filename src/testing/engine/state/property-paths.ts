/** Property paths of options like `ignoreChanges`: `a.b[0]["c.d"]`, with `*` for any key. */
import { isPlainMap, Secret, type PropertyMap, type PropertyValue } from "./property-values.js";

export type Path = readonly (string | number)[];

const part = /\.?(?:\[(?:"((?:[^"\\]|\\.)*)"|(\d+)|(\*))\]|([^.[\]]+))/y;

/**
 * Reads a path.
 * @throws Error for a malformed path
 */
export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) throw new Error(`"${text}" is not a property path`);
    const [, quoted, index, star, name] = match;
    if (quoted !== undefined) path.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) path.push(Number(index));
    else path.push(star ?? name ?? "");
  }
  return path;
}

/** Whether the inner path is the outer path or below it. */
export function contains(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((key, i) => key === "*" || key === inner[i]);
}

/** Inputs with the old values at paths, and the paths where that was impossible. */
interface Kept {
  readonly inputs: PropertyMap;
  readonly failed: readonly string[];
}

/**
 * The new inputs, with the old values at the paths to ignore. That is impossible where it would add or remove an
 * element of a list, or a whole parent. There the new inputs stay.
 */
export function keepOld(news: PropertyMap, olds: PropertyMap, paths: readonly string[]): Kept {
  let inputs: PropertyValue = news;
  const failed: string[] = [];
  for (const path of paths) {
    const { value = {}, ok } = reset(inputs, olds, parsePath(path));
    inputs = value;
    if (!ok) failed.push(path);
  }
  return { inputs: isPlainMap(inputs) ? inputs : news, failed };
}

interface Reset {
  readonly value: PropertyValue | undefined;
  /** Whether the value has the old part at the path, or lacks it too. */
  readonly ok: boolean;
}

/** The new value with its part at the path from the old one. */
function reset(now: PropertyValue | undefined, old: PropertyValue | undefined, path: Path): Reset {
  const [key, ...rest] = path;
  if (key === undefined) return { value: old, ok: true };
  const source = old instanceof Secret ? old.value : old;
  if (now instanceof Secret) {
    const { value, ok } = reset(now.value, source, path);
    return { value: value === undefined ? undefined : new Secret(value), ok };
  }
  if (Array.isArray(now)) return resetList(now, Array.isArray(source) ? source : [], path);
  const parent = source !== undefined && isPlainMap(source) ? source : {};
  if (now === undefined || !isPlainMap(now)) return { value: now, ok: !has(source, path) };
  const result: PropertyMap = { ...now };
  let ok = true;
  for (const name of keysOfPart(key, rest, parent, now)) {
    const part = reset(now[name], parent[name], rest);
    ok &&= part.ok;
    if (part.value === undefined) delete result[name];
    else result[name] = part.value;
  }
  return { value: result, ok };
}

/** Lists keep their length. */
function resetList(now: PropertyValue[], old: PropertyValue[], [key, ...rest]: Path): Reset {
  const value = [...now];
  let ok = true;
  for (let i = 0; i < Math.max(now.length, old.length); i++) {
    const item = old[i];
    if (key !== "*" && key !== i) continue;
    const part = i < now.length && item !== undefined ? reset(now[i], item, rest) : undefined;
    ok &&= part?.ok ?? false;
    if (part?.value !== undefined) value[i] = part.value;
  }
  return { value, ok };
}

/** The properties that a part of a path covers. New ones are removed only at the end of a path. */
function keysOfPart(key: string | number, rest: Path, old: PropertyMap, now: PropertyMap): string[] {
  if (key !== "*") return [String(key)];
  return rest.length > 0 ? Object.keys(old) : [...new Set([...Object.keys(old), ...Object.keys(now)])];
}

function has(value: PropertyValue | undefined, [key, ...rest]: Path): boolean {
  const inner = value instanceof Secret ? value.value : value;
  if (key === undefined) return inner !== undefined;
  if (inner === undefined || inner === null || typeof inner !== "object") return false;
  const parts = Object.entries(inner).filter(([name]) => key === "*" || name === String(key));
  return parts.some(([, part]) => has(part as PropertyValue, rest));
}
