/** The log of a prebuild: its end for a run that has failed, or all of it as it comes. Text only, each line once, and never a reason for a run to fail. */
import type { Clock } from "../../util/clock.js";
import { messageOf } from "../../lifecycle/failures.js";
import { pollInterval, startDeadline } from "../../lifecycle/wait.js";
import { LogAccess, type LogContext, logRetryDelay } from "./access.js";
import { LogLines } from "./lines.js";
import { type ReadingKind, SaidLines } from "./dedupe.js";

export type { LogContext } from "./access.js";

/** The end of a log. */
export interface LogTail {
  /** The last lines, oldest first; 200 at most. */
  readonly lines: readonly string[];
  /** How many lines there are before them. */
  readonly omitted: number;
}

/** A log that is being followed. */
export interface LogFollower {
  /** The run was seen again; its log is at this address now, if it has one. Starts or moves the reading. */
  seen(logUrl: string | undefined): void;
  /** The run has ended: reads what is left (live or archived) for 30 s at most and resolves; never rejects. `signal` ends it sooner. */
  finish(logUrl: string | undefined, signal: AbortSignal): Promise<void>;
  /** Stops at once. */
  stop(): void;
}

/** The lines of a {@link LogTail}. */
const mostTailLines = 200;
/** How long a tail may take, in milliseconds; what was read by then is the tail of a log that does not end. */
const tailLimit = 60_000;
/** The lines that are said of one log; a run that logs more is not followed to its end. */
const mostLines = 200_000;
/** The waits before the log of a run that has ended is tried again, in milliseconds: the archive may take a moment to appear. */
const archiveDelays = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** How long a live log may go on after its run has ended, before the archive is asked, in milliseconds. */
const liveGrace = 3_000;
/** How long the end of a log may take in all, in milliseconds. */
const finishLimit = 30_000;
/** How long a log may be away before that is worth a warning, in milliseconds. */
const longestSilence = 60_000;

/**
 * The end of the log of a run that has ended.
 * @param signal ends the reading
 * @returns no lines where the prebuild has no log
 * @throws OnaError when the log cannot be read, after a few tries where it may appear yet
 */
export async function readTail(
  context: LogContext,
  prebuild: { readonly id: string; readonly logUrl?: string | undefined },
  signal: AbortSignal,
): Promise<LogTail> {
  const { id, logUrl } = prebuild;
  if (logUrl === undefined) return { lines: [], omitted: 0 };
  const access = new LogAccess(context, id);
  const deadline = startDeadline(context.clock, tailLimit);
  const stop = AbortSignal.any([signal, deadline.signal]);
  try {
    return await untilArchived(context.clock, stop, async () => {
      const lines = new LogLines((text) => access.hide(text));
      const tail = new Tail();
      try {
        for await (const piece of access.read(logUrl, stop)) for (const line of lines.push(piece)) tail.add(line);
      } catch (error) {
        if (!deadline.passed() || signal.aborted || tail.count === 0) throw error;
      }
      const rest = lines.rest();
      if (rest !== undefined) tail.add(rest);
      return tail.result();
    });
  } finally {
    deadline.end();
  }
}

/**
 * Follows the log of a run from its beginning and says each line once.
 * @param say hears a line
 * @param warn hears why the log, or the end of it, is not shown; seldom, and each reason once
 */
export function followLog(
  context: LogContext,
  id: string,
  say: (line: string) => void,
  warn: (line: string) => void,
): LogFollower {
  return new Follower(context, id, say, warn);
}

class Follower implements LogFollower {
  readonly #clock: Clock;
  readonly #access: LogAccess;
  readonly #say: (line: string) => void;
  readonly #warn: (line: string) => void;
  readonly #said = new SaidLines(mostLines);
  readonly #warned = new Set<string>();
  /** Aborted when nothing may be said any more. */
  readonly #stopped = new AbortController();
  /** Aborted when the run has ended: what is read then goes on for a moment, and no other reading begins. */
  readonly #ended = new AbortController();
  /** Aborted when the log is elsewhere. */
  #moved = new AbortController();
  #first: string | undefined;
  #address: string | undefined;
  #following: Promise<void> | undefined;

  constructor(context: LogContext, id: string, say: (line: string) => void, warn: (line: string) => void) {
    this.#clock = context.clock;
    this.#access = new LogAccess(context, id);
    this.#say = say;
    this.#warn = warn;
  }

