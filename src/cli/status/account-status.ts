/** What `status` shows: each pool with its snapshot and prebuilds. A pure function of the account. */
import { omitUndefined } from "../../util/nullish.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import type { Account } from "../account.js";

/** A pool, with what its snapshot and prebuilds add. */
export interface PoolStatus {
  readonly id: string;
  readonly projectId: string;
  readonly environmentClassId: string;
  readonly phase: string;
  /** The runner's explanation of phase DEGRADED. */
  readonly failureMessage?: string;
  /** Absent if the API has none. */
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly desiredSize: number;
  readonly runningInstances: number;
  readonly stoppedInstances: number;
  /** The snapshot that instances start from. Absent until a prebuild has completed. */
  readonly snapshotId?: string;
  /** When the newest COMPLETED prebuild of its project and class completed (RFC 3339). Absent if none is left. */
  readonly snapshotAt?: string;
  /** The prebuilds of its project and class in progress. */
  readonly prebuildsRunning: number;
  /** The phase of the newest prebuild of its project and class, if FAILED or CANCELLED. */
  readonly newestPrebuild?: string;
}

/** What `status` shows, and its JSON document. */
export interface AccountStatus {
  readonly schemaVersion: 1;
  /** The connection that leads to the account. Absent for the general settings. */
  readonly connection?: string;
  /** When the account was read, by the server's clock: RFC 3339. */
  readonly checkedAt: string;
  /** Ordered by project, environment class and id. */
  readonly warmPools: readonly PoolStatus[];
  /** The prebuilds of the account in progress, including those without a pool. */
  readonly prebuildsRunning: number;
}

const inProgress: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

/** The status of an account. */
export function toAccountStatus({ warmPools, prebuilds, now }: Account, connection?: string): AccountStatus {
  return {
    schemaVersion: 1,
    ...(connection === undefined ? {} : { connection }),
    checkedAt: new Date(now).toISOString(),
    warmPools: warmPools.map((pool) => toPoolStatus(pool, prebuilds)),
    prebuildsRunning: prebuilds.filter(({ phase }) => inProgress.has(phase)).length,
  };
}

function toPoolStatus(pool: WarmPoolDetails, accountPrebuilds: readonly PrebuildDetails[]): PoolStatus {
  const { projectId, environmentClassId, snapshotId } = pool;
  const prebuilds = accountPrebuilds.filter(
    (prebuild) => prebuild.projectId === projectId && prebuild.environmentClassId === environmentClassId,
  );
  const source = snapshotId === undefined ? undefined : prebuilds.find(({ phase }) => phase === "COMPLETED");
  const newest = prebuilds[0]?.phase;
  return omitUndefined<PoolStatus>({
    id: pool.id,
    projectId,
    environmentClassId,
    phase: pool.phase,
    failureMessage: pool.failureMessage,
    minSize: pool.minSize,
    maxSize: pool.maxSize,
    desiredSize: pool.desiredSize,
    runningInstances: pool.runningInstances,
    stoppedInstances: pool.stoppedInstances,
    snapshotId,
    snapshotAt: source?.completedAt ?? source?.createdAt,
    prebuildsRunning: prebuilds.filter(({ phase }) => inProgress.has(phase)).length,
    newestPrebuild: newest === "FAILED" || newest === "CANCELLED" ? newest : undefined,
  });
}

/** Everything but the time of a status, to tell whether anything has changed. */
export function withoutTime({ checkedAt: _, ...rest }: AccountStatus): string {
  return JSON.stringify(rest);
}
