/** Starting a prebuild, recognising one that a lost request has started, and undoing one whose create was interrupted. */
import { isOutcomeUnknown } from "../client/index.js";
import { formatDuration, parseGoDuration } from "../util/duration.js";
import { messageOf, ResourceFailure } from "../lifecycle/failures.js";
import { patientSignal, undoPatience } from "../lifecycle/interrupt.js";
import { foundAgain } from "../lifecycle/messages.js";
import { type Deadline, startDeadline } from "../lifecycle/wait.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { PrebuildInputs } from "./inputs.js";
import type { StartRequest, Verdict } from "./lost-runs.js";
import { obstacleOf } from "./phases.js";
import { detailsOf } from "./state.js";
import { cancelOnce, isPassingRefusal, type PrebuildContext } from "./api.js";

/** How long looking for what a lost request may have started may take, in milliseconds; not part of the create's own limit, which may have passed. */
const lookPatience = 60_000;
/** How often to look, and how long to pause between, in milliseconds. */
const lookPauses = [0, 1_000, 2_000] as const;
/** How long to pause before another try to delete a run that is being cancelled, in milliseconds. */
const undoPause = 200;

/** Is never aborted. */
const forever = new AbortController().signal;

/**
 * Starts a run. The request is never sent twice once it may have arrived, since each one starts a run.
 * @param interrupt aborted when the process is told to end: an answer on its way is still waited for a little
 * @throws OnaError or ResourceFailure when there is no run of ours; nothing was started then, or the message says what to look at
 */
export async function startPrebuild(
  context: PrebuildContext,
  inputs: PrebuildInputs,
  deadline: Deadline,
  interrupt: AbortSignal,
): Promise<PrebuildDetails> {
  interrupt.throwIfAborted();
  const { client, clock, ownership } = context;
  const { projectId, environmentClassId, timeout } = inputs;
  const stop = AbortSignal.any([deadline.signal, interrupt]);
  const others = await ownership.prepare(projectId, () => manualRuns(context, projectId, stop));
  interrupt.throwIfAborted();
  if (deadline.passed()) {
    const limit = formatDuration(deadline.limit);
    throw new ResourceFailure(
      `No ${kind} was started within ${limit}: the API did not answer before one could be asked for. Run \`pulumi up\` again.`,
    );
  }
  warnOfOthers(context, inputs, others);
  const request = { projectId, environmentClassId, timeout, sentAt: Infinity };
  const milliseconds = timeout === undefined ? undefined : parseGoDuration(timeout);
  const patience = patientSignal(clock, interrupt);
  const signal = AbortSignal.any([deadline.signal, patience.signal]);
  const send = async () => {
    const sent = {
      projectId,
      ...(environmentClassId === undefined ? {} : { environmentClassId }),
      ...(milliseconds === undefined ? {} : { timeoutSeconds: milliseconds / 1_000 }),
    };
    // Only the last one of a call may have had its effect: a request is sent again when it had none.
    const onSend = (moment: number) => (request.sentAt = moment);
    return detailsOf(await client.createPrebuild(sent, { signal, onSend }));
  };
  // One that waited for a rate limit until it was stopped has never been sent.
  const isLost = (error: unknown) => request.sentAt < Infinity && isOutcomeUnknown(error);
  try {
    return await ownership.starting(request, send, isLost);
  } catch (error) {
    if (!isLost(error)) throw error;
    return await recogniseLost(context, request, error, interrupt);
  } finally {
    patience.end();
  }
}

/** Cancels and deletes a run that an interrupted create has started, in the little time that the engine leaves. */
export async function undoStart(context: PrebuildContext, id: string): Promise<void> {
  const deadline = startDeadline(context.clock, undoPatience);
  const { client, clock } = context;
  const { signal } = deadline;
  let cancelled = false;
  try {
    for (;;) {
      try {
        if (!cancelled) await cancelOnce(context, id, signal, true);
        cancelled = true;
        await client.deletePrebuild(id, { signal, urgent: true });
        break;
      } catch (error) {
        if (!isPassingRefusal(error)) throw error;
        await clock.sleep(undoPause, signal).catch(() => {
          throw error;
        });
      }
    }
    context.progress("interrupted: the new prebuild is cancelled and being deleted again", id);
  } catch (error) {
    context.warn(
      cancelled
        ? `interrupted, and the new prebuild is cancelled, but could not be deleted (${messageOf(error)}); delete it by its id`
        : `interrupted, and the new prebuild could not be cancelled and deleted (${messageOf(error)}); cancel and delete it by its id`,
      id,
    );
  } finally {
    deadline.end();
  }
}

