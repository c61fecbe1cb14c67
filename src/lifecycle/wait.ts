/**
 * Waiting until something remote has reached a state: observe, decide, report.
 *
 * `observe` asks, `decide` is a pure function of what was seen, `report` hears about it when something changed and at least every 30 s. Every wait has a deadline.
 */
import type { Clock } from "../util/clock.js";
import { formatDuration } from "../util/duration.js";
import { messageOf } from "./failures.js";

/** What {@link Wait.decide} makes of an observation. */
export type Decision<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /**
   * `status` says for people what is being waited for; a changed text is reported at once. With another `stage` than before, polls are quick again: a short one is not missed, and the
   * end of it not overshot by much.
   */
  | { readonly kind: "wait"; readonly status: string; readonly stage?: string };

/** A wait. */
export interface Wait<Seen, Result> {
  /** Looks at the remote object. Errors that {@link Wait.tolerate} accepts are borne for a while. */
  observe(signal: AbortSignal): Promise<Seen>;
  /**
   * Decides what an observation means; throws to end the wait with a failure.
   * @param elapsed milliseconds since the wait began
   */
  decide(seen: Seen, elapsed: number): Decision<Result>;
  /** Hears a line for people. */
  report(line: string): void;
  /** Whether an error of `observe` may pass by itself. */
  tolerate(error: unknown): boolean;
  /** What has been seen already, so that the first look can wait for one poll interval. */
  readonly first?: Seen;
  /** When the wait fails with {@link WaitTimeoutError}; its signal also ends the wait from outside. */
  readonly deadline: Deadline;
  readonly clock: Clock;
}

/** The deadline of a wait passed. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  constructor(
    readonly timeout: number,
    readonly status: string,
  ) {
    super(`not finished within ${formatDuration(timeout)}: ${status}`);
  }
}

const firstInterval = 1_000;
const longestInterval = 10_000;
const reportEvery = 30_000;
/** How long `observe` may fail without a success in between. */
const longestOutage = 120_000;

/**
 * How long an object that the API has just made may be unknown to it, in milliseconds: an answer may come from a copy that does not have it yet, and an object must not be dropped for
 * that. Once it was seen, `not_found` means what it says.
 */
export const visibilityPatience = 10_000;

/** The milliseconds before the poll with the given number, counted from 0: 1 s, then × 1.5 up to 10 s. */
export function pollInterval(poll: number): number {
  return Math.min(firstInterval * 1.5 ** poll, longestInterval);
}

/**
 * Polls until `decide` is done.
 * @throws WaitTimeoutError at the deadline; whatever `decide` throws; errors of `observe` that are not tolerated, or that go on for two minutes
 */
export async function waitFor<Seen, Result>(wait: Wait<Seen, Result>): Promise<Result> {
  const { clock, deadline } = wait;
  const start = clock.monotonic();
  const elapsed = () => clock.monotonic() - start;
  const reporter = startReporter(clock, (status) => wait.report(`${status} (${formatDuration(elapsed())})`));

  let poll = 0;
  let stage: string | undefined;
  const judge = (seen: Seen): Decision<Result> => {
    const decision = wait.decide(seen, elapsed());
    if (decision.kind === "done") return decision;
    reporter.say(decision.status);
    if (decision.stage !== stage) poll = 0;
    stage = decision.stage;
    return decision;
  };

  try {
    if (wait.first !== undefined) {
      const decision = judge(wait.first);
      if (decision.kind === "done") return decision.result;
      await clock.sleep(pollInterval(poll++), deadline.signal);
    }
    let failingSince: number | undefined;
    for (; ; poll++) {
      const askedAt = elapsed();
      try {
        const seen = await wait.observe(deadline.signal);
        failingSince = undefined;
        const decision = judge(seen);
        if (decision.kind === "done") return decision.result;
      } catch (error) {
        if (deadline.signal.aborted || !wait.tolerate(error)) throw error;
        failingSince ??= askedAt;
        if (elapsed() - failingSince >= longestOutage) throw error;
        reporter.say(`${messageOf(error)}; asking again`);
      }
      await clock.sleep(pollInterval(poll), deadline.signal);
    }
  } catch (error) {
    if (deadline.passed()) throw new WaitTimeoutError(deadline.limit, reporter.status());
    throw error;
  } finally {
    reporter.end();
  }
}

/** Waits for work that can't be stopped, or until the signal is aborted: throws its reason then. */
export async function orAborted<T>(work: Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", abort);
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

/** A limit in time for several calls and waits. */
export interface Deadline {
  /** Milliseconds in all. */
  readonly limit: number;
  /** Aborted at the deadline, or when the outer signal is. */
  readonly signal: AbortSignal;
  /** Whether the time has run out. */
  passed(): boolean;
  /** Lets go of the timer. */
  end(): void;
}

/** Starts a limit of `milliseconds`. */
export function startDeadline(clock: Clock, milliseconds: number): Deadline {
  const ended = new AbortController();
  const over = new AbortController();
  clock.sleep(milliseconds, ended.signal).then(
    () => over.abort(new Error(`the limit of ${formatDuration(milliseconds)} has passed`)),
    () => undefined,
  );
  return {
    limit: milliseconds,
    signal: over.signal,
    passed: () => over.signal.aborted,
    end: () => ended.abort(),
  };
}

/** Runs calls and waits with a common timeout of `milliseconds`. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  run: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(clock, milliseconds);
  try {
    return await run(deadline);
  } finally {
    deadline.end();
  }
}

interface Reporter {
  /** Takes note of a status, and reports it if it is new. */
  say(status: string): void;
  /** The last status. */
  status(): string;
  end(): void;
}

/** Reports a status when it is new, and again after 30 s of silence, even while an answer is outstanding. */
function startReporter(clock: Clock, report: (status: string) => void): Reporter {
  const ended = new AbortController();
  let status = "no answer yet";
  let reportedAt = clock.monotonic();
  const speak = () => {
    reportedAt = clock.monotonic();
    report(status);
  };
  const breakSilence = async (): Promise<never> => {
    for (;;) {
      await clock.sleep(reportedAt + reportEvery - clock.monotonic(), ended.signal);
      if (clock.monotonic() - reportedAt >= reportEvery) speak();
    }
  };
  breakSilence().catch(() => undefined);
  return {
    say(now) {
      if (now === status) return;
      status = now;
      speak();
    },
    status: () => status,
    end: () => ended.abort(),
  };
}
