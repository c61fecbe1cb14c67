/** A prebuild as users see it. It doesn't import the client, so the types of a program don't reach into the client. */
import { prebuildTraits } from "./traits.js";

/** What messages call it. */
export const { kind } = prebuildTraits;

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

/** A trigger that this release knows. */
export type PrebuildTrigger = (typeof triggers)[number];

/** A prebuild as the API describes it at a moment. */
export interface PrebuildDetails {
  /** The prebuild's id: a UUID. */
  readonly id: string;
  /** The project that is prebuilt. */
  readonly projectId: string;
  /** The environment class that it runs on. Absent only if the API names none. */
  readonly environmentClassId?: string;
  /** How long the run may take, such as `"45m"`. The API's default is an hour. */
  readonly timeout?: string;
  /** The organization that owns the prebuild. */
  readonly organizationId?: string;
  /** One of {@link phases}, or one that this release doesn't know yet. */
  readonly phase: PrebuildPhase | (string & {});
  /** One of {@link triggers}, or one that this release doesn't know yet. */
  readonly triggeredBy?: PrebuildTrigger | (string & {});
  /** Who started it: the id of a user, service account, … */
  readonly creatorId?: string;
  /** Who it runs as. */
  readonly executorId?: string;
  /** When it was created: RFC 3339. */
  readonly createdAt?: string;
  /** When it last changed: RFC 3339. */
  readonly updatedAt?: string;
  /** When the run ended, successfully or not: RFC 3339. */
  readonly completedAt?: string;
  /** Why it FAILED or was CANCELLED. */
  readonly failureMessage?: string;
  /** A problem in a run that may still have COMPLETED, such as a dev container that could not be built. */
  readonly warningMessage?: string;
  /** Where to read its log, with a token of `getPrebuildLogsToken`. */
  readonly logUrl?: string;
  /** The environment that the run uses. */
  readonly environmentId?: string;
  /**
   * The size of the snapshot in bytes: a decimal number as a string, because it may exceed what a number holds. `"0"`
   * before that.
   */
  readonly snapshotSizeBytes: string;
  /** How much of the snapshot is done: 0 to 100. It rises while SNAPSHOTTING if the cloud provider reports it. */
  readonly snapshotCompletionPercentage: number;
}
