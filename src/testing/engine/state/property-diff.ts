/** Differences between property maps. */
import { equal, isPlainMap, mapWithoutSecrets, type PropertyMap, type PropertyValue } from "./property-values.js";

/** The change of one value, with details for arrays and objects. */
export interface ValueDifference {
  readonly old: PropertyValue;
  readonly new: PropertyValue;
  readonly array?: ArrayDifference;
  readonly object?: Difference;
}

/** The change of an array, by index. */
export interface ArrayDifference {
  readonly length: number;
  readonly adds: Map<number, PropertyValue>;
  readonly deletes: Map<number, PropertyValue>;
  readonly sames: Map<number, PropertyValue>;
  readonly updates: Map<number, ValueDifference>;
}

/** The change of a map. */
export interface Difference {
  readonly adds: Map<string, PropertyValue>;
  readonly deletes: Map<string, PropertyValue>;
  readonly sames: Map<string, PropertyValue>;
  readonly updates: Map<string, ValueDifference>;
}

/** Whether a property is internal to the engine or a provider, so that it is not shown. */
export function isInternalKey(key: string): boolean {
  return key.startsWith("__");
}

/** The difference between two maps. Undefined if they are equal. */
export function difference(
  olds: PropertyMap,
  news: PropertyMap,
  ignore: (key: string) => boolean = () => false,
): Difference | undefined {
  const result: Difference = { adds: new Map(), deletes: new Map(), sames: new Map(), updates: new Map() };
  for (const [key, old] of Object.entries(olds)) {
    if (ignore(key)) continue;
    const next = news[key];
    if (next === undefined) {
      if (old !== null) result.deletes.set(key, old);
    } else {
      const change = valueDifference(old, next, ignore);
      if (change === undefined) result.sames.set(key, old);
      else if (old === null) result.adds.set(key, next);
      else if (next === null) result.deletes.set(key, old);
      else result.updates.set(key, change);
    }
  }
  for (const [key, next] of Object.entries(news)) {
    if (!ignore(key) && !(key in olds) && next !== null) result.adds.set(key, next);
  }
  return changedKeys(result).length === 0 ? undefined : result;
}

/** All keys of a difference, sorted. */
export function keysOf(diff: Difference): string[] {
  return [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.sames.keys(), ...diff.updates.keys()].sort();
}

/** The keys that changed, sorted. */
export function changedKeys(diff: Difference): string[] {
  return [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys()].sort();
}

/** The names of the inputs that differ. Secrets are compared by value. */
export function changedInputs(olds: PropertyMap, news: PropertyMap): string[] {
  const diff = difference(mapWithoutSecrets(olds), mapWithoutSecrets(news));
  return diff === undefined ? [] : changedKeys(diff);
}

function valueDifference(
  old: PropertyValue,
  next: PropertyValue,
  ignore: (key: string) => boolean,
): ValueDifference | undefined {
  if (Array.isArray(old) && Array.isArray(next)) {
    const array = arrayDifference(old, next, ignore);
    return array === undefined ? undefined : { old, new: next, array };
  }
  if (isPlainMap(old) && isPlainMap(next)) {
    const object = difference(old, next, ignore);
    return object === undefined ? undefined : { old, new: next, object };
  }
  return equal(old, next) ? undefined : { old, new: next };
}

function arrayDifference(
  olds: PropertyValue[],
  news: PropertyValue[],
  ignore: (key: string) => boolean,
): ArrayDifference | undefined {
  const length = Math.max(olds.length, news.length);
  const result: ArrayDifference = {
    length,
    adds: new Map(),
    deletes: new Map(),
    sames: new Map(),
    updates: new Map(),
  };
  for (let i = 0; i < length; i++) {
    const old = olds[i];
    const next = news[i];
    if (old === undefined) {
      if (next !== undefined) result.adds.set(i, next);
    } else if (next === undefined) result.deletes.set(i, old);
    else {
      const change = valueDifference(old, next, ignore);
      if (change === undefined) result.sames.set(i, old);
      else result.updates.set(i, change);
    }
  }
  return result.adds.size + result.deletes.size + result.updates.size === 0 ? undefined : result;
}
