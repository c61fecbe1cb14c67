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

/** The new inputs, with the old values at the paths to ignore. */
export function keepOld(news: PropertyMap, olds: PropertyMap, paths: readonly string[]): PropertyMap {
  let result: PropertyValue = news;
  for (const path of paths) result = copy(result, olds, parsePath(path)) ?? {};
  return isPlainMap(result) ? result : news;
}

/** The value with its part at the path replaced from another value. Undefined if the other has no such part. */
function copy(into: PropertyValue | undefined, from: PropertyValue | undefined, path: Path): PropertyValue | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return from;
  if (into instanceof Secret) {
    const inner = copy(into.value, from instanceof Secret ? from.value : from, path);
    return inner === undefined ? undefined : new Secret(inner);
  }
  const source = from instanceof Secret ? from.value : from;
  if (Array.isArray(into)) {
    const olds = Array.isArray(source) ? source : [];
    return into.map((item, i) => (key === "*" || key === i ? (copy(item, olds[i], rest) ?? item) : item));
  }
  if (into !== undefined && !isPlainMap(into)) return into;
  const olds: PropertyMap = source !== undefined && isPlainMap(source) ? source : {};
  const result: PropertyMap = { ...into };
  for (const name of key === "*" ? [...Object.keys(olds), ...Object.keys(result)] : [String(key)]) {
    const value = copy(result[name], olds[name], rest);
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}
