/**
 * Splits items into groups that a List's filter takes, by default 25 ids (`ListWarmPoolsRequest.Filter`,
 * `ListPrebuildsRequest.Filter`).
 */
export function chunk<T>(items: readonly T[], maxItems = 25): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / maxItems) }, (_, group) =>
    items.slice(group * maxItems, (group + 1) * maxItems),
  );
}
