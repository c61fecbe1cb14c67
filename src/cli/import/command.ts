/** Usage of `pulumi-ona import`. */
import { type Command, InvalidArgumentError } from "commander";
import { mustBeUuid } from "../../lifecycle/validation.js";
import { isUuid } from "../../util/uuid.js";
import { sanitize } from "../../util/text.js";
import { connectionOption, parseEach } from "../options.js";
import type { Io } from "../terminal.js";
import type { ImportOptions } from "./run.js";
import type { Pair } from "./select.js";

export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description("write an import file and a program for existing pools and prebuilds")
    .option("--all", "import every warm pool of the account")
    .option("--pool <id>", "import a warm pool; repeatable", parseEach(parseUuid))
    .option(
      "--pair <project/class>",
      "import the pool of a project and environment class; repeatable",
      parseEach(parsePair),
    )
    .option("--project <id>", "import every warm pool of a project; repeatable", parseEach(parseUuid))
    .option("--prebuild <id>", "import a completed prebuild; repeatable", parseEach(parseUuid))
    .option("--name <name>", "resource name in the program, for a single --pool, --pair or --prebuild", parseName)
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
  $ pulumi-ona import --project b0e12f6c-4c67-429d-a4a6-d9838b5da047 --out pools
  $ pulumi-ona import --all --connection eu --out eu
  $ pulumi-ona import --pool 0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11 --name web

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

const mustBePair = "Must be the ids of a project and an environment class with a slash between them, both UUIDs.";

function parsePair(text: string): Pair {
  const [projectId, environmentClassId, ...rest] = text.split("/");
  if (projectId === undefined || environmentClassId === undefined || rest.length > 0) {
    throw new InvalidArgumentError(mustBePair);
  }
  const wrong = [projectId, environmentClassId].find((id) => !isUuid(id));
  if (wrong !== undefined) throw new InvalidArgumentError(`${mustBePair} ${JSON.stringify(sanitize(wrong))} is none.`);
  return { projectId: projectId.toLowerCase(), environmentClassId: environmentClassId.toLowerCase() };
}
