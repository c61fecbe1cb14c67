/** Problems of pools and prebuilds that are not changes: pure functions of what the API reports. */
import { formatDuration } from "../../util/duration.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { lifetimeMs } from "../../prebuild/expiry.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { type Account, pairOf, timeOf } from "../account.js";
import { formatAge } from "../format.js";
import type { ManagedBy } from "../stack-state.js";
import { type Finding, reporter } from "./findings.js";

/** The limits beyond which something is reported, in milliseconds. */
export interface HealthLimits {
  readonly pendingFor: number;
  readonly expiresWithin: number;
}

type Reporter = ReturnType<typeof reporter>;

/** Phases of a prebuild that ran to an end and still exists. */
const endPhases: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/** A pool's problems. The newest prebuild of its project and environment class explains a missing snapshot. */
export function poolHealth(
  pool: WarmPoolDetails,
  owner: ManagedBy | undefined,
  newest: PrebuildDetails | undefined,
  { pendingFor }: HealthLimits,
  now: number,
): Finding[] {
  const report = reporter("WarmPool", { ...pool, message: pool.failureMessage }, owner);
  if (pool.phase === "DELETING") return [report("deleting", reasonForDeleting(owner), owner !== undefined)];
  if (pool.phase === "DEGRADED") return [report("degraded", "the runner reports a problem")];
  const since = pendingSince(pool, pendingFor, now);
  if (since === undefined) return [];
  if (pool.snapshotId !== undefined) return [report("pending", `${since} although it has a snapshot`)];
  const cause =
    newest === undefined
      ? "its project has no prebuild of its environment class"
      : `the newest prebuild of its project and environment class, ${newest.id}, is ${newest.phase}`;
  const finding = report("pending", `${since} without a snapshot, and ${cause}`);
  return [newest?.failureMessage === undefined ? finding : { ...finding, message: newest.failureMessage }];
}

/** The problems of a prebuild that a stack manages. */
export function prebuildHealth(
  prebuild: PrebuildDetails,
  owner: ManagedBy,
  { pendingFor, expiresWithin }: HealthLimits,
  now: number,
): Finding[] {
  const report = reporter("Prebuild", { ...prebuild, message: prebuild.failureMessage }, owner);
  const phase: string = prebuild.phase;
  if (phase === "FAILED") return [report("failed", "failed, and the next `pulumi up` runs it again")];
  if (phase === "CANCELLING") return [report("cancelled", "is being cancelled")];
  if (phase === "CANCELLED") return [report("cancelled", "was cancelled, and the next `pulumi up` runs it again")];
  if (phase === "DELETING") return [report("deleting", reasonForDeleting(owner), true)];
  const since = pendingSince(prebuild, pendingFor, now);
  return since === undefined ? expiring(prebuild, report, expiresWithin, now) : [report("pending", since)];
}

/**
 * The problems of prebuilds that no stack manages, mostly those of schedules. They come and go, so only the newest
 * ended prebuild of a project and environment class counts, and its age only if a pool depends on it.
 */
export function unmanagedPrebuilds(
  { warmPools, prebuilds, now }: Account,
  managedIds: ReadonlySet<string>,
  { expiresWithin }: HealthLimits,
): Finding[] {
  const pairsWithPool = new Set(warmPools.map(pairOf));
  const ended = prebuilds.filter(({ phase }) => endPhases.has(phase));
  return [...newestByPair(ended)].flatMap(([pair, prebuild]) => {
    if (managedIds.has(prebuild.id)) return [];
    const report = reporter("Prebuild", { ...prebuild, message: prebuild.failureMessage });
    const subject = "the newest of its project and environment class";
    if (prebuild.phase === "FAILED") return [report("failed", `${subject} failed`)];
    if (prebuild.phase === "CANCELLED") return [report("cancelled", `${subject} was cancelled`)];
    return pairsWithPool.has(pair) ? expiring(prebuild, report, expiresWithin, now) : [];
  });
}

/** The newest prebuild of each project and environment class, of prebuilds that are sorted from newest to oldest. */
export function newestByPair(prebuilds: readonly PrebuildDetails[]): ReadonlyMap<string, PrebuildDetails> {
  // The last value of a key wins.
  return new Map(prebuilds.toReversed().map((prebuild) => [pairOf(prebuild), prebuild]));
}

function reasonForDeleting(owner: ManagedBy | undefined): string {
  return owner === undefined ? "is being deleted" : "is being deleted, but its stack still declares it";
}

/** How long something has been PENDING, if that is too long. */
function pendingSince(
  { phase, createdAt }: WarmPoolDetails | PrebuildDetails,
  pendingFor: number,
  now: number,
): string | undefined {
  const created = timeOf(createdAt);
  if (phase !== "PENDING" || created === undefined || now - created < pendingFor) return undefined;
  return `has been PENDING for ${formatAge(now - created)}`;
}

function expiring({ phase, createdAt }: PrebuildDetails, report: Reporter, within: number, now: number): Finding[] {
  const created = timeOf(createdAt);
  if (phase !== "COMPLETED" || created === undefined) return [];
  const left = created + lifetimeMs - now;
  if (left > within) return [];
  const wholeMinutes = Math.max(0, Math.ceil(left / 60_000)) * 60_000;
  return [report("expiring", `will be removed in ${formatDuration(wholeMinutes)}`)];
}
