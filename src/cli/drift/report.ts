/** A drift report and its three forms: a table for a terminal, Markdown for a CI job, and JSON. */
import { sanitize } from "../../util/text.js";
import type { Account } from "../account.js";
import { escapeMarkdown, formatCount, formatTable, toMarkdownCode } from "../format.js";
import type { StackState } from "../stack-state.js";
import { formatLabel, labelPairs } from "../names.js";
import { createPalette, type Io, type Palette, supportsUnicode } from "../terminal.js";
import type { Finding } from "./findings.js";

export interface Report {
  readonly stacks: readonly StackState[];
  /** All of the stacks, each once. */
  readonly resources: StackState["resources"];
  /** One for each connection. */
  readonly accounts: readonly Account[];
  /** In the order of {@link import("./findings.js").arrange}. */
  readonly findings: readonly Finding[];
}

export function formatReport(report: Report, io: Pick<Io, "env" | "screen">): string {
  const palette = createPalette(io);
  const width = io.screen?.columns ?? Infinity;
  const pairsOf = pairFormatter(report.findings, io.screen && nameWidth, supportsUnicode(io) ? "…" : "...");
  const section = (title: string, findings: readonly Finding[]) => {
    const rows = findings.map((finding) => toRow(finding, pairsOf(finding), palette, width < minWidthOfDetails));
    return rows.length === 0 ? [] : [palette.bold(title), formatTable(rows, width), ""];
  };
  const drift = report.findings.filter((finding) => finding.drift);
  const others = report.findings.filter((finding) => !finding.drift);
  return [
    ...section("Drift", drift),
    ...section("Other findings", others),
    (drift.length > 0 ? palette.red : palette.green)(describeResult(report)),
    palette.dim(sanitize(describeScope(report))),
  ].join("\n");
}

/** In a narrower terminal, details are below the object and not beside it, where commands would not fit. */
const minWidthOfDetails = 120;

/** How much of a name a terminal shows: as much as of an id. */
const nameWidth = 36;

/**
 * Returns a function that names the project and environment class of a finding. If it has a resource, that identifies
 * it already, and ids would not tell users more.
 */
function pairFormatter(findings: readonly Finding[], width?: number, ellipsis?: string) {
  const labelsOf = labelPairs(findings);
  return (finding: Finding) => {
    const [project, environmentClass] = labelsOf(finding);
    const lines = [["project", project] as const, ["class", environmentClass] as const];
    return lines
      .filter(([, { text, isId }]) => text !== "" && !(isId && finding.resource !== undefined))
      .map(([kind, label]) => [kind, formatLabel(label, width, ellipsis)] as const);
  };
}

type Pairs = ReturnType<ReturnType<typeof pairFormatter>>;

function toRow(finding: Finding, pairs: Pairs, palette: Palette, isNarrow: boolean): string[] {
  const { kind, type, id, resource, connection, reason, message, drift } = finding;
  const object = [
    ...(resource === undefined ? [type] : [`${type} ${resource.name}`, nameOfStack(resource)]),
    connection && `connection ${connection}`,
    ...pairs.map((each) => each.join(" ")),
    id,
  ].filter((line) => typeof line === "string");
  const details = message === undefined ? reason : `${reason}: ${message}`;
  const cells = isNarrow ? [[...object, details]] : [object, [details]];
  return [
    (drift ? palette.red : palette.yellow)(kind),
    ...cells.map((lines) => lines.map((line) => sanitize(line)).join("\n")),
  ];
}

export function toMarkdown(report: Report): string {
  const pairsOf = pairFormatter(report.findings);
  const rows = report.findings.map((finding) => `| ${toMarkdownCells(finding, pairsOf(finding)).join(" | ")} |`);
  const header = ["", "| | Finding | Resource | Id | Details |", "| --- | --- | --- | --- | --- |"];
  return [
    "### Ona warm pools and prebuilds",
    "",
    `**${describeResult(report)}** ${escapeMarkdown(describeScope(report))}`,
    ...(rows.length > 0 ? [...header, ...rows] : []),
  ].join("\n");
}

function toMarkdownCells(finding: Finding, pairs: Pairs): string[] {
  const { kind, drift, type, id, resource, connection, reason, message } = finding;
  const managed = resource && `${type} ${toMarkdownCode(resource.name)} in ${toMarkdownCode(nameOfStack(resource))}`;
  const object = [managed ?? type, ...pairs.map(([what, name]) => `${what} ${toMarkdownCode(name)}`)].join(", ");
  const where = connection === undefined ? "" : ` (connection ${toMarkdownCode(connection)})`;
  const details = escapeMarkdown(reason) + (message === undefined ? "" : `: ${toMarkdownCode(message)}`);
  return [drift ? "**drift**" : "", kind, `${object}${where}`, toMarkdownCode(id), details];
}

/**
 * The report as the JSON document that docs/drift.schema.json describes. Within a schema version, nothing is renamed or
 * removed; properties and kinds may be added.
 */
export function toJson(report: Report) {
  const { stacks, accounts, findings } = report;
  return {
    schemaVersion: 1,
    checkedAt: new Date(Math.min(...accounts.map(({ now }) => now))).toISOString(),
    drift: findings.some(({ drift }) => drift),
    stacks: stacks.map(({ resources, names: _, ...stack }) => ({ ...stack, ...countKinds(resources) })),
    account: countAccounts(report),
    // In the order in which people read them.
    findings: findings.map(({ kind, drift, type, id, resource, projectId, projectName, ...rest }) => {
      const { environmentClassId, environmentClassName, ...more } = rest;
      const pair = { projectId, projectName, environmentClassId, environmentClassName };
      return { kind, drift, type, id, resource, ...pair, ...more };
    }),
  };
}

function describeResult({ findings }: Report): string {
  const drift = findings.filter((finding) => finding.drift).length;
  const other = findings.length - drift;
  const result = drift === 0 ? "No drift." : `Drift: ${formatCount(drift, "finding")}.`;
  return other === 0 ? result : `${result} ${formatCount(other, "other finding")}.`;
}

function describeScope(report: Report): string {
  const { stacks, resources, accounts } = report;
  const describeCounts = ({ warmPools, prebuilds }: ReturnType<typeof countKinds>) =>
    `${formatCount(warmPools, "warm pool")} and ${formatCount(prebuilds, "prebuild")}`;
  const managed = describeCounts(countKinds(resources));
  const names = [...new Set(stacks.map(nameOfStack))].join(", ");
  const where = accounts.length === 1 ? "the account" : `${accounts.length} accounts`;
  return `Compared ${managed} in ${names} with ${describeCounts(countAccounts(report))} in ${where}.`;
}

function countKinds(resources: StackState["resources"]) {
  const warmPools = resources.filter(({ kind }) => kind === "WarmPool").length;
  return { warmPools, prebuilds: resources.length - warmPools };
}

/** Counts each object once, since two connections can lead to the same account. */
function countAccounts({ accounts }: Report) {
  const count = (kind: "warmPools" | "prebuilds") =>
    new Set(accounts.flatMap((account) => account[kind].map(({ id }) => id))).size;
  return { warmPools: count("warmPools"), prebuilds: count("prebuilds") };
}

/** `project/stack`, or where an empty state was read from. */
function nameOfStack({ stack, project, source }: Pick<StackState, "stack" | "project" | "source">): string {
  if (stack !== undefined && project !== undefined) return `${project}/${stack}`;
  return source === "-" ? "standard input" : source;
}
