/** Getting hold of the pool of a project and environment class: making it, recognising one that we made, or taking over one that exists. */
import { isOutcomeUnknown, OnaError } from "../client/index.js";
import { messageOf, ResourceFailure } from "../lifecycle/failures.js";
import { patientSignal, undoPatience } from "../lifecycle/interrupt.js";
import { notGone } from "../lifecycle/deletion.js";
import { foundAgain } from "../lifecycle/messages.js";
import { quoteForShell } from "../util/text.js";
import { type Deadline, pollInterval, startDeadline } from "../lifecycle/wait.js";
import { initialSizes, managedSizes, type Sizes, type WarmPoolInputs } from "./inputs.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { detailsOf } from "./state.js";
import { origin, sizeChanges } from "./adoption.js";
import { findPool, resize, type WarmPoolContext, waitUntilPoolGone } from "./api.js";

/** A pool, and whether it was there before. */
export interface Obtained {
  readonly pool: WarmPoolDetails;
  readonly adopted: boolean;
}

/** How long looking for what a create may have made may take otherwise, in milliseconds; not part of the create's own limit, which may have passed. */
const lookPatience = 60_000;
/** How long a conflict with a pool that cannot be seen is taken for one that is just going, in milliseconds. */
const invisiblePatience = 60_000;
/** How often to look for a pool that may have been made, and how long to pause between, in milliseconds. */
const lookPauses = [0, 1_000, 2_000] as const;

/**
 * Creates the pool; where the pair already has one, waits for it to drain, takes it over, or fails with its id.
 * @throws OnaError or ResourceFailure when there is no pool of ours; nothing was made then, or the message says what to look at
 */
export async function obtainPool(
  context: WarmPoolContext,
  inputs: WarmPoolInputs,
  deadline: Deadline,
  interrupt: AbortSignal,
): Promise<Obtained> {
  const { projectId, environmentClassId } = inputs;
  const { clock } = context;
  const sizes = initialSizes(managedSizes(inputs));
  const stop = { ...deadline, signal: AbortSignal.any([deadline.signal, interrupt]) };
  let conflictSince: number | undefined;
  /** When the first request was sent of which it is not known whether it made the pool. */
  let mayBeMadeSince: number | undefined;

  /** While the pair had another pool no request has made one: what is there later is judged by later requests alone. */
  const forget = () => (conflictSince = mayBeMadeSince = undefined);

  for (let attempt = 0; ; attempt++) {
    interrupt.throwIfAborted();
    const sends: number[] = [];
    const patience = patientSignal(context.clock, interrupt);
    let failure: unknown;
    try {
      const signal = AbortSignal.any([deadline.signal, patience.signal]);
      const onSend = (moment: number) => sends.push(moment);
      const made = await context.client.createWarmPool({ projectId, environmentClassId, ...sizes }, { signal, onSend });
      return { pool: detailsOf(made), adopted: false };
    } catch (error) {
      if (!isOutcomeUnknown(error) && !isConflict(error)) throw error;
      failure = error;
      // Only the last one of a call may have had its effect: a request is sent again when it had none.
      if (isOutcomeUnknown(error)) mayBeMadeSince ??= sends.at(-1);
    } finally {
      patience.end();
    }

    const existing = await lookAfter(context, inputs, failure, interrupt);
    const leaving = existing && context.handovers.leaving(existing.id);
    if (existing !== undefined && leaving === undefined && isOurs(context, existing, sizes, mayBeMadeSince)) {
      foundAgain(context, failure, existing.id);
      // Should another resource of the stack have made it in the same second, it must not be deleted for that one now.
      return { pool: await context.handovers.take(existing.id, async () => existing), adopted: false };
    }
    interrupt.throwIfAborted();
    // One that is listed again when it ought to be gone: the list lags behind, and must not be asked without a pause.
    const pause = () =>
      attempt === 0 ? undefined : clock.sleep(pollInterval(attempt), stop.signal).catch(() => undefined);
    if (existing?.phase === "DELETING") {
      context.progress(
        "the old warm pool of the same project and environment class is DELETING; waiting for the end",
        existing.id,
      );
      await pause();
      await waitUntilPoolGone(context, existing, stop);
      forget();
    } else if (leaving !== undefined && existing !== undefined) {
      context.progress(
        "the warm pool of the pair is being deleted in this same update; waiting for the end",
        existing.id,
      );
      await pause();
      await untilSettled(leaving, stop.signal).catch(() => {
        throw notGone(kind, existing.id, deadline, "");
      });
      forget();
    } else if (existing !== undefined) {
      if (inputs.adoptExisting !== true) throw alreadyExists(existing, inputs.connection, context.name);
      const adopting = () => adopt(context, existing, managedSizes(inputs), stop.signal);
      return { pool: await context.handovers.take(existing.id, adopting), adopted: true };
    } else {
      conflictSince ??= clock.monotonic();
      if (!mayBeGoing(failure) || clock.monotonic() - conflictSince >= invisiblePatience) throw notThere(failure);
      context.progress("the API reports a conflict with a warm pool that it does not list; trying again");
      await clock.sleep(pollInterval(attempt), stop.signal).catch(() => {
        throw notThere(failure);
      });
    }
  }
}