  seen(logUrl: string | undefined): void {
    if (logUrl === undefined || logUrl === this.#address || this.#ended.signal.aborted) return;
    this.#first ??= logUrl;
    this.#address = logUrl;
    this.#moved.abort();
    this.#moved = new AbortController();
    this.#following ??= this.#follow();
  }

  async finish(logUrl: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    const deadline = startDeadline(this.#clock, finishLimit);
    const end = AbortSignal.any([this.#stopped.signal, signal, deadline.signal]);
    const grace = new AbortController();
    const graceOver = this.#clock.sleep(liveGrace, AbortSignal.any([end, grace.signal])).catch(() => undefined);
    await Promise.race([this.#following, graceOver]);
    grace.abort();
    this.#moved.abort();
    await this.#following;
    const address = logUrl ?? this.#address;
    if (address !== undefined && !this.#said.full && !end.aborted) {
      await untilArchived(this.#clock, end, () => this.#read(address, "whole", end)).catch((error: unknown) => {
        if (!signal.aborted) this.#warnOnce("could not read the end of the log", error);
      });
    }
    deadline.end();
    const leftover = this.#said.takeLeftover();
    if (leftover !== undefined && !this.#stopped.signal.aborted) this.#say(leftover);
  }

  stop(): void {
    this.#ended.abort();
    this.#stopped.abort();
  }

  /** Reads again and again, until the run has ended. */
  async #follow(): Promise<void> {
    let failing: { readonly since: number; tries: number } | undefined;
    for (let poll = 0; !this.#ended.signal.aborted; poll++) {
      const { signal: moved } = this.#moved;
      const address = this.#address ?? "";
      const before = this.#said.count;
      let pause: number | undefined = pollInterval(poll);
      try {
        // The first address is the live log's. Another one is the archive's, which has everything.
        const kind = address === this.#first ? "unknown" : "whole";
        await this.#read(address, kind, AbortSignal.any([this.#stopped.signal, moved]));
        failing = undefined;
      } catch (error) {
        if (moved.aborted || this.#stopped.signal.aborted) continue;
        if (failing === undefined || this.#said.count > before) failing = { since: this.#clock.monotonic(), tries: 0 };
        pause = logRetryDelay(error, pollInterval(failing.tries++));
        if (pause === undefined) this.#warnOnce("could not read the log; the run continues", error);
        else if (this.#clock.monotonic() - failing.since >= longestSilence)
          this.#warnOnce("could not read the log; retrying while the run continues", error);
      }
      await this.#pause(pause, AbortSignal.any([this.#ended.signal, moved]));
    }
  }

  /** Lets time pass; without a limit where nothing but a change helps. */
  async #pause(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
    if (milliseconds !== undefined) return this.#clock.sleep(milliseconds, signal).catch(() => undefined);
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  /** Reads the log by one answer and says what is new. */
  async #read(address: string, kind: ReadingKind, signal: AbortSignal): Promise<void> {
    const lines = new LogLines((text) => this.#access.hide(text));
    const reading = this.#said.startReading(kind);
    try {
      for await (const piece of this.#access.read(address, signal)) {
        for (const line of lines.push(piece)) {
          if (signal.aborted) return;
          for (const due of reading.take(line)) this.#say(due);
          if (this.#said.full) throw new Error(`it has more than ${mostLines} lines`);
        }
      }
    } finally {
      reading.end(lines.rest());
    }
  }

  #warnOnce(what: string, error: unknown): void {
    const reason = messageOf(error);
    if (this.#stopped.signal.aborted || this.#warned.has(reason)) return;
    this.#warned.add(reason);
    this.#warn(`${what}: ${reason}`);
  }
}

/** Reads the log of a run that has ended; a few times where it may appear, or its server come back, in a moment. */
async function untilArchived<T>(clock: Clock, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  for (const delay of archiveDelays) {
    try {
      return await read();
    } catch (error) {
      const wait = signal.aborted ? undefined : logRetryDelay(error, delay);
      if (wait === undefined) throw error;
      // Stopped while waiting: the last answer says more than the fact that we stopped.
      await clock.sleep(wait, signal).catch(() => {
        throw error;
      });
    }
  }
  return read();
}

/** The last lines of many. */
class Tail {
  #lines: string[] = [];
  count = 0;

  add(line: string): void {
    this.count++;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * mostTailLines) this.#lines = this.#lines.slice(-mostTailLines);
  }

  result(): LogTail {
    const lines = this.#lines.slice(-mostTailLines);
    return { lines, omitted: this.count - lines.length };
  }
}
