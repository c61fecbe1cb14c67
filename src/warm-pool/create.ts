/** Creates the pool of a project and environment class, finds that of a lost response, or adopts the existing one. */
import { isOutcomeUnknown } from "../client/index.js";
import { messageOf, ObjectExists, ResourceFailure } from "../lifecycle/failures.js";
import { sendInterruptible, undoTimeoutMs } from "../lifecycle/interrupt.js";
import { creationWindow, reportFound, searchForCreated, unknownOutcome } from "../lifecycle/lost-create.js";
import { notGone } from "../lifecycle/deletion.js";
import { type Deadline, orAborted, pollInterval, withDeadline } from "../lifecycle/wait.js";
import { initialSizes, type Sizes } from "./inputs.js";
import { kind, type WarmPoolDetails } from "./outputs.js";
import { detailsOf } from "./state.js";
import { origin, sizeChanges } from "./adoption.js";
import { decideNextStep, isConflict, mayAppear } from "./create-decision.js";
import { findPool, type Pair, resize, type WarmPoolContext, waitUntilPoolGone } from "./api.js";

/** How often the list is read again to learn the server's time, and how far apart. */
const clockReads = 4;
const clockReadIntervalMs = 250;

/** A pool to create. */
export interface PoolRequest extends Pair {
  /** The sizes that the program declares. */
  readonly managed: Sizes;
  /** Those of them that an adoption sends. */
  readonly adopted: Sizes;
  /** Whether a pool that exists may be adopted instead. */
  readonly adoptExisting: boolean;
  /** The connection that the program names, for the advice of an error. */
  readonly connection: string | undefined;
}

/**
 * Creates the pool. If the pair already has one: waits until it is gone, adopts it, or fails with its id.
 * @throws OnaError or ResourceFailure when no pool was created, or when it is unknown whether one was
 */
export async function createOrAdopt(
  context: WarmPoolContext,
  request: PoolRequest,
  deadline: Deadline,
  interrupt: AbortSignal,
): Promise<{ readonly pool: WarmPoolDetails; readonly isAdopted: boolean }> {
  const { clock, client, adoptionLock } = context;
  const { managed, adopted, adoptExisting } = request;
  const sizes = initialSizes(managed);
  const stop = { ...deadline, signal: AbortSignal.any([deadline.signal, interrupt]) };
  let unlistedSince: number | undefined;
  let lost: { readonly first: number; readonly last: number } | undefined;

  for (let attempt = 0; ; attempt++) {
    interrupt.throwIfAborted();
    const sent = await sendCreate(context, request, sizes, deadline, interrupt);
    if ("pool" in sent) return { pool: sent.pool, isAdopted: false };
    const { failure } = sent;
    if (sent.lostAt !== undefined) lost = { first: lost?.first ?? sent.lostAt, last: sent.lostAt };
    const found = await searchForPool(context, request, failure, interrupt);
    if (found !== undefined && lost !== undefined) await tellTime(context, request, found, lost.first, stop.signal);
    if (found === undefined) unlistedSince ??= clock.monotonic();
    const deletion = found && adoptionLock.deletionOf(found.id);
    const step = decideNextStep({
      failure,
      pool: found,
      isDeletedHere: deletion !== undefined,
      sizes,
      window: lost && creationWindow(client, lost.first, lost.last),
      unlistedForMs: clock.monotonic() - (unlistedSince ?? clock.monotonic()),
      adoptExisting,
    });
    if (step.kind === "ours") {
      const { pool } = step;
      const properties = `, both with minSize ${sizes.minSize} and maxSize ${sizes.maxSize}`;
      reportFound(context, failure, pool, lost && client.serverTimeAt(lost.first), interrupt, properties);
      // Another resource of the stack may have made it in the same second, so no delete of this update may remove it.
      return { pool: await adoptionLock.adopt(pool.id, async () => pool), isAdopted: false };
    }
    interrupt.throwIfAborted();
    switch (step.kind) {
      case "adopt": {
        const adopt = () => adoptPool(context, step.pool, adopted, managed, stop.signal);
        return { pool: await adoptionLock.adopt(step.pool.id, adopt), isAdopted: true };
      }
      case "refuse":
        throw alreadyExists(step.pool, context.importCommand(step.pool.id, context.name, request.connection));
      case "fail":
        throw notFound(failure);
      case "retry":
        context.progress("the API reports a conflict with a warm pool that it doesn't list; trying again");
        await clock.sleep(pollInterval(attempt), stop.signal).catch(() => {
          throw notFound(failure);
        });
        break;
      case "waitUntilGone":
        await waitForOldPool(context, step.pool, deletion, attempt, stop);
        // No request can have made a pool while the pair had another one.
        unlistedSince = lost = undefined;
    }
  }
}

/** Deletes the pool that an interrupted create has made. */
export async function undoCreate(context: WarmPoolContext, id: string): Promise<void> {
  try {
    await withDeadline(context.clock, undoTimeoutMs, ({ signal }) =>
      context.client.deleteWarmPool(id, { signal, urgent: true }),
    );
    context.note("interrupted: the new warm pool is being deleted again", id);
  } catch (error) {
    const failure = `interrupted, and the new warm pool could not be deleted: ${messageOf(error)}`;
    context.warn(`${failure}. Delete or import it by its id`, id);
  }
}

