/** Prints what a resource reports. The engine shows the standard output of a provider process as information. */
import type { Reporter } from "../../lifecycle/contract.js";
import { escapeColorMarks } from "../../util/text.js";

/** A reporter that prints. The engine has no warnings for dynamic providers: such a line begins with `warning:`. */
export function reporterFor(kind: string, name: string | undefined, urn?: string): Reporter {
  const subject = (id: string | undefined) =>
    [kind, name, id === undefined || name === undefined ? id : `(${id})`].filter(Boolean).join(" ");
  const print = (line: string) => console.log(escapeColorMarks(line));
  const note = (line: string, id?: string) => print(`${subject(id)}: ${line}`);
  return {
    name,
    urn,
    progress: note,
    note,
    warn: (line, id) => print(`warning: ${subject(id)}: ${line}`),
    // The bar tells a log's lines from ours, warnings above all.
    log: (line, id) => print(`${name ?? id ?? kind} | ${line}`),
  };
}
