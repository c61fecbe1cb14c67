/**
 * Reads the log of a prebuild: its end after a run has failed, or all of it as it is written. A log that can't be read
 * never fails a run.
 */
import type { Clock } from "../../util/clock.js";
import { messageOf } from "../../lifecycle/failures.js";
import type { Hide } from "../../util/text.js";
import { orAborted, pollInterval, startDeadline, withDeadline } from "../../lifecycle/wait.js";
import { LogAccess, type LogContext, logRetryDelay } from "./access.js";
import { LogLines } from "./lines.js";
import { type ReadingKind, ShownLines } from "./dedupe.js";

/** How many of the last lines of a log are shown. */
const maxTailLines = 200;
/** How long reading a tail may take. What was read by then is the tail of a log that doesn't end. */
const tailTimeoutMs = 60_000;
/** How many lines of a log are shown. */
const maxLines = 200_000;
/** The delays before the log of a run that has ended is read again: the archive may appear late. */
const archiveDelaysMs = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** How long a live log may continue after its run has ended, before the archive is read. */
const liveGraceMs = 3_000;
/** How long reading the rest of a log may take. */
const finishTimeoutMs = 30_000;
/** How long a log may be unavailable before a warning. */
const maxOutageMs = 60_000;

/**
 * Reads the last lines of the log of a run that has ended, oldest first, and counts the lines before them.
 * @throws OnaError when the log can't be read, after a few tries if it may still appear
 */
export async function readTail(
  context: LogContext,
  prebuild: { readonly id: string; readonly logUrl?: string | undefined },
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly omitted: number }> {
  const { id, logUrl } = prebuild;
  if (logUrl === undefined) return { lines: [], omitted: 0 };
  const access = new LogAccess(context, id);
  return withDeadline(context.clock, tailTimeoutMs, async (deadline) => {
    const stop = AbortSignal.any([signal, deadline.signal]);
    return untilArchived(context.clock, stop, async () => {
      const lines = new LogLines((text) => context.client.hideSecrets(text));
      const tail: string[] = [];
      let count = 0;
      const add = (line: string) => {
        count++;
        if (tail.push(line) > maxTailLines) tail.shift();
      };
      try {
        for await (const chunk of access.read(logUrl, stop)) for (const line of lines.push(chunk)) add(line);
      } catch (error) {
        if (!deadline.passed() || signal.aborted || count === 0) throw error;
      }
      const rest = lines.rest();
      if (rest !== undefined) add(rest);
      return { lines: tail, omitted: count - tail.length };
    });
  });
}

/** Follows the log of a run from its first line and shows each line once. */
export class LogFollower {
  readonly #clock: Clock;
  readonly #access: LogAccess;
  readonly #hide: Hide;
  readonly #show: (line: string) => void;
  readonly #warn: (line: string) => void;
  readonly #shown = new ShownLines(maxLines);
  readonly #warned = new Set<string>();
  /** Aborted when nothing may be shown any more. */
  readonly #stopped = new AbortController();
  /** Aborted when the run has ended: the current reading continues for a moment, and no new one starts. */
  readonly #ended = new AbortController();
  /** Aborted when the log has moved. */
  #moved = new AbortController();
  #first: string | undefined;
  #address: string | undefined;
  #following: Promise<void> | undefined;

  /** @param warn called, once for each reason, when the log or the end of it can't be shown */
  constructor(context: LogContext, id: string, show: (line: string) => void, warn: (line: string) => void) {
    this.#clock = context.clock;
    this.#access = new LogAccess(context, id);
    this.#hide = (text) => context.client.hideSecrets(text);
    this.#show = show;
    this.#warn = warn;
  }

  /** Starts to read the log at this address, or moves there. */
  seen(logUrl: string | undefined): void {
    if (logUrl === undefined || logUrl === this.#address || this.#ended.signal.aborted) return;
    this.#first ??= logUrl;
    this.#address = logUrl;
    this.#moved.abort();
    this.#moved = new AbortController();
    this.#following ??= this.#follow();
  }

  /** Reads the rest of the log of a run that has ended, live or archived, for up to 30 s. Never rejects. */
  async finish(logUrl: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    const deadline = startDeadline(this.#clock, finishTimeoutMs);
    const end = AbortSignal.any([this.#stopped.signal, signal, deadline.signal]);
    const grace = new AbortController();
    const graceOver = this.#clock.sleep(liveGraceMs, AbortSignal.any([end, grace.signal])).catch(() => undefined);
    await Promise.race([this.#following, graceOver]);
    grace.abort();
    this.#moved.abort();
    await this.#following;
    const address = logUrl ?? this.#address;
    if (address !== undefined && !this.#shown.full && !end.aborted) {
      await untilArchived(this.#clock, end, () => this.#read(address, "whole", end)).catch((error: unknown) => {
        if (!signal.aborted) this.#warnOnce("could not read the end of the log", error);
      });
    }
    deadline.end();
    const leftover = this.#shown.takeLeftover();
    if (leftover !== undefined && !this.#stopped.signal.aborted) this.#show(leftover);
  }

  /** Stops at once. */
  stop(): void {
    this.#ended.abort();
    this.#stopped.abort();
  }

  /** Reads repeatedly until the run has ended. */
  async #follow(): Promise<void> {
    let failing: { readonly since: number; tries: number } | undefined;
    for (let poll = 0; !this.#ended.signal.aborted; poll++) {
      const { signal: moved } = this.#moved;
      const address = this.#address ?? "";
      const before = this.#shown.count;
      let pause: number | undefined = pollInterval(poll);
      try {
        // The first address is the live log. Another address is the archive, which has every line.
        const kind = address === this.#first ? "unknown" : "whole";
        await this.#read(address, kind, AbortSignal.any([this.#stopped.signal, moved]));
        failing = undefined;
      } catch (error) {
        if (moved.aborted || this.#stopped.signal.aborted) continue;
        if (failing === undefined || this.#shown.count > before) failing = { since: this.#clock.monotonic(), tries: 0 };
        pause = logRetryDelay(error, pollInterval(failing.tries++));
        if (pause === undefined) this.#warnOnce("could not read the log; the run continues", error);
        else if (this.#clock.monotonic() - failing.since >= maxOutageMs)
          this.#warnOnce("could not read the log; retrying while the run continues", error);
      }
      const changed = AbortSignal.any([this.#ended.signal, moved]);
      // Without a pause only a change helps. A shared promise that never settles would keep each race in memory.
      const never = () => new Promise<void>(() => undefined);
      const over = pause === undefined ? orAborted(never(), changed) : this.#clock.sleep(pause, changed);
      await over.catch(() => undefined);
    }
  }

  /** Reads the log once and shows what is new. */
  async #read(address: string, kind: ReadingKind, signal: AbortSignal): Promise<void> {
    const lines = new LogLines(this.#hide);
    const reading = this.#shown.startReading(kind);
    try {
      for await (const chunk of this.#access.read(address, signal)) {
        for (const line of lines.push(chunk)) {
          if (signal.aborted) return;
          for (const shown of reading.take(line)) this.#show(shown);
          if (this.#shown.full) throw new Error(`it has more than ${maxLines} lines`);
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

/** Reads the log of a run that has ended, and repeats that if the log or its server may appear soon. */
async function untilArchived<T>(clock: Clock, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  for (const delay of archiveDelaysMs) {
    try {
      return await read();
    } catch (error) {
      const wait = signal.aborted ? undefined : logRetryDelay(error, delay);
      if (wait === undefined) throw error;
      // The last error says more than the end of the pause.
      await clock.sleep(wait, signal).catch(() => {
        throw error;
      });
    }
  }
  return read();
}
