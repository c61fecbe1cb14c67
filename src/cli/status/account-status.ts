/** What `status` shows: each pool with its snapshot and prebuilds. A pure function of the account. */
import { omitUndefined } from "../../util/nullish.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import type { Account } from "../account.js";

/** A pool, with what the account's prebuilds say about it. docs/status.schema.json describes the properties. */
export interface PoolStatus extends Omit<WarmPoolDetails, "organizationId" | "runnerId" | "createdAt" | "updatedAt"> {
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
  /** By the server's clock: RFC 3339. */
  readonly checkedAt: string;
  /** Ordered by project, environment class and id. */
  readonly warmPools: readonly PoolStatus[];
  /** The prebuilds of the account in progress, including those without a pool. */
  readonly prebuildsRunning: number;
}

const inProgress: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

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
  const prebuilds = accountPrebuilds.filter(
    ({ projectId, environmentClassId }) =>
      projectId === pool.projectId && environmentClassId === pool.environmentClassId,
  );
  const source = pool.snapshotId === undefined ? undefined : prebuilds.find(({ phase }) => phase === "COMPLETED");
  const newest = prebuilds[0]?.phase;
  const { organizationId, runnerId, createdAt, updatedAt, ...shown } = pool;
  return omitUndefined<PoolStatus>({
    ...shown,
    snapshotAt: source?.completedAt ?? source?.createdAt,
    prebuildsRunning: prebuilds.filter(({ phase }) => inProgress.has(phase)).length,
    newestPrebuild: newest === "FAILED" || newest === "CANCELLED" ? newest : undefined,
  });
}

/** Everything but the time of a status, to tell whether anything has changed. */
export function withoutTime({ checkedAt: _, ...rest }: AccountStatus): string {
  return JSON.stringify(rest);
}
