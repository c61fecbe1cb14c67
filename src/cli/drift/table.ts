/** A drift report for people. */
import { printable } from "../../util/text.js";
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
    palette.dim(printable(scope(report))),
  ].join("\n");
}

function row(finding: Finding, palette: Palette): string[] {
  const { kind, type, id, resource, connection, projectId, environmentClassId, reason, message, drift } = finding;
  const over = connection === undefined ? [] : [printable(`connection ${connection}`)];
  const what =
    resource === undefined
      ? [type, printable(id), ...over, ...pair(projectId, environmentClassId)]
      : [printable(`${type} ${resource.name}`), printable(nameOf(resource)), printable(id), ...over];
  const details = printable(message === undefined ? reason : `${reason}: ${message}`);
  return [(drift ? palette.red : palette.yellow)(kind), what.join("\n"), details];
}

function pair(projectId: string | undefined, environmentClassId: string | undefined): string[] {
  return [
    ...(projectId === undefined ? [] : [printable(`project ${projectId}`)]),
    ...(environmentClassId === undefined ? [] : [printable(`class ${environmentClassId}`)]),
  ];
}
