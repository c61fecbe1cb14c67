/** What a status shows: each pool with its snapshot and its prebuilds. A pure function of the account. */
import { omitUndefined } from "../../util/nullish.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import type { Account } from "../account.js";

/** A pool as a status shows it. */
export interface PoolPicture {
  readonly id: string;
  readonly projectId: string;
  readonly environmentClassId: string;
  readonly phase: string;
  /** What its runner says of a DEGRADED pool. */
  readonly failureMessage?: string;
  /** Absent where the API has none. */
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly desiredSize: number;
  readonly runningInstances: number;
  readonly stoppedInstances: number;
  /** The snapshot that instances start from; absent until a prebuild has completed. */
  readonly snapshotId?: string;
  /** When the newest COMPLETED prebuild of its project and environment class completed (RFC 3339): what the snapshot is made of. Absent where no such prebuild is left. */
  readonly snapshotAt?: string;
  /** How many prebuilds of its project and environment class are under way. */
  readonly prebuildsRunning: number;
  /** The phase of the newest prebuild of its project and environment class, where that FAILED or was CANCELLED. */
  readonly newestPrebuild?: string;
}

/** What a status shows. */
export interface Picture {
  readonly schemaVersion: 1;
  /** The connection that leads to the account; absent for the one that the general settings are of. */
  readonly connection?: string;
  /** When it was looked at, by the server's clock: RFC 3339. */
  readonly checkedAt: string;
  /** Ordered by project, environment class and id. */
  readonly warmPools: readonly PoolPicture[];
  /** How many prebuilds of the account are under way, those without a pool too. */
  readonly prebuildsRunning: number;
}

const underWay: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

/** The picture of an account. */
export function pictureOf({ warmPools, prebuilds, now }: Account, connection?: string): Picture {
  return {
    schemaVersion: 1,
    ...(connection === undefined ? {} : { connection }),
    checkedAt: new Date(now).toISOString(),
    warmPools: warmPools.map((pool) => poolPicture(pool, prebuilds)),
    prebuildsRunning: prebuilds.filter(({ phase }) => underWay.has(phase)).length,
  };
}

function poolPicture(pool: WarmPoolDetails, all: readonly PrebuildDetails[]): PoolPicture {
  const { projectId, environmentClassId } = pool;
  const prebuilds = all.filter(
    (prebuild) => prebuild.projectId === projectId && prebuild.environmentClassId === environmentClassId,
  );
  const source = pool.snapshotId === undefined ? undefined : prebuilds.find(({ phase }) => phase === "COMPLETED");
  const newest = prebuilds[0]?.phase;
  return omitUndefined<PoolPicture>({
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
    snapshotId: pool.snapshotId,
    snapshotAt: source?.completedAt ?? source?.createdAt,
    prebuildsRunning: prebuilds.filter(({ phase }) => underWay.has(phase)).length,
    newestPrebuild: newest === "FAILED" || newest === "CANCELLED" ? newest : undefined,
  });
}

/** What makes two pictures differ for people: everything but the moment. */
export function essence({ checkedAt: _, ...rest }: Picture): string {
  return JSON.stringify(rest);
}
