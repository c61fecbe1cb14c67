/** Single steps with a prebuild at the API, from which its lifecycle is made. */
import type { BulkReads } from "../batched-reads/batched-reads.js";
import {
  isOutcomeUnknown,
  isTransient,
  OnaError,
  type OnaClient,
  type PrebuildMessage,
  ignoreNotFound,
} from "../client/index.js";
import type { LifecycleContext } from "../lifecycle/contract.js";
import { waitUntilGone } from "../lifecycle/deletion.js";
import { type Deadline, pollInterval, waitFor } from "../lifecycle/wait.js";
import type { Wanted } from "../batched-reads/write-fence.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { Ownership } from "./lost-runs.js";
import { decideEnded, decideGone, obstacleOf } from "./phases.js";
import { detailsOf } from "./state.js";

/** What the lifecycle works with. */
export interface PrebuildContext extends LifecycleContext {
  readonly client: Pick<
    OnaClient,
    | "createPrebuild"
    | "getPrebuild"
    | "cancelPrebuild"
    | "deletePrebuild"
    | "listPrebuilds"
    | "createPrebuildLogsToken"
    | "readPrebuildLog"
    | "serverTimeAt"
  >;
  /** Reads and looks of many resources at once, which share Lists. */
  readonly prebuilds: Pick<BulkReads<PrebuildMessage>, "read" | "poll" | "note">;
  /** Shows a line of a prebuild's log. */
  readonly log: (line: string, id?: string) => void;
  /** What this process has started. */
  readonly ownership: Ownership;
}

/** How often a run is cancelled once more at most. */
const mostRecancels = 5;

/**
 * The prebuild as it is at this very moment, or undefined where the API says `not_found`.
 * @param urgent whether there is no time to wait for a rate limit that another call met
 */
export async function getPrebuild(
  context: PrebuildContext,
  id: string,
  signal?: AbortSignal,
  urgent = false,
): Promise<PrebuildDetails | undefined> {
  return ignoreNotFound(context.client.getPrebuild(id, { signal, urgent }).then(detailsOf));
}

/** The prebuild as it was at most half a minute ago, for a refresh; undefined where the API says `not_found`. */
export async function readListed(context: PrebuildContext, wanted: Wanted): Promise<PrebuildDetails | undefined> {
  return ignoreNotFound(context.prebuilds.read(wanted).then(detailsOf));
}

/** The prebuild as it is now, for one of many waits; undefined where the API says `not_found`. */
export async function pollPrebuild(
  context: PrebuildContext,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<PrebuildDetails | undefined> {
  return ignoreNotFound(context.prebuilds.poll(wanted, signal).then(detailsOf));
}

/**
 * Removes a prebuild whatever it is doing: cancels a run in progress, deletes, and waits until it is gone.
 * @returns whether there was one
 * @throws ResourceFailure at the deadline; OnaError when the API refuses
 */
export async function removePrebuild(context: PrebuildContext, id: string, deadline: Deadline): Promise<boolean> {
  const { client, clock } = context;
  const { signal } = deadline;
  const look = (signal: AbortSignal) => getPrebuild(context, id, signal);
  let prebuild = await look(signal);
  if (prebuild === undefined) return false;
  const wanted = { id, projectId: prebuild.projectId };
  const poll = (signal: AbortSignal) => pollPrebuild(context, wanted, signal);
  if (obstacleOf(prebuild) === "running") prebuild = await cancel(context, id, signal);
  if (obstacleOf(prebuild) === "cancelling" || obstacleOf(prebuild) === "running") {
    prebuild = await waitFor<{ prebuild: PrebuildDetails | undefined }, PrebuildDetails | undefined>({
      first: { prebuild },
      observe: async (signal) => ({ prebuild: await poll(signal) }),
      decide: ({ prebuild }) => decideEnded(prebuild),
      report: (line) => context.progress(line, id),
      tolerate: isTransient,
      deadline,
      clock,
    });
  }
  if (obstacleOf(prebuild) === "gone") return true;
  if (obstacleOf(prebuild) !== "going") {
    await client.deletePrebuild(id, { signal }).catch(async (error: unknown) => {
      // Whatever the answer was: a prebuild that is going is as good as deleted.
      const now = await look(signal).catch(() => {
        throw error;
      });
      const obstacle = obstacleOf(now);
      if (obstacle !== "going" && obstacle !== "gone") throw error;
    });
  }
  await waitUntilGone(context, kind, id, poll, decideGone, deadline);
  return true;
}

/**
 * Cancels a run. It may have ended meanwhile, or the answer was lost: what it is now decides.
 * @param urgent whether there is no time to wait for a rate limit that another call met
 * @throws OnaError the refusal, when the run goes on
 */
export async function cancelOnce(
  context: PrebuildContext,
  id: string,
  signal: AbortSignal,
  urgent = false,
): Promise<PrebuildDetails | undefined> {
  try {
    return detailsOf(await context.client.cancelPrebuild(id, { signal, urgent }));
  } catch (error) {
    const now = await getPrebuild(context, id, signal, urgent).catch(() => {
      throw error;
    });
    if (obstacleOf(now) === "running") throw error;
    return now;
  }
}

/** Cancels a run, and once more after an answer that may pass by itself: that changes nothing of a run that is being cancelled already. */
async function cancel(context: PrebuildContext, id: string, signal: AbortSignal): Promise<PrebuildDetails | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await cancelOnce(context, id, signal);
    } catch (error) {
      if (signal.aborted || !isTransient(error) || attempt >= mostRecancels) throw error;
      await context.clock.sleep(pollInterval(attempt), signal);
    }
  }
}

/** Whether a refusal to delete may be over once a cancelled run has come to its end. */
export function isPassingRefusal(error: unknown): boolean {
  return (error instanceof OnaError && error.code === "failed_precondition") || isOutcomeUnknown(error);
}
