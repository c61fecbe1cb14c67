/** A finished comparison, and the words that every form of it has. */
import type { Account } from "../account.js";
import type { StackState } from "../stack-state.js";
import { count } from "../words.js";
import { managedResources } from "./compare.js";
import type { Finding } from "./findings.js";

/** What was compared and what was found. */
export interface Report {
  readonly stacks: readonly StackState[];
  /** One for each connection. */
  readonly accounts: readonly Account[];
  /** In the order of {@link import("./findings.js").sorted}. */
  readonly findings: readonly Finding[];
}

/** One sentence about the outcome. */
export function verdict({ findings }: Report): string {
  const drift = findings.filter((finding) => finding.drift).length;
  const other = findings.length - drift;
  const further = other === 0 ? "" : ` ${count(other, "other finding")}.`;
  return drift === 0 ? `No drift.${further}` : `Drift: ${count(drift, "finding")}.${further}`;
}

/** One sentence about what was looked at. */
export function scope(report: Report): string {
  const { stacks, accounts } = report;
  const resources = managedResources(stacks);
  const pools = resources.filter(({ kind }) => kind === "WarmPool").length;
  const { warmPools, prebuilds } = totals(report);
  const managed = `${count(pools, "warm pool")} and ${count(resources.length - pools, "prebuild")} of ${[...new Set(stacks.map(nameOf))].join(", ")}`;
  return `Compared ${managed} with ${count(warmPools, "warm pool")} and ${count(prebuilds, "prebuild")} of ${accounts.length === 1 ? "the account" : `${accounts.length} accounts`}.`;
}

/** How many there are in all accounts: two connections may lead to one. */
export function totals({ accounts }: Report): { readonly warmPools: number; readonly prebuilds: number } {
  const distinct = (objects: readonly { readonly id: string }[]) => new Set(objects.map(({ id }) => id)).size;
  return {
    warmPools: distinct(accounts.flatMap(({ warmPools }) => warmPools)),
    prebuilds: distinct(accounts.flatMap(({ prebuilds }) => prebuilds)),
  };
}

/** A stack as people know it: `project/stack`, or where its state was read. */
export function nameOf({ stack, project, source }: Pick<StackState, "stack" | "project" | "source">): string {
  if (stack !== undefined && project !== undefined) return `${project}/${stack}`;
  return source === "-" ? "standard input" : source;
}
