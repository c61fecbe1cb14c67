/** Properties that may be null or undefined. */

/** Whether a value is unset. In a resource's inputs, null counts as undefined. */
export function isNullish(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** `T` whose optional properties may also be undefined. */
type Loose<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** Leaves out undefined properties, which neither state nor a comparison with it may contain. */
export function omitUndefined<T extends object>(properties: Loose<T>): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
}

/**
 * Sets the missing properties to null. In a preview, the SDK takes an output that is missing from state as unknown, but
 * null as null.
 */
export function fillWithNull(properties: object, names: readonly string[]): object {
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...properties };
}

/** Leaves out properties that are null. What is inside a property stays. */
export function omitNulls<T extends object>(properties: T): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null)) as T;
}
