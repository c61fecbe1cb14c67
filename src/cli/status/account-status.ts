/** What `status` shows: each pool with its snapshot and prebuilds. A pure function of the account. */
import { omitUndefined } from "../../util/nullish.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { type Account, pairOf } from "../account.js";
import type { PairIds, PairNames } from "../names.js";

/** A pool, with what the account's prebuilds say about it. docs/status.schema.json describes the properties. */
export interface PoolStatus
  extends Omit<WarmPoolDetails, "organizationId" | "runnerId" | "createdAt" | "updatedAt">, PairNames {
  readonly snapshotAt?: string;
  readonly prebuildsRunning: number;
  readonly newestPrebuild?: string;
}

/** What `status` shows, and its JSON document, which docs/status.schema.json describes. */
export interface AccountStatus {
  readonly schemaVersion: 1;
  readonly connection?: string;
  readonly checkedAt: string;
  readonly warmPools: readonly PoolStatus[];
  readonly prebuildsRunning: number;
}

const inProgress: ReadonlySet<string> = new Set(["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"]);

/** @param namesOf returns the names of a pool's project and environment class. Default: they are left out */
export function toAccountStatus(
  { warmPools, prebuilds, now }: Account,
  connection?: string,
  namesOf: (pair: PairIds) => PairNames = () => ({}),
): AccountStatus {
  // Grouped once: an account can have many of both.
  const byPair = new Map<string, PrebuildDetails[]>();
  for (const prebuild of prebuilds) {
    const runs = byPair.get(pairOf(prebuild));
    if (runs === undefined) byPair.set(pairOf(prebuild), [prebuild]);
    else runs.push(prebuild);
  }
  return {
    schemaVersion: 1,
    ...(connection === undefined ? {} : { connection }),
    checkedAt: new Date(now).toISOString(),
    warmPools: warmPools.map((pool) => ({
      ...toPoolStatus(pool, summarize(byPair.get(pairOf(pool)) ?? [])),
      ...namesOf(pool),
    })),
    prebuildsRunning: prebuilds.filter(({ phase }) => inProgress.has(phase)).length,
  };
}

/** What the prebuilds of a project and environment class, newest first, say about their pool. */
function summarize(prebuilds: readonly PrebuildDetails[]) {
  const [newest] = prebuilds;
  return {
    completed: prebuilds.find(({ phase }) => phase === "COMPLETED"),
    running: prebuilds.filter(({ phase }) => inProgress.has(phase)).length,
    newest: newest?.phase,
  };
}

function toPoolStatus(pool: WarmPoolDetails, { completed, running, newest }: ReturnType<typeof summarize>): PoolStatus {
  const source = pool.snapshotId === undefined ? undefined : completed;
  const { organizationId, runnerId, createdAt, updatedAt, ...shown } = pool;
  return omitUndefined<PoolStatus>({
    ...shown,
    snapshotAt: source?.completedAt ?? source?.createdAt,
    prebuildsRunning: running,
    newestPrebuild: newest === "FAILED" || newest === "CANCELLED" ? newest : undefined,
  });
}

/** Everything but the time of a status, to tell whether anything has changed. */
export function withoutTime({ checkedAt: _, ...rest }: AccountStatus): string {
  return JSON.stringify(rest);
}
