/** What a drift report can find, and which findings are drift. */
import type { ResourceKind } from "../stack-state.js";

/**
 * The kinds of findings, in the order of a report.
 *
 * Drift is a difference from what a stack declares, which the next `pulumi up --refresh` would change. Anything else is
 * reported but does not change the exit status, unless `--strict` is given.
 */
export const findingKinds = [
  /** A declared value differs at the API. Drift. */
  "changed",
  /** A stack manages it and it no longer exists. Drift. */
  "gone",
  /** It is being deleted. Drift if a stack manages it. */
  "deleting",
  /** More than one resource of the given stacks manages it. */
  "managedTwice",
  /** A declared value is encrypted in the state, so it could not be compared. */
  "notCompared",
  /** A pool that none of the given stacks manages. */
  "unmanaged",
  /** The runner reports a problem with a pool. */
  "degraded",
  /** It has been PENDING for too long. */
  "pending",
  /** A prebuild failed. */
  "failed",
  /** A prebuild was cancelled. */
  "cancelled",
  /** A prebuild was removed because of its age. Drift with `recreateWhenExpired`. */
  "expired",
  /** A prebuild will soon be removed because of its age. */
  "expiring",
] as const;

export interface ManagedBy {
  readonly urn: string;
  readonly name: string;
  readonly stack: string;
  readonly project: string;
  /** The file its state was read from, or `-`. */
  readonly source: string;
}

export interface Change {
  readonly property: string;
  readonly declared: string | number;
  /** Absent if the API has no value. */
  readonly actual?: string | number | undefined;
}

export interface Finding {
  readonly kind: (typeof findingKinds)[number];
  readonly drift: boolean;
  readonly type: ResourceKind;
  readonly id: string;
  readonly projectId?: string | undefined;
  readonly environmentClassId?: string | undefined;
  /** The connection that leads to its account. Absent for the general settings. */
  readonly connection?: string | undefined;
  /** Absent if it is gone. */
  readonly phase?: string | undefined;
  /** The resource that manages it. Absent if none of the given stacks does. */
  readonly resource?: ManagedBy | undefined;
  /** The values that differ, for kind `changed`. */
  readonly changes?: readonly Change[] | undefined;
  /** What is wrong, as a sentence about the object without its subject. */
  readonly reason: string;
  /** The server's explanation. */
  readonly message?: string | undefined;
}

/** Returns a function that makes findings about one object, and the resource that manages it. */
export function reporter(
  type: ResourceKind,
  object: Pick<Finding, "id" | "projectId" | "environmentClassId" | "phase" | "message">,
  resource?: ManagedBy,
) {
  const { id, phase, message } = object;
  // State has an empty string for an id that it does not know.
  const pair = { projectId: object.projectId || undefined, environmentClassId: object.environmentClassId || undefined };
  return (kind: Finding["kind"], reason: string, drift = false, changes?: readonly Change[]): Finding => {
    return { kind, drift, type, id, ...pair, phase, resource, changes, reason, message };
  };
}

/** Sorts findings as a report shows them: drift first, then by kind, then by resource. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const key = ({ resource, projectId = "", environmentClassId = "", id }: Finding) =>
    resource === undefined ? `1/${projectId}/${environmentClassId}/${id}` : `0/${resource.urn}/${id}`;
  return findings.toSorted(
    (a, b) =>
      Number(b.drift) - Number(a.drift) ||
      findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
      (key(a) < key(b) ? -1 : 1),
  );
}
