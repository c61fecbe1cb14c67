/** The secrets of a client, and how they are hidden in what a server says. */
import type { Hide } from "../util/text.js";

/** Shorter ones could not be told from words. No token of the API is that short. */
const minLength = 8;

/** How many secrets are hidden: the newest ones. A token of a log is valid for an hour. */
const maxSecrets = 50;

/** The secrets that requests of one client have carried, or responses have brought. */
export class Secrets {
  /** By secret, the oldest first. */
  readonly #patterns = new Map<string, RegExp>();

  add(secret: string): void {
    if (secret.length < minLength) return;
    const pattern = this.#patterns.get(secret) ?? patternOf(secret);
    this.#patterns.delete(secret);
    this.#patterns.set(secret, pattern);
    const [oldest = ""] = this.#patterns.keys();
    if (this.#patterns.size > maxSecrets) this.#patterns.delete(oldest);
  }

  /**
   * Replaces the secrets in printable text: as they are, percent-encoded, and in base64, in upper or lower case and
   * with whitespace between their characters.
   */
  readonly hide: Hide = (text) => {
    // A longer one first, in case another one is its start.
    const longestFirst = [...this.#patterns].toSorted(([a], [b]) => b.length - a.length);
    return longestFirst.reduce((shown, [, pattern]) => shown.replace(pattern, "[token]"), text);
  };
}

function patternOf(secret: string): RegExp {
  // How base64 encodes it depends on the number of bytes before it.
  const base64 = [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from("\0".repeat(offset) + secret);
    const [start, end] = [Math.ceil((offset * 4) / 3), Math.floor((bytes.length * 4) / 3)];
    return [bytes.toString("base64"), bytes.toString("base64url")].map((text) => text.slice(start, end));
  });
  const forms = new Set([secret, encodeURIComponent(secret), ...base64]);
  const patterns = [...forms].map((form) => [...form].map(escapeForPattern).join("\\s*"));
  return new RegExp(patterns.join("|"), "gi");
}

function escapeForPattern(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
