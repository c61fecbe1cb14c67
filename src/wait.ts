/**
 * Waiting until something remote has reached a state: observe, decide, report.
 *
 * `observe` asks, `decide` is a pure function of what was seen, `report` hears about it when something changed and at least every 30 s. Every wait has a deadline.
 */
import type { Clock } from "./clock.js";
import { formatDuration } from "./duration.js";

/** What {@link Wait.decide} makes of an observation. */
export type Decision<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** `status` says for people what is being waited for; a changed text is reported at once. */
  | { readonly kind: "wait"; readonly status: string };

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
  /** Milliseconds after which the wait fails with {@link WaitTimeoutError}. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Ends the wait from outside. */
  readonly signal: AbortSignal;
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

/** The milliseconds before the poll with the given number, counted from 0: 1 s, then × 1.5 up to 10 s. */
export function pollInterval(poll: number): number {
  return Math.min(firstInterval * 1.5 ** poll, longestInterval);
}

/**
 * Polls until `decide` is done.
 * @throws WaitTimeoutError at the deadline; whatever `decide` throws; errors of `observe` that are not tolerated, or that go on for two minutes
 */
export async function waitFor<Seen, Result>(wait: Wait<Seen, Result>): Promise<Result> {
  const { clock, timeout } = wait;
  const start = clock.monotonic();
  const elapsed = () => clock.monotonic() - start;
  const deadline = startDeadline(clock, timeout, wait.signal);
  const reporter = createReporter(wait.report.bind(wait), elapsed);
  let status = "nothing seen yet";
  let failingSince: number | undefined;

  const judge = (seen: Seen, nextPoll: number): Decision<Result> => {
    failingSince = undefined;
    const decision = wait.decide(seen, elapsed());
    if (decision.kind === "wait") {
      status = decision.status;
      reporter.say(status, nextPoll);
    }
    return decision;
  };

  try {
    let poll = 0;
    if (wait.first !== undefined) {
      const decision = judge(wait.first, pollInterval(0));
      if (decision.kind === "done") return decision.result;
      await clock.sleep(pollInterval(poll++), deadline.signal);
    }
    for (; ; poll++) {
      try {
        const decision = judge(await wait.observe(deadline.signal), pollInterval(poll));
        if (decision.kind === "done") return decision.result;
      } catch (error) {
        if (deadline.signal.aborted || !wait.tolerate(error)) throw error;
        failingSince ??= elapsed();
        if (elapsed() - failingSince >= longestOutage) throw error;
        status = `${error instanceof Error ? error.message : String(error)}; asking again`;
        reporter.say(status, pollInterval(poll));
      }
      await clock.sleep(pollInterval(poll), deadline.signal);
    }
  } catch (error) {
    if (deadline.passed()) throw new WaitTimeoutError(timeout, status);
    throw error;
  } finally {
    deadline.end();
  }
}

/** A limit in time for several calls and waits. */
export interface Deadline {
  /** Aborted at the deadline, or when the outer signal is. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left; 0 at the least. */
  rest(): number;
  /** Whether the time has run out. */
  passed(): boolean;
  /** Lets go of the timer. */
  end(): void;
}

/** Starts a limit of `milliseconds`. */
export function startDeadline(clock: Clock, milliseconds: number, outer?: AbortSignal): Deadline {
  const end = clock.monotonic() + milliseconds;
  const ended = new AbortController();
  const over = new AbortController();
  clock.sleep(milliseconds, ended.signal).then(
    () => over.abort(),
    () => undefined,
  );
  return {
    signal: outer ? AbortSignal.any([outer, over.signal]) : over.signal,
    rest: () => Math.max(0, end - clock.monotonic()),
    passed: () => over.signal.aborted,
    end: () => ended.abort(),
  };
}

/** Says a status when it is new, and otherwise before 30 s have passed in silence. */
function createReporter(
  report: (line: string) => void,
  elapsed: () => number,
): { say(status: string, nextPoll: number): void } {
  let last: { status: string; at: number } | undefined;
  return {
    say(status, nextPoll) {
      const now = elapsed();
      if (last?.status === status && now - last.at + nextPoll <= reportEvery) return;
      last = { status, at: now };
      report(`${status} (${formatDuration(now)})`);
    },
  };
}
