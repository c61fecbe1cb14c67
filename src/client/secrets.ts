/** The secrets of a client, and how they are hidden in what a server says. */
import type { Hide } from "../util/text.js";

/** Shorter ones could not be told from words. No token of the API is that short. */
const minLength = 8;

/** How many secrets are hidden: the newest ones. A token of a log is valid for an hour. */
const maxSecrets = 50;

/** The secrets that requests of one client have carried, or responses have brought. */
export class Secrets {
  readonly #known = new Set<string>();
  #pattern: RegExp | undefined;

  add(secret: string): void {
    const isKnown = this.#known.delete(secret);
    if (secret.length >= minLength) this.#known.add(secret);
    if (isKnown) return;
    const [oldest = ""] = this.#known;
    if (this.#known.size > maxSecrets) this.#known.delete(oldest);
    this.#pattern = undefined;
  }

  /** Replaces the secrets in printable text, in upper or lower case and with whitespace between their characters. */
  readonly hide: Hide = (text) => {
    if (this.#known.size === 0) return text;
    return text.replace((this.#pattern ??= patternOf([...this.#known])), "[token]");
  };
}

function patternOf(secrets: readonly string[]): RegExp {
  // A longer one first, in case another one is its start.
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length);
  const escaped = longestFirst.map((secret) =>
    [...secret].map((character) => escapeForPattern(character)).join("\\s*"),
  );
  return new RegExp(escaped.join("|"), "gi");
}

function escapeForPattern(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
