/** Finds objects by their names, which aren't unique. */
import { ExpectedError } from "./expected-error.js";
import { findSimilarNames } from "./spelling.js";
import { sanitize } from "./text.js";

/** An object that a name can mean. */
interface Candidate {
  readonly id: string;
  readonly name: string;
}

const maxCandidates = 10;

/** What was looked for, and among what. */
interface Search<T extends Candidate> {
  /** `["project", "projects"]` */
  readonly kind: readonly [one: string, several: string];
  /** `named "web"` */
  readonly criterion: string;
  /** If it was a name. */
  readonly name?: string;
  readonly all: readonly T[];
  /** What tells objects of one name apart, besides the id. */
  readonly describe: (each: T) => string;
}

/**
 * Returns the only object that was found.
 * @throws ExpectedError that lists similar names, or all if they are few, if there is none, or the candidates if there
 * are several
 */
export function only<T extends Candidate>(
  found: readonly T[],
  { kind: [one, several], criterion, name, all, describe }: Search<T>,
): T {
  const [first, second] = found;
  if (first === undefined) {
    const hint = name === undefined ? "" : hintAt(name, [...new Set(all.map((each) => each.name))]);
    throw new ExpectedError(`There is no ${one} ${criterion} that the token can read.${hint}`);
  }
  if (second === undefined) return first;
  const candidates = found.slice(0, maxCandidates).map((each) => `${each.id} (${describe(each)})`);
  const more = found.length > maxCandidates ? ` and ${found.length - maxCandidates} more` : "";
  throw new ExpectedError(
    `There are ${found.length} ${several} ${criterion}. Use the id of one of them: ${candidates.join(", ")}${more}.`,
  );
}

function hintAt(name: string, names: readonly string[]): string {
  const similar = findSimilarNames(name, names);
  if (similar.length > 0) {
    return ` The closest ${similar.length === 1 ? "name is" : "names are"} ${similar.map(quoteText).join(", ")}.`;
  }
  return names.length === 0 || names.length > maxCandidates ? "" : ` It can read ${names.map(quoteText).join(", ")}.`;
}

/** Sorts by name, and by id where names are the same. */
export function sortByName<T extends Candidate>(items: Iterable<T>): T[] {
  const order = ({ name, id }: T) => `${name}\0${id}`;
  return [...items].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** A text of the user in an error. */
export function quoteText(text: string): string {
  return sanitize(JSON.stringify(text));
}
