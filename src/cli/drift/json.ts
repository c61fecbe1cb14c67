/** A drift report as JSON: docs/drift.schema.json describes it. */
import type { Finding } from "./findings.js";
import { type Report, totals } from "./report.js";

/** The JSON document. What it has is never renamed or removed within a version; new properties and kinds may come. */
export interface DriftDocument {
  readonly schemaVersion: 1;
  /** When the account was looked at, by the server's clock: RFC 3339. */
  readonly checkedAt: string;
  /** Whether there is drift. */
  readonly drift: boolean;
  readonly stacks: readonly {
    readonly source: string;
    readonly stack?: string;
    readonly project?: string;
    readonly warmPools: number;
    readonly prebuilds: number;
  }[];
  /** How many there are in the account, or in all accounts that the connections of the stacks lead to. */
  readonly account: { readonly warmPools: number; readonly prebuilds: number };
  readonly findings: readonly Finding[];
}

/** The report as a document. */
export function asJson(report: Report): DriftDocument {
  const { stacks, accounts, findings } = report;
  return {
    schemaVersion: 1,
    checkedAt: new Date(Math.min(...accounts.map(({ now }) => now))).toISOString(),
    drift: findings.some(({ drift }) => drift),
    stacks: stacks.map(({ resources, names: _, ...stack }) => {
      const warmPools = resources.filter(({ kind }) => kind === "WarmPool").length;
      return { ...stack, warmPools, prebuilds: resources.length - warmPools };
    }),
    account: totals(report),
    findings: findings.map(ordered),
  };
}

/** The finding with its properties in one order, as people read them. */
function ordered({ kind, drift, type, id, resource, ...rest }: Finding): Finding {
  return { kind, drift, type, id, ...(resource === undefined ? {} : { resource }), ...rest };
}
