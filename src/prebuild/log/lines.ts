/** Splits the chunks of a log into plain lines of bounded length, as a terminal would finally show them. */
import { type Hide, sanitizeLogLine, truncate } from "../../util/text.js";

/** How many characters of a line are shown. */
const maxLineLength = 4_000;
/** How many characters of an unfinished line are kept: more than are shown, as some are removed later. */
const maxKeptLength = 16_384;

export class LogLines {
  readonly #hide: Hide;
  /** The line since the last carriage return, and its full length. */
  #text = "";
  #length = 0;
  /** The text before that, if it was not blank. */
  #overwritten: { readonly text: string; readonly length: number } | undefined;

  /** @param hide removes secrets from a string before it is truncated: half a secret is still one */
  constructor(hide: Hide) {
    this.#hide = hide;
  }

  /** The lines that end in a chunk. */
  *push(chunk: string): Generator<string, void, void> {
    const [first = "", ...others] = chunk.split("\n");
    this.#append(first);
    for (const part of others) {
      yield this.#take();
      this.#append(part);
    }
  }

  /** The unfinished line; undefined if the last chunk ended with a line. */
  rest(): string | undefined {
    return this.#length === 0 && this.#overwritten === undefined ? undefined : this.#take();
  }

  #append(part: string): void {
    const [first = "", ...others] = part.split("\r");
    this.#extend(first);
    for (const segment of others) {
      const shown = this.#shown();
      if (shown.text.trim() !== "") this.#overwritten = shown;
      this.#text = "";
      this.#length = 0;
      this.#extend(segment);
    }
  }

  #extend(segment: string): void {
    this.#length += segment.length;
    if (this.#text.length < maxKeptLength) this.#text += segment.slice(0, maxKeptLength - this.#text.length);
  }

  #shown() {
    return { text: sanitizeLogLine(this.#text, this.#hide, this.#length > maxKeptLength), length: this.#length };
  }

  #take(): string {
    const now = this.#shown();
    const { text, length } = now.text.trim() === "" ? (this.#overwritten ?? now) : now;
    this.#text = "";
    this.#length = 0;
    this.#overwritten = undefined;
    return truncate(text, maxLineLength, length > maxKeptLength ? length : text.length);
  }
}
