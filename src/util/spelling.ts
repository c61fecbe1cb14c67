/** Suggestions for misspelled names. */

/**
 * Returns the name that differs least from `text`: by up to two letters or a third of it, ignoring case. Undefined if
 * none is that close.
 */
export function findSimilarName(text: string, names: readonly string[]): string | undefined {
  return sortByEdits(names, (name) => countFewEdits(text, name))[0];
}

/** Returns up to three names that are similar to `text` or contain it, the closest first, ignoring case. */
export function findSimilarNames(text: string, names: readonly string[]): readonly string[] {
  const wanted = text.toLowerCase();
  const countEditsIn = (name: string) =>
    name.toLowerCase().includes(wanted) ? name.length - text.length : countFewEdits(text, name);
  return sortByEdits(names, countEditsIn).slice(0, 3);
}

/** Sorts names and leaves out those whose number of edits is undefined. */
function sortByEdits(names: readonly string[], countEditsIn: (name: string) => number | undefined): string[] {
  const edits = new Map(names.map((name) => [name, countEditsIn(name)]));
  const editsOf = (name: string) => edits.get(name) ?? Infinity;
  return names.filter((name) => editsOf(name) < Infinity).sort((a, b) => editsOf(a) - editsOf(b));
}

/** How many letters of a name differ from `text`. Undefined if they are too many. */
function countFewEdits(text: string, name: string): number | undefined {
  const maxEdits = Math.max(2, name.length / 3);
  // Without this, a long text takes long.
  if (Math.abs(name.length - text.length) > maxEdits) return undefined;
  const edits = countEdits(text.toLowerCase(), name.toLowerCase());
  // A very short name must keep at least one letter.
  return edits <= maxEdits && edits < Math.max(text.length, name.length) ? edits : undefined;
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
