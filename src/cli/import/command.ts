/** Usage of `pulumi-ona import`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { mustBeUuid } from "../../lifecycle/validation.js";
import { isUuid } from "../../util/uuid.js";
import { sanitize } from "../../util/text.js";
import { connectionOption, idsOption, parseEach } from "../options.js";
import type { Io } from "../terminal.js";
import type { ImportOptions } from "./run.js";

export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description("write an import file and a program for existing pools and prebuilds")
    .option("--all", "import every warm pool of the account")
    .option("--pool <id>", "import a warm pool; repeatable", parseEach(parseUuid))
    .option(
      "--pair <project/class>",
      "import the pool of a project and environment class, by names or ids; repeatable",
      parseEach(parsePair),
    )
    .option(
      "--project <name>",
      "import every warm pool of a project, by name or id; repeatable",
      parseEach(parseProject),
    )
    .option("--prebuild <id>", "import a completed prebuild; repeatable", parseEach(parseUuid))
    .option("--name <name>", "resource name in the program, for a single --pool, --pair or --prebuild", parseName)
    .addOption(
      new Option("--by-name", "look projects and environment classes up by name in the program").conflicts("ids"),
    )
    .addOption(idsOption("name resources after ids, and do not read names"))
    .option("--stack-export <file>", "skip what is in this `pulumi stack export` output; - reads standard input")
    .addOption(connectionOption())
    .option("--out <dir>", "directory to write ona-resources.json and ona-import.ts to", ".")
    .addHelpText(
      "after",
      `
Writes ona-resources.json for \`pulumi import --file\`, and ona-import.ts, a program that declares the same resources.
It changes nothing at the API, and does not overwrite a file that you edited or that another tool wrote. A second run
adds to the files.

Exit status: 0 success, 1 failure (nothing is written), 2 wrong usage.

Examples:
  $ pulumi stack export | pulumi-ona import --all --stack-export -
  $ pulumi-ona import --project storefront --by-name --out pools
  $ pulumi-ona import --pair storefront/regular --name web
  $ pulumi-ona import --all --connection eu --out eu

Documentation: docs/import.md`,
    );
  command.action(async (options: ImportOptions) => {
    const { all = false, pool = [], prebuild = [], pair = [], project = [] } = options;
    const single = pool.length + prebuild.length + pair.length;
    if (!all && single + project.length === 0) {
      command.error("error: nothing to import: pass --all, --pool, --pair, --project or --prebuild");
    }
    if (options.name !== undefined && (all || project.length > 0 || single !== 1)) {
      command.error("error: --name requires a single --pool, --pair or --prebuild, and nothing else");
    }
    const { runImport } = await import("./run.js");
    await runImport(io, options);
  });
}

function parseName(text: string): string {
  if (text !== "" && sanitize(text) === text) return text;
  throw new InvalidArgumentError("Must be a name in printable characters.");
}

function parseUuid(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new InvalidArgumentError(`It ${mustBeUuid}.`);
}

function parseProject(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Must be the name or the id of a project.");
}

function parsePair(text: string): string {
  if (/.\/./s.test(text)) return text;
  throw new InvalidArgumentError(
    "Must be a project and an environment class, by names or ids, with a slash between them.",
  );
}
