/** Properties that may be absent. */

/** Whether a value is left out: null counts as undefined, as in a resource's inputs. */
export function isNullish(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** `T` whose optional properties may also be there as undefined. */
type Loose<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The properties without those that are undefined, which neither state nor a comparison of it must contain. */
export function omitUndefined<T extends object>(properties: Loose<T>): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
}

/** The properties with null for each of the names that they lack: in a preview, the SDK takes what state lacks for not known yet, and null for what it is. */
export function fillWithNull(properties: object, names: readonly string[]): object {
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...properties };
}

/** The properties without those that are null; what is inside of a property stays as it is. */
export function omitNulls<T extends object>(properties: T): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null)) as T;
}
