/** Watches an object until it is in the requested phase. On a failure, returns the last version that was read. */
import { OnaError } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { describeObject } from "../util/text.js";
import type { LifecycleContext } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import { adviceToRecreate } from "./messages.js";
import { type Deadline, type Decision, waitFor, WaitTimeoutError } from "./wait.js";

/** How long a new object may be `not_found`, because a replica may lag behind. Once it was seen, that means gone. */
const visibilityTimeoutMs = 10_000;

/** Someone deleted the object during the wait. */
export class DeletedMeanwhile extends ResourceFailure {
  override readonly name = "DeletedMeanwhile";
  /** @param isGone whether it is gone, and not only being deleted */
  constructor(
    message: string,
    readonly isGone: boolean,
  ) {
    super(message);
  }
}

/** The failure for an object in one of the phases of a deletion; undefined in all other phases. */
export function deletedMeanwhile(kind: string, id: string, phase: string): DeletedMeanwhile | undefined {
  if (phase !== "DELETING" && phase !== "DELETED") return undefined;
  return new DeletedMeanwhile(
    `${describeObject(kind, id)} is ${phase}: it was deleted during the wait`,
    phase === "DELETED",
  );
}

/**
 * Describes why the wait for an object ended, if not because of the object.
 * @param wait what it should do, what it is, what happens next, and the option with which nothing waits for it
 */
export function describeWaitFailure(
  which: string,
  error: unknown,
  wait: { readonly goal: string; readonly now: string; readonly next: string; readonly option: string },
): string {
  const { goal, now, next, option } = wait;
  if (error instanceof WaitTimeoutError) {
    const limit = `${formatDuration(error.timeoutMs)} (${error.status})`;
    return `${which} did not ${goal} within ${limit}. ${next} Raise \`customTimeouts\`, or set \`${option}: false\`.`;
  }
  const why = error instanceof OnaError ? `waiting for it failed: ${error.message}` : "the wait was interrupted";
  return `${which} ${now}, but ${why}. ${next}`;
}

export interface Watch<Seen, Result> {
  readonly kind: string;
  /** The object as the API last described it. */
  readonly first: Seen;
  /** Whether it was created just now. */
  readonly isNew: boolean;
  /** Reads the object; undefined if the API answers `not_found`. */
  readonly poll: (signal: AbortSignal) => Promise<Seen | undefined>;
  /** Decides whether the wait is over; throws to end it with a failure. */
  readonly decide: (seen: Seen, elapsedMs: number) => Decision<Result>;
  /** Called with each version of the object that the API returns. */
  readonly onSeen?: (seen: Seen) => void;
  readonly deadline: Deadline;
}

type WatchOutcome<Seen, Result> =
  { readonly latest: Seen; readonly result: Result } | { readonly latest: Seen; readonly error: unknown };

/**
 * Watches an object.
 * @throws ResourceFailure if it is gone: it must not stay in state
 */
export async function watch<Seen extends { readonly id: string }, Result>(
  context: LifecycleContext,
  { kind, first, isNew, poll, decide, onSeen, deadline }: Watch<Seen, Result>,
): Promise<WatchOutcome<Seen, Result>> {
  const { clock } = context;
  const { id } = first;
  let latest = first;
  let invisibleUntil = isNew ? clock.monotonic() + visibilityTimeoutMs : -Infinity;
  try {
    const result = await waitFor({
      first,
      async observe(signal) {
        const seen = await poll(signal);
        if (seen === undefined) {
          if (clock.monotonic() < invisibleUntil) return latest;
          throw new DeletedMeanwhile(`${describeObject(kind, id)} was deleted during the wait`, true);
        }
        invisibleUntil = -Infinity;
        latest = seen;
        onSeen?.(seen);
        return seen;
      },
      decide,
      report: (line) => context.progress(line, id),
      deadline,
      clock,
    });
    return { latest, result };
  } catch (error) {
    if (error instanceof DeletedMeanwhile && error.isGone)
      throw new ResourceFailure(`${error.message}. ${adviceToRecreate}`);
    return { latest, error };
  }
}
