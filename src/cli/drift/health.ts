/** What is the matter with pools and prebuilds that nobody changed: pure functions of what the API says. */
import { omitUndefined } from "../../util/nullish.js";
import { formatDuration } from "../../util/duration.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { lifetime } from "../../prebuild/expiry.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { type Account, timeOf } from "../account.js";
import { age } from "../format.js";
import type { Finding, ManagedBy } from "./findings.js";

/** From when on something is worth a word. */
export interface HealthLimits {
  /** How long something may be PENDING, in milliseconds. */
  readonly pendingFor: number;
  /** How long before it expires a prebuild is reported, in milliseconds. */
  readonly expiresWithin: number;
}

/** Phases in which the run of a prebuild has ended and the prebuild is still there. */
const ended: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/**
 * A pool's troubles.
 * @param owner the resource that manages it, if a given stack does
 * @param prebuilds those of the account, the newest first, to say why a pool has no snapshot
 */
export function poolHealth(
  pool: WarmPoolDetails,
  owner: ManagedBy | undefined,
  prebuilds: readonly PrebuildDetails[],
  { pendingFor }: HealthLimits,
  now: number,
): Finding[] {
  const { id, projectId, environmentClassId, phase, failureMessage } = pool;
  const subject = omitUndefined<Omit<Finding, "kind" | "drift" | "reason">>({
    type: "WarmPool",
    id,
    projectId,
    environmentClassId,
    phase,
    resource: owner,
    message: failureMessage,
  });
  if (phase === "DELETING") {
    const reason = owner === undefined ? "it is being deleted" : "it is being deleted, and its stack still declares it";
    return [{ ...subject, kind: "deleting", drift: owner !== undefined, reason }];
  }
  if (phase === "DEGRADED") {
    return [{ ...subject, kind: "degraded", drift: false, reason: "its runner reports a problem" }];
  }
  const created = timeOf(pool.createdAt);
  if (phase !== "PENDING" || created === undefined || now - created < pendingFor) return [];
  const since = `PENDING for ${age(now - created)}`;
  if (pool.snapshotId !== undefined) {
    return [{ ...subject, kind: "pending", drift: false, reason: `${since}, though it has a snapshot` }];
  }
  const newest = prebuilds.find(
    (prebuild) => prebuild.projectId === projectId && prebuild.environmentClassId === environmentClassId,
  );
  const told = newest?.failureMessage ?? subject.message;
  return [
    {
      ...subject,
      kind: "pending",
      drift: false,
      reason: `${since}: it has no snapshot; ${whyNoSnapshot(newest)}`,
      ...(told === undefined ? {} : { message: told }),
    },
  ];
}

function whyNoSnapshot(newest: PrebuildDetails | undefined): string {
  if (newest === undefined) return "its project has no prebuild of its environment class";
  return `the newest prebuild of its project and environment class, ${newest.id}, is ${newest.phase}`;
}

/** The troubles of a prebuild that a stack manages. */
export function prebuildHealth(
  prebuild: PrebuildDetails,
  owner: ManagedBy,
  { pendingFor, expiresWithin }: HealthLimits,
  now: number,
): Finding[] {
  const subject = { ...about(prebuild), resource: owner };
  const told = new Map<string, Pick<Finding, "kind" | "drift" | "reason">>([
    ["FAILED", { kind: "failed", drift: false, reason: "it failed; the next `pulumi up` runs it again" }],
    ["CANCELLING", { kind: "cancelled", drift: false, reason: "it is being cancelled" }],
    ["CANCELLED", { kind: "cancelled", drift: false, reason: "it was cancelled; the next `pulumi up` runs it again" }],
    ["DELETING", { kind: "deleting", drift: true, reason: "it is being deleted, and its stack still declares it" }],
  ]).get(prebuild.phase);
  if (told !== undefined) return [{ ...subject, ...told }];
  if (prebuild.phase !== "PENDING") return expiring(prebuild, subject, expiresWithin, now);
  const created = timeOf(prebuild.createdAt);
  if (created === undefined || now - created < pendingFor) return [];
  return [{ ...subject, kind: "pending", drift: false, reason: `PENDING for ${age(now - created)}` }];
}

/**
 * The troubles of prebuilds that no stack manages, schedules' above all. They come and go, so only the newest one that ended counts for a project and environment class,
 * and its age only where a pool lives on it.
 */
export function unmanagedPrebuilds(
  prebuilds: readonly PrebuildDetails[],
  { warmPools, now, prebuilds: all }: Account,
  { expiresWithin }: HealthLimits,
): Finding[] {
  const pairOf = (of: { readonly projectId: string; readonly environmentClassId?: string }) =>
    `${of.projectId}/${of.environmentClassId ?? ""}`;
  const pooled = new Set(warmPools.map(pairOf));
  const newest = new Map<string, string>();
  for (const prebuild of all) {
    if (ended.has(prebuild.phase) && !newest.has(pairOf(prebuild))) newest.set(pairOf(prebuild), prebuild.id);
  }
  return prebuilds.flatMap((prebuild): Finding[] => {
    const pair = pairOf(prebuild);
    if (newest.get(pair) !== prebuild.id) return [];
    const subject = about(prebuild);
    const which = "the newest one of its project and environment class";
    if (prebuild.phase === "FAILED") return [{ ...subject, kind: "failed", drift: false, reason: `${which} failed` }];
    if (prebuild.phase === "CANCELLED") {
      return [{ ...subject, kind: "cancelled", drift: false, reason: `${which} was cancelled` }];
    }
    return pooled.has(pair) ? expiring(prebuild, subject, expiresWithin, now) : [];
  });
}

function expiring(
  prebuild: PrebuildDetails,
  subject: ReturnType<typeof about>,
  within: number,
  now: number,
): Finding[] {
  const created = timeOf(prebuild.createdAt);
  if (prebuild.phase !== "COMPLETED" || created === undefined) return [];
  const left = created + lifetime - now;
  if (left > within) return [];
  const minutes = Math.max(0, Math.ceil(left / 60_000)) * 60_000;
  return [{ ...subject, kind: "expiring", drift: false, reason: `it will be removed in ${formatDuration(minutes)}` }];
}

function about(prebuild: PrebuildDetails) {
  const { id, projectId, environmentClassId, phase, failureMessage } = prebuild;
  return omitUndefined<Omit<Finding, "kind" | "drift" | "reason">>({
    type: "Prebuild",
    id,
    projectId,
    environmentClassId,
    phase,
    message: failureMessage,
  });
}
