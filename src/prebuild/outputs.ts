/** A prebuild as people see it. Knows nothing of the client, so that the types of a program do not reach into it. */
import { inputNames } from "./inputs.js";

/** What people call it. */
export const kind = "prebuild";

/** The phases that this release knows: the API's names (`PrebuildPhase`) without prefix. */
export const phases = [
  "PENDING",
  "STARTING",
  "RUNNING",
  "STOPPING",
  "SNAPSHOTTING",
  "COMPLETED",
  "FAILED",
  "CANCELLING",
  "CANCELLED",
  "DELETING",
  "DELETED",
] as const;

/** A phase that this release knows. */
export type PrebuildPhase = (typeof phases)[number];

/** What starts a prebuild: the API's names (`PrebuildTrigger`) without prefix. */
export const triggers = ["MANUAL", "SCHEDULED"] as const;

/** What starts a prebuild, as far as this release knows. */
export type PrebuildTrigger = (typeof triggers)[number];

/** A prebuild as the API has it at a moment. */
export interface PrebuildDetails {
  /** The prebuild's id: a UUID. */
  readonly id: string;
  /** The project that is prebuilt. */
  readonly projectId: string;
  /** The environment class that it runs on; absent only where the API names none. */
  readonly environmentClassId?: string;
  /** How long the run may take, such as `"45m"`; the API's default is an hour. */
  readonly timeout?: string;
  /** The organization that owns the prebuild. */
  readonly organizationId?: string;
  /** One of {@link phases}, or one that this release does not know yet. */
  readonly phase: PrebuildPhase | (string & {});
  /** One of {@link triggers}, or one that this release does not know yet. */
  readonly triggeredBy?: PrebuildTrigger | (string & {});
  /** Who asked for it: the id of a user, service account, … */
  readonly creatorId?: string;
  /** Who it runs as. */
  readonly executorId?: string;
  /** When it was created: RFC 3339. */
  readonly createdAt?: string;
  /** When it last changed: RFC 3339. */
  readonly updatedAt?: string;
  /** When the run ended, whatever its end: RFC 3339. */
  readonly completedAt?: string;
  /** Why it FAILED or was CANCELLED. */
  readonly failureMessage?: string;
  /** What went wrong in a run that may have COMPLETED all the same, such as a dev container that could not be built; environments that start from its snapshot will have it, too. */
  readonly warningMessage?: string;
  /** Where its log can be read, with a token of `getPrebuildLogsToken`. */
  readonly logUrl?: string;
  /** The environment that the run uses. */
  readonly environmentId?: string;
  /** The size of the snapshot in bytes: a decimal number as text, since it may exceed what a JavaScript number holds exactly. `"0"` until there is one. */
  readonly snapshotSizeBytes: string;
  /** How much of the snapshot has been made: 0 to 100, moving while SNAPSHOTTING where the cloud's provider tells it, and otherwise 0. */
  readonly snapshotCompletionPercentage: number;
}

/** The properties that exist only as outputs. */
export const outputNames = [
  "organizationId",
  "phase",
  "expired",
  "triggeredBy",
  "creatorId",
  "executorId",
  "createdAt",
  "updatedAt",
  "completedAt",
  "failureMessage",
  "warningMessage",
  "logUrl",
  "environmentId",
  "snapshotSizeBytes",
  "snapshotCompletionPercentage",
] as const;

/** The properties that do not move by themselves. */
export const steadyNames = [
  "projectId",
  "environmentClassId",
  "timeout",
  "organizationId",
  "triggeredBy",
  "creatorId",
  "executorId",
  "createdAt",
] as const;

/** The properties that a managed prebuild shows. */
export const shownNames = [...inputNames, ...outputNames] as const;

/** The properties that a prebuild shows that is only read. */
export const readNames = [...steadyNames, "connection"] as const;
