/** Suggestions for misspelled names. */

/**
 * Returns the name that differs least from `text`: by up to two letters or a third of it, ignoring case. Undefined if
 * none is that close.
 */
export function findSimilarName(text: string, names: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of names) {
    const maxEdits = Math.max(2, name.length / 3);
    // Without this, a long text takes long.
    if (Math.abs(name.length - wanted.length) > maxEdits) continue;
    const edits = countEdits(wanted, name.toLowerCase());
    // A very short name must keep at least one letter.
    const isSimilar = edits <= maxEdits && edits < Math.max(wanted.length, name.length);
    if (isSimilar && edits < (best?.edits ?? Infinity)) best = { name, edits };
  }
  return best?.name;
}

/**
 * Returns up to three names that are similar to `text` or contain it, the closest first, ignoring case.
 */
export function findSimilarNames(text: string, names: readonly string[]): readonly string[] {
  const wanted = text.toLowerCase();
  const edits = new Map(names.map((name) => [name, countEdits(wanted, name.toLowerCase())]));
  const isSimilar = (name: string) =>
    name.toLowerCase().includes(wanted) || (edits.get(name) ?? 0) <= Math.max(2, name.length / 3);
  return names
    .filter(isSimilar)
    .toSorted((a, b) => (edits.get(a) ?? 0) - (edits.get(b) ?? 0))
    .slice(0, 3);
}

/** The Levenshtein distance: how many letters to insert, delete, or replace. */
function countEdits(from: string, to: string): number {
  // The distance between the part of `from` before `index` and each start of `to`.
  let row = Array.from({ length: to.length + 1 }, (_, length) => length);
  for (let index = 0; index < from.length; index++) {
    let left = index;
    row = row.map((above, column) => {
      const replaced = (row[column - 1] ?? Infinity) + (from[index] === to[column - 1] ? 0 : 1);
      return (left = Math.min(left + 1, above + 1, replaced));
    });
  }
  return row[to.length] ?? 0;
}
