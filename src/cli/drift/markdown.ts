/** A drift report as Markdown, for the summary of a CI job or an issue. */
import { codeCell, textCell } from "../format.js";
import type { Finding } from "./findings.js";
import { nameOf, type Report, scope, verdict } from "./report.js";

/** The report as Markdown. */
export function asMarkdown(report: Report): string {
  const { findings } = report;
  const table = [
    "| | Finding | Resource | Id | Details |",
    "| --- | --- | --- | --- | --- |",
    ...findings.map((finding) => `| ${row(finding).join(" | ")} |`),
    "",
  ];
  return [
    "### Ona warm pools and prebuilds",
    "",
    `**${verdict(report)}** ${textCell(scope(report))}`,
    "",
    ...(findings.length > 0 ? table : []),
  ]
    .join("\n")
    .trimEnd();
}

function row(finding: Finding): string[] {
  const { kind, drift, type, id, resource, connection, projectId, environmentClassId, reason, message } = finding;
  const over = connection === undefined ? "" : ` over ${codeCell(connection)}`;
  const pair = [projectId, environmentClassId].flatMap((each) => (each === undefined ? [] : [codeCell(each)]));
  const what =
    resource === undefined
      ? [type, ...pair].join(" ")
      : `${type} ${codeCell(resource.name)} of ${codeCell(nameOf(resource))}`;
  const said = message === undefined ? "" : `: ${codeCell(message)}`;
  return [drift ? "**drift**" : "", kind, what + over, codeCell(id), `${textCell(reason)}${said}`];
}