/** Looks for the run of a request whose answer was lost. */
async function recogniseLost(
  context: PrebuildContext,
  request: StartRequest,
  failure: unknown,
  interrupt: AbortSignal,
): Promise<PrebuildDetails> {
  const { projectId } = request;
  let untold: ResourceFailure;
  try {
    const verdict = await look(context, request, interrupt);
    context.ownership.settled(request);
    if (verdict.kind === "ours") {
      foundAgain(context, failure, verdict.prebuild.id);
      return verdict.prebuild;
    }
    untold = notTold(projectId, failure, verdict);
  } catch (error) {
    untold = new ResourceFailure(
      `${messageOf(failure)}. Whether a prebuild was started is not known, and looking for it failed too: ${messageOf(error)}. ` +
        `Nothing was sent twice. Look at the runs of project ${projectId} in Ona: one that was started just now may be this one. Cancel it, or let it be; \`pulumi up\` starts another.`,
    );
  }
  // The engine does not listen to a create that fails now, but people may still read.
  if (interrupt.aborted) context.warn(`interrupted while a prebuild was being started: ${untold.message}`);
  throw untold;
}

async function look(context: PrebuildContext, request: StartRequest, interrupt: AbortSignal): Promise<Verdict> {
  const { client, clock, ownership } = context;
  const { projectId } = request;
  const hurried = interrupt.aborted;
  const limit = startDeadline(clock, hurried ? undoPatience : lookPatience);
  const signal = hurried ? limit.signal : AbortSignal.any([limit.signal, interrupt]);
  try {
    let verdict: Verdict = { kind: "none" };
    for (const pause of hurried ? [0] : lookPauses) {
      if (pause > 0) await clock.sleep(pause, signal);
      const runs = await manualRuns(context, projectId, signal, hurried);
      // What the list shows may have been started by a request that is still under way. After an interrupt all of these end soon, by themselves.
      await ownership.answered(projectId, hurried ? forever : signal);
      verdict = ownership.recognise(request, runs, (moment) => client.serverTimeAt(moment));
      if (verdict.kind !== "none") break;
    }
    return verdict;
  } catch (error) {
    // Interrupted while looking: look once more, in the time that is left.
    if (interrupt.aborted && !hurried) return await look(context, request, interrupt);
    throw error;
  } finally {
    limit.end();
  }
}

async function manualRuns(
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

/** An `up` that was killed leaves a run of which no state knows. It cannot be told from one that somebody else wants, but people can look. */
function warnOfOthers(context: PrebuildContext, inputs: PrebuildInputs, others: readonly PrebuildDetails[]): void {
  const { environmentClassId } = inputs;
  const alike = others.filter(
    (run) =>
      obstacleOf(run) === "running" &&
      (environmentClassId === undefined || run.environmentClassId === environmentClassId),
  );
  if (alike.length === 0) return;
  const [are, it] = alike.length === 1 ? ["a run of the project is", "it"] : ["runs of the project are", "one of them"];
  context.warn(
    `${are} in progress already: ${inWords(alike)}. If nobody wants ${it} (an \`up\` that was killed may have left it), cancel it in Ona`,
  );
}

/** The most runs that a message lists. */
const mostShown = 5;

function inWords(prebuilds: readonly PrebuildDetails[]): string {
  const runs = prebuilds.slice(0, mostShown).map(({ id, phase, creatorId, createdAt }) => {
    return `${id} (${phase}, created ${createdAt ?? "nobody knows when"} by ${creatorId ?? "nobody knows whom"})`;
  });
  const more = prebuilds.length - runs.length;
  return `${runs.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function notTold(projectId: string, failure: unknown, verdict: Verdict): ResourceFailure {
  const said = messageOf(failure);
  if (verdict.kind === "undecided") {
    return new ResourceFailure(
      `${said}. Whether this started a ${kind} cannot be told: since then these runs of the project may have appeared: ${inWords(verdict.candidates)}. ` +
        "Nothing was started twice. Cancel the one that is yours, or let it run; `pulumi up` starts another one.",
    );
  }
  return new ResourceFailure(
    `${said}. No new ${kind} of the project was found afterwards, so none was started, or it is not listed yet. Nothing was started twice: run \`pulumi up\` again; ` +
      `if a run of project ${projectId} that nobody asked for appears in Ona after all, cancel it there.`,
  );
}
