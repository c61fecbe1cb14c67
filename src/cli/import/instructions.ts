/** What a person does with the files. */
import { howToSet } from "../../settings/connections.js";
import { sanitize } from "../../util/text.js";
import { count } from "../words.js";
import type { Plan } from "./plan.js";

/** The text that is printed at the end of an import. */
export function instructions(
  { resources, declarations, inState }: Plan,
  files: { readonly json: string; readonly program: string },
  hasState: boolean,
  connection: string | undefined,
): string {
  const already = inState === 0 ? "" : ` ${count(inState, "resource")} left out: in the state already.`;
  if (resources.length === 0) return `Nothing to import: no files were written.${already}\n`;
  const older = declarations.length - resources.length;
  const again = older === 0 ? "" : `, and ${count(older, "resource")} of an earlier run`;
  const lines = [
    `Wrote ${files.json}: ${count(resources.length, "resource")} to import.${already}`,
    `Wrote ${files.program}: the program that declares them${again}.`,
    "",
    "Next, in the folder of your Pulumi program:",
    `  1. pulumi import --file ${files.json} --generate-code=false`,
    `  2. take ${files.program} into it: move the declarations to where they belong, or give the file a name of its own`,
    "     (warm-pools.ts, say) and import that. Not under its present name: Node would load ona-import.json in its place",
    "  3. pulumi preview --expect-no-changes",
    "",
    "`pulumi import` protects what it imports from deletion, and the program says so too ({ protect: true }). If you import",
    "with --protect=false, take that option out of the program.",
  ];
  if (connection !== undefined) {
    lines.push(
      "",
      sanitize(`The stack has to know the connection ${JSON.stringify(connection)}, as this command did:`),
      sanitize(`${howToSet(connection)}.`),
    );
  }
  if (!hasState) {
    lines.push(
      "",
      "What your stack manages already was not left out, since no --stack-export was given: an import of it would fail.",
    );
  }
  return `${lines.join("\n")}\n`;
}
