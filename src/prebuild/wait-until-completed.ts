/** Waiting until a prebuild has completed, with what people see of it meanwhile, and keeping it in state when it does not. */
import { isTransient, OnaError } from "../client/index.js";
import { formatDuration } from "../util/duration.js";
import { messageOf, PartialFailure, ResourceFailure } from "../lifecycle/failures.js";
import { thenUp } from "../lifecycle/messages.js";
import { sanitize, describeObject } from "../util/text.js";
import { type Deadline, visibilityPatience, waitFor, WaitTimeoutError } from "../lifecycle/wait.js";
import { kind, type PrebuildDetails } from "./outputs.js";
import type { PrebuildInputs } from "./inputs.js";
import { followLog, type LogFollower, readTail } from "./log/follow.js";
import { decideCompleted, PrebuildLeaving, RunFailed } from "./phases.js";
import { type PrebuildState, stateOf } from "./state.js";
import { pollPrebuild, type PrebuildContext } from "./api.js";

/**
 * Waits as waitForCompletion says and gives the state to keep.
 * @param prebuild the prebuild as the API last described it
 * @param isNew whether it was started just now
 * @throws PartialFailure with the prebuild as it was seen last, for the next `up` to go on from
 * @throws ResourceFailure when the prebuild is gone
 */
export async function settle(
  context: PrebuildContext,
  prebuild: PrebuildDetails,
  inputs: PrebuildInputs,
  deadline: Deadline,
  isNew: boolean,
): Promise<PrebuildState> {
  const { id } = prebuild;
  const keep = (seen: PrebuildDetails, unfinished: boolean) => stateOf(seen, inputs, unfinished);
  const waits = inputs.waitForCompletion !== false;
  const log = waits && inputs.logs === "stream" ? streaming(context, id) : undefined;
  const warned = new Set<string>();
  const startedAt = context.clock.monotonic();
  let latest = prebuild;
  let unseenUntil = isNew ? startedAt + visibilityPatience : -Infinity;
  const note = (seen: PrebuildDetails) => {
    latest = seen;
    log?.seen(seen.logUrl);
    const warning = seen.warningMessage;
    if (warning === undefined || warned.has(warning)) return;
    warned.add(warning);
    context.warn(`the server warns: ${sanitize(warning)}`, id);
  };
  note(prebuild);
  if (!waits) return keep(prebuild, false);
  try {
    const completed = await waitFor({
      first: prebuild,
      observe: async (signal) => {
        const seen = await pollPrebuild(context, prebuild, signal);
        if (seen === undefined) {
          if (context.clock.monotonic() < unseenUntil) return latest;
          throw new PrebuildLeaving(`${describeObject(kind, id)} was deleted while it was waited for`, true);
        }
        unseenUntil = -Infinity;
        note(seen);
        return seen;
      },
      decide: decideCompleted,
      report: (line) => context.progress(line, id),
      tolerate: isTransient,
      deadline,
      clock: context.clock,
    });
    const elapsed = formatDuration(context.clock.monotonic() - startedAt);
    await log?.finish(completed.logUrl, deadline.signal);
    context.progress(`COMPLETED${snapshotOf(completed)} (${elapsed})`, id);
    return keep(completed, false);
  } catch (error) {
    // A prebuild that is gone must not stay in state as if it were there.
    if (error instanceof PrebuildLeaving && error.gone) throw new ResourceFailure(`${error.message}. ${thenUp}`);
    if (error instanceof RunFailed) {
      if (log !== undefined) await log.finish(latest.logUrl, deadline.signal);
      else if (inputs.logs !== "none") await showTail(context, latest, deadline.signal);
    }
    throw new PartialFailure(id, keep(latest, !(error instanceof RunFailed)), reason(latest, error));
  } finally {
    log?.stop();
  }
}

/** Follows a log whose lines people see as they come. */
function streaming(context: PrebuildContext, id: string): LogFollower {
  return followLog(
    context,
    id,
    (line) => context.log(line, id),
    (line) => context.warn(line, id),
  );
}

/** Shows the end of the log of a run that failed. That it cannot be read changes nothing of the failure. */
async function showTail(context: PrebuildContext, prebuild: PrebuildDetails, signal: AbortSignal): Promise<void> {
  const { id, logUrl } = prebuild;
  if (logUrl === undefined) return context.progress("it has no log", id);
  try {
    const { lines, omitted } = await readTail(context, prebuild, signal);
    context.progress(titleOf(lines.length, omitted), id);
    for (const line of lines) context.log(line, id);
  } catch (error) {
    context.warn(`its log could not be read: ${messageOf(error)}`, id);
  }
}

function titleOf(shown: number, omitted: number): string {
  if (shown === 0) return "its log is empty";
  return omitted === 0 ? "its log:" : `the last ${shown} of the ${shown + omitted} lines of its log:`;
}

function reason({ id, phase }: PrebuildDetails, error: unknown): string {
  const which = describeObject(kind, id);
  const goesOn = "It is kept in state, and the next `pulumi up` goes on waiting";
  if (error instanceof RunFailed) return `${error.message}. The next \`pulumi up\` runs it again.`;
  if (error instanceof WaitTimeoutError) {
    return (
      `${which} has not completed after ${formatDuration(error.timeout)}: ${error.status}. ${goesOn}; ` +
      "customTimeouts say how long, and waitForCompletion whether to wait at all."
    );
  }
  if (error instanceof ResourceFailure) return `${error.message}. ${thenUp}`;
  if (error instanceof OnaError) {
    return `${which} was started (${phase}), but could not be watched until it had completed: ${error.message}. ${goesOn}.`;
  }
  return `${which} was started (${phase}), but the wait for it was ended. ${goesOn}.`;
}

/** The snapshot for people, where its size is known. The number may be larger than JavaScript holds exactly, which does not show here. */
function snapshotOf({ snapshotSizeBytes }: PrebuildDetails): string {
  const bytes = Number(snapshotSizeBytes);
  if (bytes <= 0) return "";
  return `, a snapshot of ${bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`}`;
}
