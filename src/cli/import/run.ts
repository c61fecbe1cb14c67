/** `pulumi-ona import`: reads the account, writes the import file and its program, and prints what to do with them. */
import { isAbsolute, join } from "node:path";
import { adviseToConnect } from "../../settings/connections.js";
import { quoteForShell, sanitize } from "../../util/text.js";
import { isUuid } from "../../util/uuid.js";
import { listPools, withClient } from "../account.js";
import { formatCount } from "../format.js";
import { type NameExtent, NameReader } from "../names.js";
import { readStacks } from "../stack-state.js";
import { CliError, type Io } from "../terminal.js";
import {
  formatImportFile,
  formatProgram,
  readFormerImportFile,
  readImportFile,
  readProgram,
  writeFiles,
} from "./output-files.js";
import { type Plan, planImport } from "./plan.js";
import { lookUpByName, showNames } from "./references.js";
import { resourceNamer } from "./resource-names.js";
import { type EarlierObject, select, selectEarlier, type Selection } from "./select.js";

export interface ImportOptions extends Selection {
  /** The name for the only selected resource. */
  readonly name?: string;
  /** Whether the program looks up projects and environment classes by name. */
  readonly byName?: boolean;
  /** Whether resources are named after ids. */
  readonly ids?: boolean;
  readonly stackExport?: string;
  readonly connection?: string;
  readonly out: string;
}

/** Writes both files. If anything fails, neither is written. */
export async function runImport(io: Io, options: ImportOptions): Promise<void> {
  const { connection } = options;
  const paths = { importFile: join(options.out, "ona-resources.json"), program: join(options.out, "ona-import.ts") };
  const formerPath = join(options.out, "ona-import.json");
  // Before any API call, so that an edited file is reported at once.
  const former = await readFormerImportFile(formerPath);
  const imported = await readImportFile(paths.importFile);
  const declared = await readProgram(paths.program);
  const [state] = options.stackExport === undefined ? [] : await readStacks(io, [options.stackExport]);
  const earlier = [...(former ?? []), ...imported, ...declared];
  requireSameConnection(options.out, connection, earlier);
  const notes: string[] = [];
  const { chosen, again, pools, names } = await withClient(io, connection, async (client) => {
    const names = new NameReader(client, io, extentOf(options));
    const pools = await names.alongside(
      () => listPools(client),
      (listed) => listed,
    );
    const read = async () => {
      const chosen = await select(client, options, pools, names, notes);
      return { chosen, again: await selectEarlier(client, earlier, chosen, state, notes) };
    };
    const objects = await names.alongside(read, ({ chosen, again }) =>
      [...chosen, ...again].map(({ object }) => object),
    );
    return { ...objects, pools, names };
  });
  const chosenNames = new Map(chosen.map(({ object }) => [object.id, options.name]));
  const selected = [...chosen, ...again];
  const referencesOf = options.byName ? lookUpByName(names, connection) : options.ids ? undefined : showNames(names);
  const nameOf = options.ids ? undefined : resourceNamer(pools, names);
  const plan = planImport({ selected, state, earlier: declared, connection, names: chosenNames, nameOf, notes });
  if (plan.resources.length > 0) {
    if (former !== undefined) notes.push(describeFormerFile(formerPath, paths, former.length > 0));
    if (state === undefined) notes.push(stateWarning);
  }
  for (const note of new Set(notes)) io.err(`${sanitize(note)}\n`);
  if (plan.resources.length > 0) {
    await writeFiles(options.out, [
      [paths.importFile, formatImportFile(plan.resources)],
      [paths.program, formatProgram(plan.declarations, referencesOf)],
    ]);
  }
  names.reportFailure();
  io.out(`${describeNextSteps(plan, paths, connection).join("\n")}\n`);
}

/** Which names are needed. A lookup by name must be unambiguous among all. */
function extentOf({ byName, ids, pair = [], project = [] }: ImportOptions): NameExtent {
  if (byName) return "all";
  const hasNames = [...pair, ...project].some((text) => !text.split("/").every(isUuid));
  return ids && !hasNames ? "off" : "page";
}

/** The objects in earlier files are read again, which only the same account can answer. */
function requireSameConnection(out: string, connection: string | undefined, earlier: readonly EarlierObject[]): void {
  const other = earlier.find((each) => each.connection !== connection);
  if (other === undefined) return;
  const how =
    other.connection === undefined ? "without --connection" : `with --connection ${quoteForShell(other.connection)}`;
  throw new CliError(`The files in ${out} were written ${how}. Use a separate directory for each account: pass --out.`);
}

const stateWarning =
  "warning: without --stack-export, the files may include objects that your stack already manages. " +
  "Imported under another name, such an object is in state twice. " +
  "To skip them, run `pulumi stack export | pulumi-ona import … --stack-export -`.";

interface Paths {
  readonly importFile: string;
  readonly program: string;
}

/** What to do with the import file of a release before the file was renamed, which hides the program. */
function describeFormerFile(path: string, { importFile, program }: Paths, isOurs: boolean): string {
  const origin = isOurs ? `An earlier release wrote ${path}. Its resources are now in ${importFile}` : `${path} stays`;
  return `warning: ${origin}. Delete or rename it before you import ${program}: Node loads ${path} instead.`;
}

function describeNextSteps(
  { resources, declarations, inState }: Plan,
  { importFile, program }: Paths,
  connection: string | undefined,
): string[] {
  const skipped = inState === 0 ? "" : ` Skipped ${formatCount(inState, "resource")} already in the stack.`;
  if (resources.length === 0) return [`Nothing to import, so no files were written.${skipped}`];
  const earlier = declarations.length - resources.length;
  const more = earlier === 0 ? "" : `, plus ${formatCount(earlier, "resource")} from an earlier run`;
  const connectionAdvice =
    connection === undefined
      ? []
      : [
          "",
          `The stack needs the connection ${JSON.stringify(connection)} too: ${adviseToConnect(connection, ["apiKey", "baseUrl"], "provider")}.`,
        ];
  const path = program.replaceAll("\\", "/").replace(/\.ts$/, "");
  const module = isAbsolute(program) ? path : `./${path}`;
  return [
    `Wrote ${importFile}: ${formatCount(resources.length, "resource")} to import.${skipped}`,
    `Wrote ${program}: the program that declares them${more}.`,
    "",
    "Next, in the directory of your Pulumi program:",
    `  1. Run: pulumi import --file ${quoteForShell(importFile)} --generate-code=false`,
    `  2. Import ${program} in your program (import ${JSON.stringify(module)};), or move its declarations there.`,
    "  3. Run: pulumi preview --expect-no-changes",
    "",
    "`pulumi import` protects what it imports from deletion, so the program has { protect: true }. If you pass",
    "--protect=false to it, remove that option from the program.",
    ...connectionAdvice.map((line) => sanitize(line)),
  ];
}
