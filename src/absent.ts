/** Properties that may be absent. */

/** `T` whose optional properties may also be there as undefined. */
type Loose<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The properties without those that are undefined, which neither state nor a comparison of it must contain. */
export function withoutUndefined<T extends object>(properties: Loose<T>): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
}