/** Deletes a pool that an interrupted create has made, in the little time that the engine leaves. */
export async function undoCreation(context: WarmPoolContext, id: string): Promise<void> {
  const deadline = startDeadline(context.clock, undoPatience);
  try {
    await context.client.deleteWarmPool(id, { signal: deadline.signal, urgent: true });
    context.progress("interrupted: the new warm pool is being deleted again", id);
  } catch (error) {
    context.warn(
      `interrupted, and the new warm pool could not be deleted (${messageOf(error)}); delete or import it by its id`,
      id,
    );
  } finally {
    deadline.end();
  }
}

/** Looks for the pool of the pair after a create that failed with `failure`. */
async function lookAfter(
  context: WarmPoolContext,
  inputs: WarmPoolInputs,
  failure: unknown,
  interrupt: AbortSignal,
): Promise<WarmPoolDetails | undefined> {
  const mayAppear = isOutcomeUnknown(failure) && !isConflict(failure);
  const hurried = interrupt.aborted;
  const limit = startDeadline(context.clock, hurried ? undoPatience : lookPatience);
  const signal = hurried ? limit.signal : AbortSignal.any([limit.signal, interrupt]);
  try {
    for (const pause of mayAppear && !hurried ? lookPauses : [0]) {
      if (pause > 0) await context.clock.sleep(pause, signal);
      const found = await findPool(context, inputs, signal, hurried);
      if (found !== undefined) return found;
    }
    return undefined;
  } catch (error) {
    // Interrupted while looking: look once more, in the time that is left.
    if (interrupt.aborted && !hurried) return await lookAfter(context, inputs, failure, interrupt);
    const unseen = notSeen(failure, error);
    // The engine does not listen to a create that fails now, but people may still read.
    if (interrupt.aborted) context.warn(`interrupted while a warm pool was being created: ${unseen.message}`);
    throw unseen;
  } finally {
    limit.end();
  }
}

/** Whether a pool is the one that our create made: not on its way out, of the sizes that we sent, and not older than the request by the server's clock. */
function isOurs(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  sizes: Required<Sizes>,
  sentAt: number | undefined,
): boolean {
  if (sentAt === undefined) return false;
  const sent = context.client.serverTimeAt(sentAt);
  const created = Date.parse(pool.createdAt ?? "");
  if (pool.phase === "DELETING") return false;
  return pool.minSize === sizes.minSize && pool.maxSize === sizes.maxSize && sent !== undefined && created >= sent;
}

/** Takes a pool over, and leaves a line for those who later ask what became of it. */
async function adopt(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  managed: Sizes,
  signal: AbortSignal,
): Promise<WarmPoolDetails> {
  const resized = await resize(context, pool, managed, signal);
  context.progress(
    `adopted the warm pool that exists (${origin(pool)}): ${sizeChanges(pool, managed, resized)}`,
    pool.id,
  );
  return resized;
}

/** Waits for something that cannot be stopped, or until the signal is aborted: throws its reason then. */
async function untilSettled(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([work, stopped.promise]).finally(() => signal.removeEventListener("abort", stop));
}

function alreadyExists(
  pool: WarmPoolDetails,
  connection: string | undefined,
  name: string | undefined,
): ResourceFailure {
  const account = connection === undefined ? "" : ` --connection ${quoteForShell(connection)}`;
  const called = name === undefined ? "" : ` --name ${quoteForShell(name)}`;
  return new ResourceFailure(
    `This project and environment class already have a warm pool: ${pool.id} (${pool.phase}, minSize ${pool.minSize ?? "unset"}, maxSize ${pool.maxSize ?? "unset"}). ` +
      `Nothing was changed. Three ways out: set adoptExisting to true to take it over; import it (\`npx pulumi-ona import --pool ${pool.id}${called}${account}\` writes the file for \`pulumi import --file\`); ` +
      "or, if this resource was renamed or moved, give it an alias of its old name (the resource option aliases).",
  );
}

/** Looking for the pool of the pair failed, too. */
function notSeen(failure: unknown, error: unknown): ResourceFailure {
  const said = messageOf(failure);
  if (!isOutcomeUnknown(failure)) {
    return new ResourceFailure(
      `${said}. Looking for the warm pool that this project and environment class may have failed, too: ${messageOf(error)}. Nothing was made or changed: run \`pulumi up\` again.`,
    );
  }
  return new ResourceFailure(
    `${said}. Whether a warm pool was made is not known, and looking for it failed too: ${messageOf(error)}. ` +
      "Nothing was sent twice; once the API answers, `pulumi up` makes the pool, or names its id if it was made.",
  );
}

function notThere(failure: unknown): Error {
  const message = messageOf(failure);
  if (isConflict(failure)) return failure instanceof Error ? failure : new ResourceFailure(message);
  return new ResourceFailure(
    `${message}. No warm pool of this project and environment class was found afterwards, so none was made, or it is not listed yet. ` +
      "Nothing was sent twice: run `pulumi up` again; if the pool appears after all, that names its id and the ways out.",
  );
}

/** The codes with which the API may refuse a second pool of a pair, or one whose predecessor is still going (which of them is not documented). */
function isConflict(error: unknown): boolean {
  return (
    error instanceof OnaError &&
    error.origin === "api" &&
    ["already_exists", "failed_precondition", "aborted"].includes(error.code)
  );
}

/** Whether a conflict may be with a pool that is going and no longer listed. failed_precondition is more likely a missing configuration. */
function mayBeGoing(error: unknown): boolean {
  return isConflict(error) && error instanceof OnaError && error.code !== "failed_precondition";
}
