/** The command `import`: its usage. */
import { type Command, InvalidArgumentError } from "commander";
import { isUuid, mustBeUuid } from "../../lifecycle/validation.js";
import { sanitize } from "../../util/text.js";
import { connectionOption } from "../options.js";
import type { Io } from "../terminal.js";
import type { ImportOptions, Pair } from "./options.js";

/** Adds the command. */
export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description(
      "write what it takes to bring existing pools and prebuilds under Pulumi: an import file and its program",
    )
    .option("--all", "every warm pool of the account")
    .option("--pool <id>", "a warm pool; can be repeated", list(uuid))
    .option("--prebuild <id>", "a prebuild that has completed; can be repeated", list(uuid))
    .option("--pair <project/class>", "the warm pool of a project and environment class; can be repeated", list(pair))
    .option("--project <id>", "every warm pool of a project; can be repeated", list(uuid))
    .option(
      "--name <name>",
      "the name of the resource in your program, for a single --pool, --prebuild or --pair",
      given,
    )
    .option("--stack-export <file>", "leave out what is in this output of `pulumi stack export`; - is standard input")
    .addOption(connectionOption())
    .option("--out <dir>", "folder of ona-import.json and ona-import.ts", ".")
    .addHelpText(
      "after",
      `
It writes ona-import.json for \`pulumi import --file\`, and ona-import.ts, a program that declares the same resources, and
changes nothing at the API. A file of that name that it did not write, or that somebody has edited, is left alone. Run
again, it adds what is new.

Exit status: 0 done, 1 failure (nothing is written then), 2 wrong usage.

Examples:
  $ pulumi stack export | pulumi-ona import --all --stack-export -
  $ pulumi-ona import --project b0e12f6c-4c67-429d-a4a6-d9838b5da047 --out fleet
  $ pulumi-ona import --all --connection eu --out eu
  $ pulumi-ona import --pool 0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11 --name web
  $ pulumi-ona import --pool 0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11 --pool 5d3a3a86-7f0e-4f43-8b0f-2a4e5f9c7d10

More: docs/import.md`,
    );
  command.action(async (options: ImportOptions) => {
    const { all = false, pool = [], prebuild = [], pair: pairs = [], project = [] } = options;
    if (!all && pool.length + prebuild.length + pairs.length + project.length === 0) {
      command.error("error: say what to import: --all, --pool, --prebuild, --pair or --project");
    }
    const isSingle = !all && project.length === 0 && pool.length + prebuild.length + pairs.length === 1;
    if (options.name !== undefined && !isSingle) {
      command.error("error: --name is for one object: a single --pool, --prebuild or --pair");
    }
    const { runImport } = await import("./run.js");
    await runImport(io, options);
  });
}

function list<T>(parse: (text: string) => T): (text: string, previous: readonly T[] | undefined) => T[] {
  return (text, previous = []) => [...previous, parse(text)];
}

function given(text: string): string {
  if (text !== "" && sanitize(text) === text) return text;
  throw new InvalidArgumentError("it must be a name in printable text.");
}

function uuid(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new InvalidArgumentError(`it ${mustBeUuid}.`);
}

function pair(text: string): Pair {
  const [projectId, environmentClassId, ...more] = text.split("/");
  if (projectId === undefined || environmentClassId === undefined || more.length > 0) {
    throw new InvalidArgumentError("a pair is PROJECT/CLASS, two UUIDs.");
  }
  return { projectId: uuid(projectId), environmentClassId: uuid(environmentClassId) };
}
