/** Words for people. Only the console of a provider process reaches them: the engine shows its standard output as information. */

import type { Reporter } from "../../lifecycle/contract.js";

/** A text with nothing in it that the engine would take for its own marks of colour, `<{%reset%}>`: it shows none of them as they are. */
export function unmarked(text: string): string {
  return text.replaceAll("<{%", "<{ %");
}

/** A reporter that prints. The engine has no warnings for dynamic providers: such a line begins with `warning:`. */
export function reporterFor(kind: string, name: string | undefined): Reporter {
  const subject = (id: string | undefined) =>
    [kind, name, id === undefined || name === undefined ? id : `(${id})`].filter(Boolean).join(" ");
  const say = (line: string) => console.log(unmarked(line));
  return {
    name,
    progress: (line, id) => say(`${subject(id)}: ${line}`),
    warn: (line, id) => say(`warning: ${subject(id)}: ${line}`),
    // The bar keeps a log's own words from being taken for ours, warnings above all.
    log: (line, id) => say(`${name ?? id ?? kind} | ${line}`),
  };
}
