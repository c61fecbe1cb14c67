/** What a command sees of its process: streams, environment, clock, Ctrl+C and terminal. Tests supply their own. */
import { text as readText } from "node:stream/consumers";
import pc from "picocolors";
import { type Clock, systemClock } from "../util/clock.js";
import { ExpectedError } from "../util/expected-error.js";
import { sanitize } from "../util/text.js";

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Calls `listener` after each resize. @returns a function that removes the listener */
  onResize(listener: () => void): () => void;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Undefined when standard output is a file or a pipe. */
  readonly screen: Screen | undefined;
  out(text: string): void;
  err(text: string): void;
  readStdin(): Promise<string>;
  /** Aborts on SIGINT or SIGTERM, which then no longer end the process by themselves. */
  interruption(): AbortSignal;
}

/** A failure that the user can act on. Only its message is shown, and the exit status is 1. */
export class CliError extends ExpectedError {
  override readonly name = "CliError";

  constructor(message: string) {
    // It may name what a file or a server says.
    super(sanitize(message));
  }
}

/** The code of a failed system call, such as `ENOENT`. Undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

export type Palette = ReturnType<typeof pc.createColors>;

/** The colors for standard output: on by default on a terminal, controlled by NO_COLOR and FORCE_COLOR. */
export function createPalette({ env, screen }: Pick<Io, "env" | "screen">): Palette {
  // https://no-color.org: an empty NO_COLOR does not count.
  if (env["NO_COLOR"]) return pc.createColors(false);
  if (env["FORCE_COLOR"]) return pc.createColors(env["FORCE_COLOR"] !== "0");
  return pc.createColors(screen !== undefined && env["TERM"] !== "dumb");
}

/** Whether the terminal is expected to display block characters. */
export function supportsUnicode({ env }: Pick<Io, "env">, platform: string = process.platform): boolean {
  return platform === "win32" || /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
}

export function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  return {
    env: process.env,
    clock: systemClock,
    get screen() {
      if (!stdout.isTTY) return undefined;
      const onResize = (listener: () => void) => {
        stdout.on("resize", listener);
        return () => stdout.off("resize", listener);
      };
      // A terminal that does not know its size reports 0.
      return { columns: stdout.columns || 80, rows: stdout.rows || 24, onResize };
    },
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readStdin: () => readText(stdin),
    interruption() {
      const controller = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
      return controller.signal;
    },
  };
}
