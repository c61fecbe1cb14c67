/** What the filters of Lists take. */

/** The most ids that a filter takes (`ListWarmPoolsRequest.Filter`, `ListPrebuildsRequest.Filter`). */
export const maxFilterIds = 25;

/**
 * The items in groups of a size that a filter takes.
 * @param most how many items a group has at most
 */
export function chunk<T>(items: readonly T[], most = maxFilterIds): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, group) =>
    items.slice(group * most, (group + 1) * most),
  );
}