/** Sends CreateWarmPool. `lostAt` is when the request was sent last, if it is unknown whether it made a pool. */
async function sendCreate(
  context: WarmPoolContext,
  { projectId, environmentClassId }: Pair,
  sizes: Required<Sizes>,
  deadline: Deadline,
  interrupt: AbortSignal,
): Promise<{ readonly pool: WarmPoolDetails } | { readonly failure: unknown; readonly lostAt: number | undefined }> {
  let sentAt: number | undefined;
  const onSend = (moment: number) => (sentAt = moment);
  try {
    const request = { projectId, environmentClassId, ...sizes };
    const message = await sendInterruptible(context.clock, interrupt, (signal) =>
      context.client.createWarmPool(request, { signal: AbortSignal.any([deadline.signal, signal]), onSend }),
    );
    return { pool: detailsOf(message) };
  } catch (failure) {
    if (isOutcomeUnknown(failure)) return { failure, lostAt: sentAt };
    if (isConflict(failure)) return { failure, lostAt: undefined };
    throw failure;
  }
}

async function searchForPool(
  context: WarmPoolContext,
  pair: Pair,
  failure: unknown,
  interrupt: AbortSignal,
): Promise<WarmPoolDetails | undefined> {
  try {
    return await searchForCreated(context.clock, interrupt, mayAppear(failure), (signal, urgent) =>
      findPool(context, pair, signal, urgent),
    );
  } catch (error) {
    const unseen = isOutcomeUnknown(failure)
      ? unknownOutcome(kind, failure, error, "Run `pulumi up` again once the API responds.")
      : new ResourceFailure(
          `${messageOf(failure)}. Checking for an existing warm pool also failed: ${messageOf(error)}. Nothing was created or changed. Run \`pulumi up\` again.`,
        );
    // Without an engine that listens, the user can still read a warning.
    if (interrupt.aborted && context.onInterrupt === "undo")
      context.warn(`interrupted while creating a warm pool: ${unseen.message}`);
    throw unseen;
  }
}

/**
 * Reads the list again while the pool may be older than the request: the server's `Date` has whole seconds, and ticks
 * between two of these reads.
 */
async function tellTime(
  context: WarmPoolContext,
  pair: Pair,
  pool: WarmPoolDetails,
  requestedAt: number,
  signal: AbortSignal,
): Promise<void> {
  const { client, clock } = context;
  const createdAt = Date.parse(pool.createdAt ?? "");
  for (let read = 0; read < clockReads; read++) {
    const from = client.serverTimeAt(requestedAt) ?? NaN;
    if (!(createdAt >= from && createdAt < from + client.serverTimeErrorAt(requestedAt))) return;
    try {
      await clock.sleep(clockReadIntervalMs, signal);
      await findPool(context, pair, signal);
    } catch {
      return;
    }
  }
}

/** Adopts a pool, and records what that changed. */
async function adoptPool(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  sizes: Sizes,
  managed: Sizes,
  signal: AbortSignal,
): Promise<WarmPoolDetails> {
  const resized = await resize(context, pool, sizes, managed, signal);
  context.note(`adopted the existing warm pool (${origin(pool)}): ${sizeChanges(pool, sizes, resized)}`, pool.id);
  return resized;
}

/** Waits until the old pool of the pair is gone. `deletion` is this process's own deletion of it. */
async function waitForOldPool(
  context: WarmPoolContext,
  pool: WarmPoolDetails,
  deletion: Promise<void> | undefined,
  attempt: number,
  stop: Deadline,
): Promise<void> {
  const isDeletedHere = pool.phase !== "DELETING";
  const reason = isDeletedHere ? "is being deleted in this update" : "is DELETING";
  context.progress(
    `the old warm pool of this project and environment class ${reason}; waiting until it is gone`,
    pool.id,
  );
  // A list that lags behind shows the pool again, and must not be polled without a pause.
  if (attempt > 0) await context.clock.sleep(pollInterval(attempt), stop.signal).catch(() => undefined);
  if (!isDeletedHere) return waitUntilPoolGone(context, pool, stop);
  await orAborted(deletion, stop.signal).catch(() => {
    throw notGone(kind, pool.id, stop);
  });
}

function alreadyExists(pool: WarmPoolDetails, command: string): Error {
  const { id, phase, minSize = "unset", maxSize = "unset" } = pool;
  return new ObjectExists(
    `This project and environment class already have a warm pool: ${id} (${phase}, minSize ${minSize}, maxSize ${maxSize}). Nothing was changed. ` +
      `Set \`adoptExisting: true\` to adopt it, or import it with \`${command}\`. ` +
      'If you renamed this resource, add the option `aliases: [{ name: "OLD NAME" }]`.',
  );
}

function notFound(failure: unknown): Error {
  if (isConflict(failure)) return failure;
  return new ResourceFailure(
    `${messageOf(failure)}. No warm pool of this project and environment class was found afterwards. ` +
      "The request was not repeated. Run `pulumi up` again: if the pool exists by then, `pulumi up` reports its id.",
  );
}
