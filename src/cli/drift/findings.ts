/** What a drift report can find, and which findings are drift. */
import type { ManagedBy, ResourceKind } from "../stack-state.js";

/**
 * The kinds of findings, in the order of a report. docs/drift.md explains each (a test compares the two).
 *
 * Drift is a difference from what a stack declares, which the next `pulumi up --refresh` would change. Anything else is
 * reported but does not change the exit status, unless `--strict` is given.
 */
export const findingKinds = [
  "changed",
  "gone",
  "deleting",
  "managedTwice",
  "notCompared",
  "unmanaged",
  "degraded",
  "pending",
  "failed",
  "cancelled",
  "expired",
  "expiring",
] as const;

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
  /** Absent if it is not known, as {@link environmentClassName}. */
  readonly projectName?: string | undefined;
  readonly environmentClassName?: string | undefined;
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

/**
 * Sorts findings as a report shows them: drift first, then by kind, then by resource. Two connections can lead to the
 * same account. Their findings about one object and resource become one.
 */
export function arrange(findings: readonly Finding[]): Finding[] {
  const keyOf = ({ resource, projectId = "", environmentClassId = "", id }: Finding) =>
    resource === undefined ? `1/${projectId}/${environmentClassId}/${id}` : `0/${resource.urn}/${id}`;
  // The first finding is the one to keep, and the last value of a key wins.
  const unique = new Map(findings.toReversed().map((each) => [`${each.kind} ${each.id} ${each.resource?.urn}`, each]));
  return [...unique.values()].sort(
    (a, b) =>
      Number(b.drift) - Number(a.drift) ||
      findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
      (keyOf(a) < keyOf(b) ? -1 : 1),
  );
}
