/** The API calls of a prebuild's lifecycle. */
import type { ObjectReads } from "../batched-reads/client-reads.js";
import { type CallOptions, isTransient, type OnaClient } from "../client/index.js";
import type { LifecycleContext } from "../lifecycle/contract.js";
import type { FindIdentity } from "../lifecycle/identity.js";
import type { ServerTime } from "../lifecycle/lost-create.js";
import { type SendDelete, waitUntilGone } from "../lifecycle/deletion.js";
import { type Deadline, pollInterval, waitFor } from "../lifecycle/wait.js";
import { parseGoDuration } from "../util/duration.js";
import { omitUndefined } from "../util/nullish.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { LostRuns, RunRequest } from "./lost-runs.js";
import { decideEnded, obstacleOf } from "./phases.js";
import { detailsOf } from "./state.js";

/** What the lifecycle of a prebuild works with. */
export interface PrebuildContext extends LifecycleContext {
  readonly client: Pick<
    OnaClient,
    | "createPrebuild"
    | "cancelPrebuild"
    | "deletePrebuild"
    | "listPrebuilds"
    | "createPrebuildLogsToken"
    | "readPrebuildLog"
    | "hideSecrets"
    | keyof ServerTime
  >;
  readonly prebuilds: ObjectReads<PrebuildDetails>;
  /** Shows a line of a prebuild's log. */
  readonly log: (line: string, id?: string) => void;
  readonly lostRuns: LostRuns;
  readonly findIdentity: FindIdentity;
}

type CreateRequest = Parameters<OnaClient["createPrebuild"]>[0];

/** How often a cancellation is repeated. */
const maxCancelRetries = 5;

export async function sendCreate(
  context: PrebuildContext,
  { projectId, environmentClassId, timeout }: RunRequest,
  options: CallOptions,
): Promise<PrebuildDetails> {
  const timeoutMs = parseGoDuration(timeout ?? "");
  const timeoutSeconds = timeoutMs === undefined ? undefined : timeoutMs / 1_000;
  const request = omitUndefined<CreateRequest>({ projectId, environmentClassId, timeoutSeconds });
  return detailsOf(await context.client.createPrebuild(request, options));
}

/** Lists the runs of a project that a user started, not a schedule. An `urgent` call doesn't wait for a rate limit. */
export async function listManualRuns(
  { client }: PrebuildContext,
  projectId: string,
  signal: AbortSignal,
  urgent = false,
): Promise<PrebuildDetails[]> {
  const filter = { projectIds: [projectId], triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] };
  const runs: PrebuildDetails[] = [];
  for await (const message of client.listPrebuilds(filter, { signal, urgent })) runs.push(detailsOf(message));
  return runs;
}

/** Cancels a run in progress, deletes the prebuild, and waits until it is gone. Returns whether there was one. */
export async function removePrebuild(
  context: PrebuildContext,
  id: string,
  deadline: Deadline,
  sendDelete: SendDelete,
): Promise<boolean> {
  const { client, clock, prebuilds } = context;
  const { signal } = deadline;
  let prebuild = await prebuilds.get(id, { signal });
  if (prebuild === undefined) return false;
  const wanted = { id, projectId: prebuild.projectId };
  if (obstacleOf(prebuild) === "running") prebuild = await cancel(context, id, signal);
  prebuild = await waitFor<{ prebuild: PrebuildDetails | undefined }, PrebuildDetails | undefined>({
    first: { prebuild },
    observe: async (signal) => ({ prebuild: await prebuilds.poll(wanted, signal) }),
    decide: ({ prebuild }) => decideEnded(prebuild),
    report: (line) => context.progress(line, id),
    deadline,
    clock,
  });
  if (obstacleOf(prebuild) === "gone") return true;
  if (obstacleOf(prebuild) !== "deleting") {
    await sendDelete(
      () => client.deletePrebuild(id, { signal }),
      () => prebuilds.get(id, { signal }),
    );
  }
  await waitUntilGone(context, kind, id, (signal) => prebuilds.poll(wanted, signal), deadline);
  return true;
}

/** Cancels a run. After a failure the run's phase decides: it may have ended, or the response was lost. */
export async function cancelOnce(
  context: PrebuildContext,
  id: string,
  signal: AbortSignal,
  urgent = false,
): Promise<PrebuildDetails | undefined> {
  try {
    return detailsOf(await context.client.cancelPrebuild(id, { signal, urgent }));
  } catch (error) {
    const now = await context.prebuilds.get(id, { signal, urgent }).catch(() => {
      throw error;
    });
    if (obstacleOf(now) === "running") throw error;
    return now;
  }
}

/** Cancels a run, and repeats that after a transient failure: a second cancellation has no effect. */
async function cancel(context: PrebuildContext, id: string, signal: AbortSignal): Promise<PrebuildDetails | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await cancelOnce(context, id, signal);
    } catch (error) {
      if (signal.aborted || !isTransient(error) || attempt >= maxCancelRetries) throw error;
      await context.clock.sleep(pollInterval(attempt), signal);
    }
  }
}
