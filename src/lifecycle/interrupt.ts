/**
 * What a create still does once its process has been told to end: wait a little for an answer on its way, look, undo.
 *
 * The engine kills the process 5 s after the second ^C, so the three together have to fit in there.
 */
import type { Clock } from "../util/clock.js";

/** How long an interrupted process waits for the answer to a create, in milliseconds. */
const answerPatience = 1_800;

/** How long looking for, or undoing, what an interrupted create made may take, in milliseconds. */
export const undoPatience = 1_300;

/** A signal that is aborted some time after the interrupt, so that a request on its way can still be answered. */
export function patientSignal(clock: Clock, interrupt: AbortSignal): { signal: AbortSignal; end(): void } {
  const late = new AbortController();
  const ended = new AbortController();
  const begin = () => {
    clock.sleep(answerPatience, ended.signal).then(
      () => late.abort(),
      () => undefined,
    );
  };
  if (interrupt.aborted) begin();
  else interrupt.addEventListener("abort", begin, { signal: ended.signal });
  return { signal: late.signal, end: () => ended.abort() };
}
