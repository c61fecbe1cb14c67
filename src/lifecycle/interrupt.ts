/**
 * The time budget of a create that is interrupted.
 *
 * A dynamic provider has the least time. At the second Ctrl+C the engine stops listening, and 5 s later it kills the
 * process. In that time a create waits for a response in flight, searches for what it may have made, and undoes it.
 */
import { type Clock, startTimer } from "../util/clock.js";
import type { LifecycleContext } from "./contract.js";

/** The interrupt of an operation that nothing interrupts. */
export const neverInterrupted: AbortSignal = new AbortController().signal;

/** When the engine kills the process, in milliseconds after the interrupt. */
export const killTimeoutMs = 5_000;

/** When the process exits by itself, whether or not every create has finished. */
export const exitTimeoutMs = 4_700;

/** How long a create waits for the response to its request. */
export const responseTimeoutMs = 1_800;

/** How long a create searches for an object that it may have made. */
export const urgentSearchTimeoutMs = 1_300;

/** How long a create may take to cancel and delete what it made. */
export const undoTimeoutMs = 1_300;

/** Sends a request with a signal that is aborted {@link responseTimeoutMs} after an interrupt that is still to come. */
export async function sendInterruptible<T>(
  clock: Clock,
  interrupt: AbortSignal,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const expired = new AbortController();
  let stopTimer: (() => void) | undefined;
  const startTimeout = () => (stopTimer = startTimer(clock, responseTimeoutMs, () => expired.abort()));
  interrupt.addEventListener("abort", startTimeout);
  try {
    return await send(expired.signal);
  } finally {
    interrupt.removeEventListener("abort", startTimeout);
    stopTimer?.();
  }
}

/** Runs what follows a create. If it is interrupted and nothing can be kept, undoes the create and fails. */
export async function undoOnInterrupt<T>(
  { onInterrupt }: Pick<LifecycleContext, "onInterrupt">,
  interrupt: AbortSignal,
  run: () => Promise<T>,
  undo: () => Promise<void>,
): Promise<T> {
  if (onInterrupt === "keep") return run();
  try {
    interrupt.throwIfAborted();
    const result = await run();
    interrupt.throwIfAborted();
    return result;
  } catch (error) {
    if (interrupt.aborted) await undo();
    throw error;
  }
}
