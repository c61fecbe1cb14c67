/** What a misspelt name was meant to be. */
import { closest, distance } from "fastest-levenshtein";

/** The one of `names` that is nearest to `text`, if it is near: by up to two letters, or a third of it. Upper and lower case do not count. */
export function findSimilarName(text: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const wanted = text.toLowerCase();
  const guess = closest(
    wanted,
    names.map((name) => name.toLowerCase()),
  );
  const name = names.find((each) => each.toLowerCase() === guess);
  const far = distance(wanted, guess);
  // Of a very short name nothing would be left.
  return far <= Math.max(2, guess.length / 3) && far < Math.max(wanted.length, guess.length) ? name : undefined;
}
