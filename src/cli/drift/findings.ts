/** What a drift report can find, and which of it is drift. */
import type { ResourceKind } from "../stack-state.js";

/**
 * The kinds of findings, in the order of a report.
 *
 * Drift is what a person declared and what is not so any more: the next `pulumi up --refresh` would change it. Everything else is reported and leaves the exit status
 * alone, unless `--strict` is given.
 */
export const findingKinds = [
  /** Something that a stack declares has another value at the API. Drift. */
  "changed",
  /** A stack manages it and it does not exist any more. Drift. */
  "gone",
  /** It is being deleted. Drift where a stack manages it and did not ask for that. */
  "deleting",
  /** More than one resource of the given stacks manages it. */
  "managedTwice",
  /** A value of the state is encrypted, so that it could not be compared. */
  "notCompared",
  /** A pool that none of the given stacks manages. */
  "unmanaged",
  /** The runner reports a problem with a pool. */
  "degraded",
  /** It has been PENDING for longer than it should. */
  "pending",
  /** A prebuild has failed. */
  "failed",
  /** A prebuild was cancelled. */
  "cancelled",
  /** A prebuild was removed because of its age. Drift with `recreateWhenExpired`. */
  "expired",
  /** A prebuild will be removed soon because of its age. */
  "expiring",
] as const;

/** A kind of finding. */
export type FindingKind = (typeof findingKinds)[number];

/** A resource of a stack. */
export interface ManagedBy {
  readonly urn: string;
  readonly name: string;
  /** The stack and its Pulumi project, from the URN. */
  readonly stack: string;
  readonly project: string;
  /** Where its state was read. */
  readonly source: string;
}

/** A declared value and the one that the API has. */
export interface Change {
  readonly property: string;
  readonly declared: string | number;
  /** Absent where the API has none. */
  readonly actual?: string | number;
}

/** Something that a report says. */
export interface Finding {
  readonly kind: FindingKind;
  readonly drift: boolean;
  readonly type: ResourceKind;
  readonly id: string;
  readonly projectId?: string;
  readonly environmentClassId?: string;
  /** The connection that leads to its account; absent for the one that the general settings are of. */
  readonly connection?: string;
  /** The phase now; absent for what is gone. */
  readonly phase?: string;
  /** The resource that manages it; absent for what no given stack manages. */
  readonly resource?: ManagedBy;
  /** The values that differ, of kind `changed`. */
  readonly changes?: readonly Change[];
  /** What is the matter, in our words. */
  readonly reason: string;
  /** What the server says about it. */
  readonly message?: string;
}

/** The findings in the order of a report: drift first, then by kind, then by resource. */
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
