/** Deletes an object and waits until it is gone. */
import { isOutcomeUnknown, OnaError } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { describeObject } from "../util/text.js";
import type { LifecycleContext, OperationOptions } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import { wrapApiError } from "./messages.js";
import { type Deadline, waitFor, WaitTimeoutError, withDeadline } from "./wait.js";

/** Waits until an object is gone. Throws a ResourceFailure at the deadline, with what was seen last. */
export async function waitUntilGone<Item extends { readonly phase: string }>(
  context: LifecycleContext,
  kind: string,
  id: string,
  read: (signal: AbortSignal) => Promise<Item | undefined>,
  deadline: Deadline,
  statusOf = (object: Item): string => object.phase,
): Promise<void> {
  const wait = waitFor<{ object: Item | undefined }, undefined>({
    observe: async (signal) => ({ object: await read(signal) }),
    decide: ({ object }) =>
      object === undefined || object.phase === "DELETED"
        ? { kind: "done", result: undefined }
        : { kind: "wait", status: statusOf(object) },
    report: (line) => context.progress(line, id),
    deadline,
    clock: context.clock,
  });
  await wait.catch((error: unknown) => {
    throw error instanceof WaitTimeoutError ? notGone(kind, id, deadline, error) : error;
  });
}

/** How long a deletion may take unless customTimeouts says otherwise. */
const defaultTimeoutMs = 30 * 60_000;

const howItContinues = "A deletion that has started continues in Ona. Run the command again";

/**
 * Sends a request to delete an object. A refusal doesn't matter if the object is being deleted, or gone, anyway.
 * @returns whether there was an object
 */
export type SendDelete = (
  send: () => Promise<unknown>,
  read: () => Promise<{ readonly phase: string } | undefined>,
) => Promise<boolean>;

/**
 * Runs a deletion within a timeout. Throws a ResourceFailure for every failure of the API or the deadline.
 * @param run sends the request with the function that it gets, so that a failure says whether a deletion may have begun
 */
export async function withinDeletion(
  context: LifecycleContext,
  kind: string,
  id: string,
  { timeoutMs = defaultTimeoutMs, interrupt }: OperationOptions,
  run: (deadline: Deadline, sendDelete: SendDelete) => Promise<void>,
): Promise<void> {
  let mayHaveBegun = false;
  const sendNoting: SendDelete = async (send, read) => {
    try {
      const existed = await sendDelete(send, read);
      mayHaveBegun = true;
      return existed;
    } catch (error) {
      mayHaveBegun = isOutcomeUnknown(error);
      throw error;
    }
  };
  const runAndExplain = (deadline: Deadline) =>
    run(deadline, sendNoting).catch((error: unknown) => {
      if (interrupt?.aborted) {
        throw new ResourceFailure(
          `${describeObject(kind, id)} was not deleted before the interrupt. It stays in state. ${howItContinues}.`,
        );
      }
      if (error instanceof ResourceFailure || !(deadline.passed() || error instanceof OnaError)) throw error;
      if (deadline.passed()) throw notGone(kind, id, deadline, error);
      const done = mayHaveBegun
        ? `Could not confirm that ${kind} ${id} was deleted`
        : `${describeObject(kind, id)} was not deleted`;
      throw wrapApiError(error, done, `The ${kind} stays in state`, "Run the command again.");
    });
  await withDeadline(context.clock, timeoutMs, runAndExplain, interrupt);
}

async function sendDelete(...[send, read]: Parameters<SendDelete>): Promise<boolean> {
  try {
    return (await send()) !== false;
  } catch (error) {
    const now = await read().catch(() => {
      throw error;
    });
    if (now !== undefined && now.phase !== "DELETING" && now.phase !== "DELETED") throw error;
    return now !== undefined;
  }
}

export function notGone(kind: string, id: string, { limit }: Deadline, error?: unknown): ResourceFailure {
  const lastSeen = error instanceof WaitTimeoutError ? ` (${error.status})` : "";
  return new ResourceFailure(
    `${describeObject(kind, id)} was not deleted within ${formatDuration(limit)}${lastSeen}. ` +
      `${howItContinues}, or raise \`customTimeouts\`.`,
  );
}
