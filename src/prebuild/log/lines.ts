/** A log that comes in pieces as the lines that people read: plain, of bounded length, with what a terminal would show at the end. */
import { truncate, sanitizeLogLine } from "../../util/text.js";

/** The longest line that is shown, in characters. */
const longestLine = 4_000;
/** The most of a line that is kept while it has no end; more than is shown, since sequences of a terminal take room. */
const mostKept = 16_384;

/** Makes lines of pieces. */
export class LogLines {
  readonly #hide: (text: string) => string;
  /** The line since the last carriage return, and how long it is in all. */
  #text = "";
  #length = 0;
  /** What stood there before that, if it was not blank. */
  #overwritten: { readonly text: string; readonly length: number } | undefined;

  /** @param hide takes secrets out of a text, before it is cut: half a secret is still one */
  constructor(hide: (text: string) => string) {
    this.#hide = hide;
  }

  /** The lines that end in a piece. */
  *push(piece: string): Generator<string, void, void> {
    const [first = "", ...others] = piece.split("\n");
    this.#append(first);
    for (const part of others) {
      yield this.#take();
      this.#append(part);
    }
  }

  /** The line that has begun and has no end; undefined where the text ended with a line. */
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
    if (this.#text.length < mostKept) this.#text += segment.slice(0, mostKept - this.#text.length);
  }

  #shown() {
    return { text: this.#hide(sanitizeLogLine(this.#text)), length: this.#length };
  }

  #take(): string {
    const now = this.#shown();
    const { text, length } = now.text.trim() === "" ? (this.#overwritten ?? now) : now;
    this.#text = "";
    this.#length = 0;
    this.#overwritten = undefined;
    return truncate(text, longestLine, length > mostKept ? length : text.length);
  }
}
