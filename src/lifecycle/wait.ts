/**
 * Waits until a remote object has reached a state: observe, decide, report changes and at least every 30 s. Every wait
 * has a deadline.
 */
import { isTransient } from "../client/index.js";
import { type Clock, startTimer } from "../util/clock.js";
import { formatDuration } from "../util/duration.js";
import { messageOf } from "./failures.js";

/** What {@link Wait.decide} makes of an observation. */
export type Decision<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** A new `status` is reported at once. A new `stage` lets polls start again at 1 s: no short stage is missed. */
  | { readonly kind: "wait"; readonly status: string; readonly stage?: string };

export interface Wait<Seen, Result> {
  /** Reads the remote object. Transient errors are retried for up to 2 minutes. */
  observe(signal: AbortSignal): Promise<Seen>;
  /** Decides what an observation means; throws to end the wait with a failure. */
  decide(seen: Seen, elapsedMs: number): Decision<Result>;
  report(line: string): void;
  /** What was seen already: the first read then comes after the first poll interval. */
  readonly first?: Seen;
  /** When the wait fails with {@link WaitTimeoutError}. Its signal also ends the wait from outside. */
  readonly deadline: Deadline;
  readonly clock: Clock;
}

export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  constructor(
    readonly timeoutMs: number,
    readonly status: string,
  ) {
    super(`not finished within ${formatDuration(timeoutMs)}: ${status}`);
  }
}

const minPollMs = 1_000;
const maxPollMs = 10_000;
const maxSilenceMs = 30_000;
/** How long `observe` may fail without a success in between, from the first failure. */
const maxOutageMs = 120_000;

/** The milliseconds before the poll with the given number, counted from 0: 1 s, then × 1.5 up to 10 s. */
export function pollInterval(poll: number): number {
  return Math.min(minPollMs * 1.5 ** poll, maxPollMs);
}

/**
 * Polls until `decide` is done.
 * @throws WaitTimeoutError at the deadline; whatever `decide` throws; errors of `observe` that aren't transient or last
 *   for 2 minutes
 */
export async function waitFor<Seen, Result>(wait: Wait<Seen, Result>): Promise<Result> {
  const { clock, deadline } = wait;
  const start = clock.monotonic();
  const elapsed = () => clock.monotonic() - start;
  const status = startStatus(clock, (line) => wait.report(`${line} (${formatDuration(elapsed())})`));

  let poll = 0;
  let stage: string | undefined;
  const decide = (seen: Seen): Decision<Result> => {
    const decision = wait.decide(seen, elapsed());
    if (decision.kind === "wait") {
      status.set(decision.status);
      if (decision.stage !== stage) poll = 0;
      stage = decision.stage;
    }
    return decision;
  };

  try {
    if (wait.first !== undefined) {
      const decision = decide(wait.first);
      if (decision.kind === "done") return decision.result;
      await clock.sleep(pollInterval(poll++), deadline.signal);
    }
    let failingSince: number | undefined;
    for (; ; poll++) {
      try {
        const seen = await wait.observe(deadline.signal);
        failingSince = undefined;
        const decision = decide(seen);
        if (decision.kind === "done") return decision.result;
      } catch (error) {
        if (deadline.signal.aborted || !isTransient(error)) throw error;
        failingSince ??= elapsed();
        if (elapsed() - failingSince >= maxOutageMs) throw error;
        status.set(`${messageOf(error)}; trying again`);
      }
      const [pauseMs, pausedAt] = [pollInterval(poll), elapsed()];
      await clock.sleep(pauseMs, deadline.signal);
      // A machine that was suspended meanwhile has seen no outage.
      if (failingSince !== undefined) failingSince += Math.max(0, elapsed() - pausedAt - pauseMs);
    }
  } catch (error) {
    if (deadline.passed()) throw new WaitTimeoutError(deadline.limit, status.get());
    throw error;
  } finally {
    status.end();
  }
}

/** Waits for work that can't be stopped, or until the signal is aborted: throws its reason then. */
export async function orAborted<T>(work: Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { signal: settled.signal });
  });
  return Promise.race([work, aborted]).finally(() => settled.abort());
}

/** A common timeout of several calls and waits. */
export interface Deadline {
  /** The whole timeout in milliseconds. */
  readonly limit: number;
  /** Aborted at the deadline, or when an outer signal is. */
  readonly signal: AbortSignal;
  /** Whether the timeout has expired. */
  passed(): boolean;
  end(): void;
}

/**
 * Starts a timeout.
 * @param interrupt also aborts the deadline's signal
 */
export function startDeadline(clock: Clock, timeoutMs: number, interrupt?: AbortSignal): Deadline {
  const expired = new AbortController();
  const end = startTimer(clock, timeoutMs, () =>
    expired.abort(new Error(`the timeout of ${formatDuration(timeoutMs)} expired`)),
  );
  const signal = interrupt === undefined ? expired.signal : AbortSignal.any([expired.signal, interrupt]);
  return { limit: timeoutMs, signal, passed: () => expired.signal.aborted, end };
}

/** Runs calls and waits with a common timeout. */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  run: (deadline: Deadline) => Promise<T>,
  interrupt?: AbortSignal,
): Promise<T> {
  const deadline = startDeadline(clock, timeoutMs, interrupt);
  try {
    return await run(deadline);
  } finally {
    deadline.end();
  }
}

/** Reports a status when it changes, and again after 30 s of silence, even while a read has no response. */
function startStatus(clock: Clock, report: (status: string) => void) {
  const ended = new AbortController();
  let status = "no response yet";
  let reportedAt = clock.monotonic();
  const show = () => {
    reportedAt = clock.monotonic();
    report(status);
  };
  const breakSilence = async (): Promise<never> => {
    for (;;) {
      await clock.sleep(reportedAt + maxSilenceMs - clock.monotonic(), ended.signal);
      if (clock.monotonic() - reportedAt >= maxSilenceMs) show();
    }
  };
  breakSilence().catch(() => undefined);
  return {
    get: () => status,
    set(now: string) {
      if (now === status) return;
      status = now;
      show();
    },
    end: () => ended.abort(),
  };
}
