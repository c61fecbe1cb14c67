/** The filters of Lists. */

/** How many ids a filter takes (`ListWarmPoolsRequest.Filter`, `ListPrebuildsRequest.Filter`). */
export const maxFilterIds = 25;

/** Splits items into groups that a filter takes. */
export function chunk<T>(items: readonly T[], maxItems = maxFilterIds): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / maxItems) }, (_, group) =>
    items.slice(group * maxItems, (group + 1) * maxItems),
  );
}
