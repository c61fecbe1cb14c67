/** A warm pool as people see it. Knows nothing of the client, so that the types of a program do not reach into it. */
import { inputNames } from "./inputs.js";

/** What people call it. */
export const kind = "warm pool";

/** A warm pool as the API has it at a moment. */
export interface WarmPoolDetails {
  /** The pool's id: a UUID. */
  readonly id: string;
  /** The project whose prebuilds fill the pool. */
  readonly projectId: string;
  /** The environment class whose instances are kept warm. */
  readonly environmentClassId: string;
  /** The organization that owns the pool. */
  readonly organizationId?: string;
  /** The runner that keeps the pool. */
  readonly runnerId?: string;
  /** When the pool was created: RFC 3339. */
  readonly createdAt?: string;
  /** When the pool last changed: RFC 3339. */
  readonly updatedAt?: string;
  /** `PENDING`, `READY`, `DEGRADED`, `DELETING`, `DELETED`, or a phase that this release does not know yet. */
  readonly phase: string;
  /** What the runner says of a DEGRADED pool. */
  readonly failureMessage?: string;
  /** The prebuild snapshot that instances start from; absent until a prebuild has completed. */
  readonly snapshotId?: string;
  /** The least number of warm instances; absent only where the API has none. */
  readonly minSize?: number;
  /** The greatest number of warm instances; absent only where the API has none. */
  readonly maxSize?: number;
  /** The number of instances that the autoscaler aims at. */
  readonly desiredSize: number;
  /** Instances that run. */
  readonly runningInstances: number;
  /** Instances that are stopped and can be started. */
  readonly stoppedInstances: number;
}

/** The properties that exist only as outputs. */
export const outputNames = [
  "organizationId",
  "runnerId",
  "createdAt",
  "updatedAt",
  "phase",
  "failureMessage",
  "snapshotId",
  "desiredSize",
  "runningInstances",
  "stoppedInstances",
] as const;

/** The properties that do not move by themselves. */
export const steadyNames = [
  "projectId",
  "environmentClassId",
  "minSize",
  "maxSize",
  "organizationId",
  "runnerId",
  "createdAt",
] as const;

/** The properties that a managed pool shows. */
export const shownNames = [...inputNames, ...outputNames] as const;

/** The properties that a pool shows that is only read. */
export const readNames = [...steadyNames, "connection"] as const;
