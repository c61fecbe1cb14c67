/** A drift report for people. */
import { sanitize } from "../../util/text.js";
import type { Io } from "../terminal.js";
import { columns, type Palette, paletteFor } from "../format.js";
import type { Finding } from "./findings.js";
import { nameOf, type Report, scope, verdict } from "./report.js";

/** The report as a table, as wide as the terminal. */
export function asText(report: Report, io: Pick<Io, "env" | "screen">): string {
  const palette = paletteFor(io);
  const drift = report.findings.filter((finding) => finding.drift);
  const other = report.findings.filter((finding) => !finding.drift);
  const part = (title: string, findings: readonly Finding[]) =>
    findings.length === 0
      ? []
      : [
          palette.bold(title),
          columns(
            [],
            findings.map((finding) => row(finding, palette)),
            io.screen?.columns,
          ),
          "",
        ];
  const tone = drift.length > 0 ? palette.red : palette.green;
  return [
    ...part("Drift", drift),
    ...part("Also", other),
    tone(verdict(report)),
    palette.dim(sanitize(scope(report))),
  ].join("\n");
}

function row(finding: Finding, palette: Palette): string[] {
  const { kind, type, id, resource, connection, projectId, environmentClassId, reason, message, drift } = finding;
  const over = connection === undefined ? [] : [sanitize(`connection ${connection}`)];
  const what =
    resource === undefined
      ? [type, sanitize(id), ...over, ...pair(projectId, environmentClassId)]
      : [sanitize(`${type} ${resource.name}`), sanitize(nameOf(resource)), sanitize(id), ...over];
  const details = sanitize(message === undefined ? reason : `${reason}: ${message}`);
  return [(drift ? palette.red : palette.yellow)(kind), what.join("\n"), details];
}

function pair(projectId: string | undefined, environmentClassId: string | undefined): string[] {
  return [
    ...(projectId === undefined ? [] : [sanitize(`project ${projectId}`)]),
    ...(environmentClassId === undefined ? [] : [sanitize(`class ${environmentClassId}`)]),
  ];
}
