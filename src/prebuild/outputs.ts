/** A prebuild as users see it. It doesn't import the client, so the types of a program don't reach into the client. */
import type { DetailsOf } from "../lifecycle/properties.js";
import type { PrebuildRows } from "./properties.js";
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
export interface PrebuildDetails extends DetailsOf<PrebuildRows> {
  /** The prebuild's id: a UUID. */
  readonly id: string;
  /** One of {@link PrebuildPhase}, or one that this release doesn't know yet. */
  readonly phase: PrebuildPhase | (string & {});
  /** One of {@link PrebuildTrigger}, or one that this release doesn't know yet. */
  readonly triggeredBy?: PrebuildTrigger | (string & {});
}
