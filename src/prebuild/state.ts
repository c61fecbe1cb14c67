/** What is kept of a prebuild, and how the API's answer becomes it. */
import { omitUndefined } from "../util/nullish.js";
import type { Timeouts } from "../lifecycle/timeouts.js";
import type { PrebuildMessage } from "../client/index.js";
import { formatDuration, parseGoDuration } from "../util/duration.js";
import { describeCause } from "../util/text.js";
import { type PrebuildDetails, steadyNames } from "./outputs.js";
import { managedNames, type OptionalName, optionalNames, type PrebuildInputs, type PrebuildLogs } from "./inputs.js";

/** The outputs of a managed prebuild: the live prebuild, the inputs that the API does not know, and what read and delete need (hidden, `__`). */
export interface PrebuildState extends Omit<PrebuildDetails, "id"> {
  /** Whether the API has removed it because it was seven days old. */
  readonly expired: boolean;
  readonly triggers?: unknown;
  readonly waitForCompletion?: boolean;
  readonly logs?: PrebuildLogs;
  readonly recreateWhenExpired?: boolean;
  readonly connection?: string;
  /** Which of the inputs that can be left to the API the program declares; a prebuild without it is only read. */
  readonly __managed: readonly OptionalName[];
  readonly __timeouts?: Timeouts;
  /** Set while a run that is waited for has not ended, so that the next `up` goes on even after a refresh. */
  readonly __unfinished?: true;
  /** The shape of this state. */
  readonly __version: 1;
}

/** The prebuild that an answer of the API describes. */
export function detailsOf({ id, metadata, spec, status }: PrebuildMessage): PrebuildDetails {
  return omitUndefined<PrebuildDetails>({
    id,
    projectId: metadata?.projectId ?? "",
    environmentClassId: metadata?.environmentClassId,
    timeout: durationText(spec?.timeout),
    organizationId: metadata?.organizationId,
    phase: status?.phase ?? "UNSPECIFIED",
    triggeredBy: metadata?.triggeredBy,
    creatorId: metadata?.creator?.id,
    executorId: metadata?.executor?.id,
    createdAt: metadata?.createdAt,
    updatedAt: metadata?.updatedAt,
    completedAt: status?.completionTime,
    failureMessage: status?.failureMessage,
    warningMessage: status?.warningMessage,
    logUrl: status?.logUrl,
    environmentId: status?.environmentId,
    snapshotSizeBytes: status?.snapshotSizeBytes ?? "0",
    snapshotCompletionPercentage: status?.snapshotCompletionPercentage ?? 0,
  });
}

/** How long a run may take where nothing is said (`PrebuildSpec.timeout`), in its normal form. */
export const defaultRunTimeout = "1h";

/**
 * The state of a managed prebuild. What was declared and reached the API stays as it was declared: it can never change there, so an answer that words it otherwise, or leaves it out,
 * is no drift.
 */
export function stateOf(
  prebuild: PrebuildDetails,
  inputs: Partial<PrebuildInputs>,
  unfinished: boolean,
): PrebuildState {
  const { id, ...live } = prebuild;
  return omitUndefined<PrebuildState>({
    ...live,
    projectId: inputs.projectId ?? live.projectId,
    environmentClassId: inputs.environmentClassId ?? live.environmentClassId,
    timeout: inputs.timeout ?? live.timeout,
    expired: false,
    triggers: inputs.triggers,
    waitForCompletion: inputs.waitForCompletion,
    logs: inputs.logs,
    recreateWhenExpired: inputs.recreateWhenExpired,
    connection: inputs.connection,
    __managed: managedNames(inputs),
    __timeouts: inputs.__timeouts,
    __unfinished: unfinished ? (true as const) : undefined,
    __version: 1,
  });
}

/** The state of a prebuild that has expired: as it was seen last, but for what can only be known of one that is there. */
export function expiredState(state: PrebuildState): PrebuildState {
  const { __unfinished: _, ...kept } = state;
  const ended = ["COMPLETED", "FAILED", "CANCELLED"].includes(state.phase);
  return { ...kept, expired: true, phase: ended ? state.phase : "DELETED" };
}

/** The live inputs of a managed prebuild: what a program would have to say so that nothing is to be done. */
export function liveInputs(prebuild: Omit<PrebuildDetails, "id">, state: PrebuildState): PrebuildInputs {
  const managed = Object.fromEntries(state.__managed.map((name) => [name, state[name] ?? prebuild[name]]));
  return omitUndefined<PrebuildInputs>({
    projectId: state.projectId || prebuild.projectId,
    ...managed,
    triggers: state.triggers,
    waitForCompletion: state.waitForCompletion,
    logs: state.logs,
    recreateWhenExpired: state.recreateWhenExpired,
    connection: state.connection,
    __timeouts: state.__timeouts,
  });
}

/** What a prebuild that is only read shows: everything that does not move by itself, since any change of it would count as drift. */
export function steadyDetails(prebuild: PrebuildDetails): Partial<PrebuildDetails> {
  return Object.fromEntries(
    steadyNames.flatMap((name) => (prebuild[name] === undefined ? [] : [[name, prebuild[name]]])),
  );
}

/**
 * The state that the engine has in hand, as far as it is one: a property that an older release did not store is absent, and one that a newer release stored is ignored.
 */
export function readState(properties: Readonly<Record<string, unknown>>): PrebuildState {
  const text = (name: string) => (typeof properties[name] === "string" ? properties[name] : "");
  const managed: unknown = properties["__managed"];
  return {
    ...(properties as Partial<PrebuildState>),
    projectId: text("projectId"),
    phase: text("phase"),
    expired: properties["expired"] === true,
    snapshotSizeBytes: text("snapshotSizeBytes") || "0",
    snapshotCompletionPercentage:
      typeof properties["snapshotCompletionPercentage"] === "number" ? properties["snapshotCompletionPercentage"] : 0,
    __managed: optionalNames.filter((name) => Array.isArray(managed) && managed.includes(name)),
    __version: 1,
  };
}

/** Whether what the engine has in hand is the state of a managed prebuild, and not of one that is only read. */
export function isManagedState(properties: object): boolean {
  return "__managed" in properties && Array.isArray(properties.__managed);
}

/** How a run came to nothing, as the end of a sentence about it; undefined where it did not. */
export function failureOf({
  phase,
  failureMessage,
}: Pick<PrebuildDetails, "phase" | "failureMessage">): string | undefined {
  if (phase !== "FAILED" && phase !== "CANCELLED") return undefined;
  return `${phase === "FAILED" ? "FAILED" : "was CANCELLED"}${describeCause(failureMessage)}`;
}

/** A protobuf Duration (`"2700s"`) as people write it. */
function durationText(duration: string | undefined): string | undefined {
  const milliseconds = duration === undefined ? undefined : parseGoDuration(duration);
  return milliseconds === undefined ? undefined : formatDuration(milliseconds);
}
