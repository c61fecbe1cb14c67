/** `pulumi-ona import`: asks the API what there is, and writes the import file and its program. */
import { withClient } from "../account.js";
import { readStacks } from "../stack-state.js";
import { CliError, type Io } from "../terminal.js";
import { sanitize } from "../../util/text.js";
import { importFileText, readImportFile } from "./import-file.js";
import { instructions } from "./instructions.js";
import type { ImportOptions } from "./options.js";
import { readOwnFile, writeFiles } from "./output-files.js";
import { planImport } from "./plan.js";
import { programText, readProgram } from "./program-text.js";
import { lookAgain, select } from "./select.js";
import { join } from "node:path";

/**
 * Writes both files, or neither.
 * @throws CliError, ConfigError or OnaError; nothing is written then
 */
export async function runImport(io: Io, options: ImportOptions): Promise<void> {
  const files = { json: join(options.out, "ona-import.json"), program: join(options.out, "ona-import.ts") };
  // Before anything is asked: whoever has edited a file wants to know at once.
  const earlier = {
    json: readImportFile(await readOwnFile(files.json)),
    program: readProgram(await readOwnFile(files.program)),
  };
  const [state] = options.stackExport === undefined ? [] : await readStacks(io, [options.stackExport]);
  const { connection } = options;
  requireOneConnection(options.out, connection, [...earlier.json, ...earlier.program]);
  const { asked, selected, notes } = await withClient(
    io,
    async (client) => {
      const asked = await select(client, options);
      const again = await lookAgain(client, [...earlier.json, ...earlier.program], asked.selected, state);
      return {
        asked: asked.selected,
        selected: [...asked.selected, ...again.selected],
        notes: [...asked.notes, ...again.notes],
      };
    },
    { connection },
  );
  const names = new Map(
    options.name === undefined ? [] : asked.map(({ object }) => [object.id, options.name] as const),
  );
  const plan = planImport({ selected, state, earlier: earlier.program, connection, names });
  for (const note of [...notes, ...plan.notes]) io.err(`${note}\n`);
  if (plan.resources.length > 0) {
    await writeFiles(options.out, [
      [files.json, importFileText(plan.resources)],
      [files.program, programText(plan.declarations)],
    ]);
  }
  io.out(instructions(plan, files, state !== undefined, connection));
}

/** An earlier run's objects are looked up again, which only their own account can answer. */
function requireOneConnection(
  out: string,
  connection: string | undefined,
  earlier: readonly { readonly connection: string | undefined }[],
): void {
  const other = earlier.find((each) => each.connection !== connection);
  if (other === undefined) return;
  const how =
    other.connection === undefined ? "without --connection" : `with --connection ${JSON.stringify(other.connection)}`;
  throw new CliError(
    sanitize(`The files in ${out} were written ${how}: give each account a folder of its own, with --out.`),
  );
}
