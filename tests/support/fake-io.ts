/** A process for a command, controlled by the test: it records output and sends Ctrl+C on request. */
import { type Clock, systemClock } from "../../src/util/clock.js";
import type { Io, Screen } from "../../src/cli/terminal.js";
import { run } from "../../src/cli/program.js";

export interface FakeIo extends Io {
  readonly stdout: string;
  readonly stderr: string;
  /** Ctrl+C. */
  interrupt(): void;
  /** Changes the size of the terminal. */
  resize(columns: number, rows: number): void;
}

/** What a test sets. */
export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly clock?: Clock;
  /** The terminal's size. Default: standard output is not a terminal. */
  readonly terminal?: readonly [columns: number, rows: number];
}

export function fakeIo({ env = {}, stdin = "", clock = systemClock, terminal }: FakeIoOptions = {}): FakeIo {
  const written = { out: "", err: "" };
  const ended = new AbortController();
  const listeners = new Set<() => void>();
  let size = terminal;
  return {
    env,
    clock,
    get screen(): Screen | undefined {
      if (size === undefined) return undefined;
      const [columns, rows] = size;
      const onResize = (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      };
      return { columns, rows, onResize };
    },
    get stdout() {
      return written.out;
    },
    get stderr() {
      return written.err;
    },
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    readStdin: async () => stdin,
    interruption: () => ended.signal,
    interrupt: () => ended.abort(),
    resize(columns, rows) {
      size = [columns, rows];
      for (const listener of listeners) listener();
    },
  };
}

/** Runs a command line. */
export async function pulumiOna(args: readonly string[], options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const exitStatus = await run(args, io);
  return { exitStatus, stdout: io.stdout, stderr: io.stderr };
}
