/**
 * Remembers which lines of a log were shown, so that each line is shown once however often the log is read.
 *
 * The API doesn't document whether a live log that is opened again starts from its first line or continues. So the
 * first lines of each reading are compared with the first lines that were shown. Digests are kept, not lines.
 */
import { hash } from "node:crypto";

/** Whether a reading starts with the first line of the log, as the archive does, or that is unknown. */
export type ReadingKind = "unknown" | "whole";

/** How often a line was shown, and how often the current reading has contained it. */
interface Count {
  shown: number;
  met: number;
  reading: number;
}

/** How many first lines are compared to recognize a log. */
const maxFirstLines = 64;

export class ShownLines {
  readonly #max: number;
  readonly #counts = new Map<string, Count>();
  /** The digests of the first lines, in order. */
  readonly #first: string[] = [];
  #count = 0;
  #readings = 0;
  /** The unfinished last line of a reading. */
  #leftover: string | undefined;

  /** @param max how many lines are shown at most: this bounds the memory */
  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count >= this.#max;
  }

  /** The unfinished line of the last reading, to be shown when no other reading follows. */
  takeLeftover(): string | undefined {
    const leftover = this.#leftover;
    this.#leftover = undefined;
    return leftover;
  }

  /** Starts to read the log, again or for the first time. */
  startReading(kind: ReadingKind) {
    const reading = ++this.#readings;
    let phase: "deciding" | "whole" | "continues" = kind === "whole" || this.#count === 0 ? "whole" : "deciding";
    let held: string[] = [];
    return {
      /** Takes the next line of the log; returns the lines to show now. */
      take: (line: string): readonly string[] => {
        if (phase === "deciding") {
          const isAlike = this.#first[held.length] === digestOf(line);
          held.push(line);
          if (isAlike && held.length < this.#first.length) return [];
          phase = isAlike ? "whole" : "continues";
          const lines = held;
          held = [];
          // The unfinished line doesn't continue in this reading.
          return isAlike ? this.#showNew(lines, reading) : [...this.#showLeftover(), ...this.#show(lines)];
        }
        if (phase === "continues") return this.#show([line]);
        return this.#showNew([line], reading);
      },
      /** Ends the reading, with its unfinished last line if there is one. */
      end: (rest: string | undefined) => {
        // A reading that is still undecided has only repeated lines.
        if (rest !== undefined && (phase !== "deciding" || this.#leftover === undefined)) this.#leftover = rest;
      },
    };
  }

  /** Shows the lines that this reading of the whole log contains more often than they were shown. */
  #showNew(lines: readonly string[], reading: number): string[] {
    // The unfinished line comes again, complete.
    this.#leftover = undefined;
    return lines.flatMap((line) => {
      const count = this.#counts.get(digestOf(line));
      if (count === undefined) return this.#show([line], reading);
      if (count.reading !== reading) {
        count.reading = reading;
        count.met = 0;
      }
      if (count.met === count.shown) return this.#show([line], reading);
      count.met++;
      return [];
    });
  }

  /** Shows the unfinished line as a line: only its line break may be missing. */
  #showLeftover(): string[] {
    const leftover = this.takeLeftover();
    if (leftover === undefined || this.full) return [];
    this.#record(digestOf(leftover));
    return [leftover];
  }

  #show(lines: readonly string[], reading?: number): string[] {
    const shown = lines.slice(0, Math.max(0, this.#max - this.#count));
    for (const line of shown) {
      const digest = digestOf(line);
      // After an unfinished line no more lines count as first lines.
      if (this.#first.length < maxFirstLines && this.#count === this.#first.length) this.#first.push(digest);
      const count = this.#record(digest);
      if (reading === undefined) continue;
      count.met = count.reading === reading ? count.met + 1 : count.shown;
      count.reading = reading;
    }
    return shown;
  }

  #record(digest: string): Count {
    const count = this.#counts.get(digest) ?? { shown: 0, met: 0, reading: 0 };
    count.shown++;
    this.#counts.set(digest, count);
    this.#count++;
    return count;
  }
}

function digestOf(line: string): string {
  return hash("sha1", line, "base64url").slice(0, 16);
}
