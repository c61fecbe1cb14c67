/** Suggestions for misspelled names. */
import { closest, distance } from "fastest-levenshtein";

/**
 * Returns the name that differs least from `text`: by up to two letters or a third of it, ignoring case. Undefined if
 * none is that close.
 */
export function findSimilarName(text: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const wanted = text.toLowerCase();
  const guess = closest(
    wanted,
    names.map((name) => name.toLowerCase()),
  );
  const name = names.find((each) => each.toLowerCase() === guess);
  const far = distance(wanted, guess);
  // A very short name must keep at least one letter.
  return far <= Math.max(2, guess.length / 3) && far < Math.max(wanted.length, guess.length) ? name : undefined;
}

/** Returns up to three names, the closest first, whether they are close or not. */
export function findSimilarNames(text: string, names: readonly string[]): readonly string[] {
  const wanted = text.toLowerCase();
  const far = new Map(names.map((name) => [name, distance(wanted, name.toLowerCase())]));
  return names.toSorted((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, 3);
}
