/** A warm pool as users see it. It doesn't import the client, so the types of a program don't reach into the client. */
import { warmPoolTraits } from "./traits.js";

/** What messages call it. */
export const { kind } = warmPoolTraits;

/** A warm pool as the API describes it at a moment. */
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
  /** `PENDING`, `READY`, `DEGRADED`, `DELETING`, `DELETED`, or a phase that this release doesn't know yet. */
  readonly phase: string;
  /** Why a pool is DEGRADED, in the runner's words. */
  readonly failureMessage?: string;
  /** The prebuild snapshot that instances start from. Absent until a prebuild has completed. */
  readonly snapshotId?: string;
  /** The minimum number of warm instances. Absent only if the API has none. */
  readonly minSize?: number;
  /** The maximum number of warm instances. Absent only if the API has none. */
  readonly maxSize?: number;
  /** The number of instances that the autoscaler aims for. */
  readonly desiredSize: number;
  /** The number of running instances. */
  readonly runningInstances: number;
  /** The number of stopped instances that can be started. */
  readonly stoppedInstances: number;
}
