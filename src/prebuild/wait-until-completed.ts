/** Waits until a prebuild has completed, and shows its progress, warnings and log. */
import { formatDuration } from "../util/duration.js";
import { messageOf, PartialFailure, ResourceFailure } from "../lifecycle/failures.js";
import { adviceToRecreate } from "../lifecycle/messages.js";
import { describeObject } from "../util/text.js";
import type { Deadline } from "../lifecycle/wait.js";
import { describeWaitFailure, watch } from "../lifecycle/watch.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { PrebuildInputs } from "./properties.js";
import { LogFollower, readTail } from "./log/follow.js";
import { decideCompleted, RunFailed } from "./phases.js";
import { failureOf, type PrebuildState, stateOf } from "./state.js";
import type { PrebuildContext } from "./api.js";

/**
 * Waits as waitForCompletion says, and builds the state to keep.
 * @throws PartialFailure when the run has not completed, ResourceFailure when the prebuild is gone
 */
export async function waitUntilCompleted(
  context: PrebuildContext,
  prebuild: PrebuildDetails,
  inputs: PrebuildInputs,
  deadline: Deadline,
  isNew: boolean,
): Promise<PrebuildState> {
  const { id } = prebuild;
  const { waitForCompletion, logs } = inputs;
  const waits = waitForCompletion !== false;
  const showLine = (line: string) => context.log(line, id);
  const warn = (line: string) => context.warn(line, id);
  const log = waits && logs === "stream" ? new LogFollower(context, id, showLine, warn) : undefined;
  const warned = new Set<string>();
  const startedAt = context.clock.monotonic();
  let logFinished: Promise<void> | undefined;
  const onSeen = (seen: PrebuildDetails) => {
    const { phase, logUrl, warningMessage } = seen;
    log?.seen(logUrl);
    // In the same tick: otherwise the follower starts to read the archive too.
    if (phase === "COMPLETED" || failureOf(seen) !== undefined) logFinished = log?.finish(logUrl, deadline.signal);
    if (warningMessage === undefined || warned.has(warningMessage)) return;
    warned.add(warningMessage);
    warn(`the server warns: ${warningMessage}`);
  };
  onSeen(prebuild);
  if (!waits) return stateOf(prebuild, inputs, false);
  try {
    const poll = (signal: AbortSignal) => context.prebuilds.poll(prebuild, signal);
    const watched = { kind, first: prebuild, isNew, poll, decide: decideCompleted, onSeen, deadline };
    const outcome = await watch(context, watched);
    const { latest } = outcome;
    if (!("error" in outcome)) {
      const elapsed = formatDuration(context.clock.monotonic() - startedAt);
      await logFinished;
      context.note(`COMPLETED${snapshotOf(latest)} (${elapsed})`, id);
      return stateOf(latest, inputs, false);
    }
    const hasFailed = outcome.error instanceof RunFailed;
    if (hasFailed && log !== undefined) await logFinished;
    else if (hasFailed && logs !== "none") await showTail(context, latest, deadline.signal);
    throw new PartialFailure(id, stateOf(latest, inputs, !hasFailed), describeFailure(latest, outcome.error));
  } finally {
    log?.stop();
  }
}

/** Shows the last lines of the log of a run that failed. */
async function showTail(context: PrebuildContext, prebuild: PrebuildDetails, signal: AbortSignal): Promise<void> {
  const { id, logUrl } = prebuild;
  if (logUrl === undefined) return context.note("it has no log", id);
  try {
    const { lines, omitted } = await readTail(context, prebuild, signal);
    const count = lines.length;
    const title = omitted === 0 ? "its log:" : `the last ${count} of the ${count + omitted} lines of its log:`;
    context.note(count === 0 ? "its log is empty" : title, id);
    for (const line of lines) context.log(line, id);
  } catch (error) {
    context.warn(`its log could not be read: ${messageOf(error)}`, id);
  }
}

function describeFailure({ id, phase }: PrebuildDetails, error: unknown): string {
  if (error instanceof RunFailed) return `${error.message}. The next \`pulumi up\` runs it again.`;
  if (error instanceof ResourceFailure) return `${error.message}. ${adviceToRecreate}`;
  const next = "It stays in state and the next `pulumi up` continues to wait.";
  const wait = { goal: "complete", now: `was started (${phase})`, next, option: "waitForCompletion" };
  return describeWaitFailure(describeObject(kind, id), error, wait);
}

/** The snapshot and its size, if known. A size beyond the exact integers is rounded anyway. */
function snapshotOf({ snapshotSizeBytes }: PrebuildDetails): string {
  const bytes = Number(snapshotSizeBytes);
  if (bytes <= 0) return "";
  return `, a snapshot of ${bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`}`;
}
