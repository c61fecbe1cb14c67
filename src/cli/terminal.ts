/** What a command sees of the process it runs in: streams, environment, time, ^C. Tests give their own. */
import { type Clock, systemClock } from "../util/clock.js";

/** Standard output, where it is a terminal. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Calls `listener` when the size has changed. @returns what ends that */
  onResize(listener: () => void): () => void;
}

/** The surroundings of a command. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Undefined where standard output is a file or a pipe. */
  readonly screen: Screen | undefined;
  /** Writes text to standard output as it is. */
  out(text: string): void;
  /** Writes text to standard error as it is. */
  err(text: string): void;
  /** All of standard input. */
  readStdin(): Promise<string>;
  /** Aborted when the process is asked to end. From the first call on, a signal does not end the process by itself. */
  interruption(): AbortSignal;
}

/** Takes the exit status of a command that ended in order. */
export type Finish = (exitStatus: number) => void;

/** A failure that people can act on: its message is all that is shown, and the exit status is 1. */
export class CliError extends Error {
  override readonly name = "CliError";
}

/** The code of a failed call of the system, such as `ENOENT`; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The surroundings of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  let ended: AbortController | undefined;
  return {
    env: process.env,
    clock: systemClock,
    get screen() {
      return stdout.isTTY ? screenOf(stdout) : undefined;
    },
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    async readStdin() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
      return Buffer.concat(chunks).toString();
    },
    interruption() {
      if (ended !== undefined) return ended.signal;
      const controller = (ended = new AbortController());
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
      return controller.signal;
    },
  };
}

function screenOf(stdout: NodeJS.WriteStream): Screen {
  return {
    // A terminal that does not know its size reports 0.
    columns: stdout.columns || 80,
    rows: stdout.rows || 24,
    onResize(listener) {
      stdout.on("resize", listener);
      return () => stdout.off("resize", listener);
    },
  };
}
