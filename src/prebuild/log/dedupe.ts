/**
 * What of a log has been said, so that each line is said once however often the log is read.
 *
 * It is not known whether live logs begin anew when they are opened again or go on from there, so a reading is compared with what was said. Kept are digests, not lines.
 */
import { hash } from "node:crypto";

/** How a reading relates to those before: not known, or it has the log from its beginning, as the archive has. */
export type ReadingKind = "unknown" | "whole";

/** A line, and how often it was said and has been met in the present reading. */
interface Known {
  said: number;
  met: number;
  reading: number;
}

/** By so many lines at its beginning a log is known again. */
const mostBegin = 64;

/** The lines that were said of one log. */
export class SaidLines {
  readonly #most: number;
  readonly #known = new Map<string, Known>();
  /** The first lines, in order. */
  readonly #begin: string[] = [];
  #count = 0;
  #readings = 0;
  /** The begin of a line that a reading broke off. */
  #leftover: string | undefined;

  /** @param most how many lines there can be: the bound of the memory */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many lines were said. */
  get count(): number {
    return this.#count;
  }

  /** Whether there can be no more. */
  get full(): boolean {
    return this.#count >= this.#most;
  }

  /** A line without an end that was left when the last reading ended; it is said when nothing else can come. */
  takeLeftover(): string | undefined {
    const leftover = this.#leftover;
    this.#leftover = undefined;
    return leftover;
  }

  /** Begins to read the log, once more or for the first time. */
  startReading(kind: ReadingKind): Reading {
    const reading = ++this.#readings;
    let phase: "deciding" | "whole" | "goesOn" = kind === "whole" || this.#count === 0 ? "whole" : "deciding";
    let held: string[] = [];
    return {
      take: (line) => {
        if (phase === "deciding") {
          const isAlike = this.#begin[held.length] === keyOf(line);
          held.push(line);
          if (isAlike && held.length < this.#begin.length) return [];
          phase = isAlike ? "whole" : "goesOn";
          const lines = held;
          held = [];
          // What was broken off belongs to no line that comes now: it stands alone.
          return isAlike ? this.#unsaid(lines, reading) : [...this.#ownLine(), ...this.#say(lines)];
        }
        if (phase === "goesOn") return this.#say([line]);
        return this.#unsaid([line], reading);
      },
      end: (rest) => {
        // Of a reading that was not told apart, what was said already has come again.
        if (rest !== undefined && (phase !== "deciding" || this.#leftover === undefined)) this.#leftover = rest;
      },
    };
  }

  /** Those of the lines that this reading, which began at the beginning, has more often than they were said. */
  #unsaid(lines: readonly string[], reading: number): string[] {
    // The line that was broken off comes again, whole.
    this.#leftover = undefined;
    return lines.flatMap((line) => {
      const known = this.#known.get(keyOf(line));
      if (known === undefined) return this.#say([line], reading);
      if (known.reading !== reading) {
        known.reading = reading;
        known.met = 0;
      }
      if (known.met === known.said) return this.#say([line], reading);
      known.met++;
      return [];
    });
  }

  /** What was broken off, as a line: it may well have been whole but for its end. */
  #ownLine(): string[] {
    const leftover = this.takeLeftover();
    if (leftover === undefined || this.full) return [];
    this.#note(keyOf(leftover));
    return [leftover];
  }

  #say(lines: readonly string[], reading?: number): string[] {
    const room = lines.slice(0, Math.max(0, this.#most - this.#count));
    for (const line of room) {
      const key = keyOf(line);
      // After a line that was broken off nothing belongs to the beginning any more.
      if (this.#begin.length < mostBegin && this.#count === this.#begin.length) this.#begin.push(key);
      const known = this.#note(key);
      if (reading === undefined) continue;
      known.met = known.reading === reading ? known.met + 1 : known.said;
      known.reading = reading;
    }
    return room;
  }

  #note(key: string): Known {
    const known = this.#known.get(key) ?? { said: 0, met: 0, reading: 0 };
    known.said++;
    this.#known.set(key, known);
    this.#count++;
    return known;
  }
}

/** One reading of the log. */
export interface Reading {
  /** Takes the next line of the log; gives the lines that are to be said now. */
  take(line: string): readonly string[];
  /** The reading has ended, with the begin of a line that has no end, if there was one. */
  end(rest: string | undefined): void;
}

/** Tells lines apart without keeping them. */
function keyOf(line: string): string {
  return hash("sha1", line, "base64url").slice(0, 16);
}
