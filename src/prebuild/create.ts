/** Starts a prebuild, finds the run of a lost response, and undoes a run whose create was interrupted. */
import { isOutcomeUnknown, OnaError } from "../client/index.js";
import { messageOf, ResourceFailure } from "../lifecycle/failures.js";
import { sendInterruptible, undoTimeoutMs } from "../lifecycle/interrupt.js";
import { reportFound, searchForCreated, unknownOutcome } from "../lifecycle/lost-create.js";
import { type Deadline, withDeadline } from "../lifecycle/wait.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { PrebuildInputs } from "./properties.js";
import type { RunRequest, Verdict } from "./lost-runs.js";
import { cancelOnce, listManualRuns, type PrebuildContext, sendCreate } from "./api.js";

/** The pause before a deletion that was refused is tried again. */
const undoPauseMs = 200;

/** How many runs a message names. */
const maxShownRuns = 5;

const neverAborted = new AbortController().signal;

/**
 * Starts a run. A request that may have arrived is never repeated, since each one starts a run.
 * @throws OnaError or ResourceFailure when no run was started, or when it is unknown whether one was
 */
export async function startRun(
  context: PrebuildContext,
  inputs: Pick<PrebuildInputs, "projectId" | "environmentClassId" | "timeout">,
  deadline: Deadline,
  interrupt: AbortSignal,
): Promise<PrebuildDetails> {
  const { clock, lostRuns } = context;
  const { projectId, environmentClassId, timeout } = inputs;
  interrupt.throwIfAborted();
  const request = { projectId, environmentClassId, timeout, sentAt: Infinity };
  // A request that was stopped while it waited for a rate limit has never been sent.
  const isLost = (error: unknown) => request.sentAt < Infinity && isOutcomeUnknown(error);
  try {
    return await sendInterruptible(clock, interrupt, (expired) => {
      const signal = AbortSignal.any([deadline.signal, expired]);
      const onSend = (moment: number) => (request.sentAt = moment);
      return lostRuns.send(request, () => sendCreate(context, request, { signal, onSend }), isLost);
    });
  } catch (error) {
    if (!isLost(error)) throw error;
    return await findLostRun(context, request, error, interrupt);
  }
}

/** Cancels and deletes the run that an interrupted create has started. */
export async function undoCreate(context: PrebuildContext, id: string): Promise<void> {
  const { client, clock } = context;
  let canceled = false;
  const cancelAndDelete = async ({ signal }: Deadline) => {
    for (;;) {
      try {
        if (!canceled) await cancelOnce(context, id, signal, true);
        canceled = true;
        return await client.deletePrebuild(id, { signal, urgent: true });
      } catch (error) {
        // A deletion that was refused may succeed once the canceled run has ended.
        const isRefused = error instanceof OnaError && error.code === "failed_precondition";
        if (!isRefused && !isOutcomeUnknown(error)) throw error;
        await clock.sleep(undoPauseMs, signal).catch(() => {
          throw error;
        });
      }
    }
  };
  try {
    await withDeadline(clock, undoTimeoutMs, cancelAndDelete);
    context.note("interrupted: the new prebuild is canceled and being deleted again", id);
  } catch (error) {
    const [done, next] = canceled
      ? ["was canceled, but could not be deleted", "Delete"]
      : ["could not be canceled and deleted", "Cancel and delete"];
    context.warn(`interrupted, and the new prebuild ${done}: ${messageOf(error)}. ${next} it by its id`, id);
  }
}

async function findLostRun(
  context: PrebuildContext,
  request: RunRequest,
  failure: unknown,
  interrupt: AbortSignal,
): Promise<PrebuildDetails> {
  const { client, clock, lostRuns } = context;
  const { projectId } = request;
  let notFound: ResourceFailure;
  try {
    const verdict = await searchForCreated(clock, interrupt, true, async (signal, urgent) => {
      const [runs, identity] = await Promise.all([
        listManualRuns(context, projectId, signal, urgent),
        context.findIdentity(signal),
      ]);
      // After an interrupt all requests in flight end soon.
      await lostRuns.waitForResponses(projectId, urgent ? neverAborted : signal);
      const found = lostRuns.identify(request, runs, identity?.subject, client);
      return found.kind === "none" ? undefined : found;
    });
    if (verdict === undefined) lostRuns.close(request);
    if (verdict?.kind === "ours") {
      reportFound(context, failure, verdict.prebuild, client.serverTimeAt(request.sentAt), interrupt);
      return verdict.prebuild;
    }
    notFound = noRunFound(projectId, failure, verdict);
  } catch (error) {
    const next = `Check project ${projectId} in Ona for a run that started just now: it may be this one. \`pulumi up\` starts another.`;
    notFound = unknownOutcome(kind, failure, error, next);
  }
  // Without an engine that listens, the user can still read a warning.
  if (interrupt.aborted && context.onInterrupt === "undo")
    context.warn(`interrupted while starting a prebuild: ${notFound.message}`);
  throw notFound;
}

function describeRuns(prebuilds: readonly PrebuildDetails[]): string {
  const runs = prebuilds.slice(0, maxShownRuns).map(({ id, phase, creatorId, createdAt }) => {
    return `${id} (${phase}, created at ${createdAt ?? "an unknown time"} by ${creatorId ?? "an unknown user"})`;
  });
  const more = prebuilds.length - runs.length;
  return `${runs.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function noRunFound(projectId: string, failure: unknown, verdict: Verdict | undefined): ResourceFailure {
  const said = messageOf(failure);
  if (verdict?.kind === "undecided") {
    return new ResourceFailure(
      `${said}. We could not determine whether this started a ${kind}. These runs of the project may be it: ${describeRuns(verdict.candidates)}. ` +
        "The request was not repeated. Cancel the run that is yours, or let it finish: `pulumi up` starts another.",
    );
  }
  return new ResourceFailure(
    `${said}. No new ${kind} of the project was found afterwards. The request was not repeated. Run \`pulumi up\` again. ` +
      `If an unwanted run appears in project ${projectId} later, cancel it in Ona.`,
  );
}
