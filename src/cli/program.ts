/** The command line: which commands there are, and what their ends mean as exit statuses. */
import { Command, CommanderError } from "commander";
import { ConfigError } from "../settings/settings.js";
import { packageVersion } from "../util/version.js";
import { addDrift } from "./drift/command.js";
import { addImport } from "./import/command.js";
import { CliError, type Finish, type Io, systemCode } from "./terminal.js";
import { addSimulate } from "./simulate/command.js";
import { addStatus } from "./status/command.js";

/** Wrong usage. */
const usage = 2;

/**
 * Runs a command line.
 * @param args what stands after the program's name
 * @returns the exit status: what the command says, 1 for a failure, 2 for wrong usage
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitStatus = 0;
  try {
    await commandLine(io, (status) => (exitStatus = status)).parseAsync(args, { from: "user" });
    return exitStatus;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage;
    io.err(`${messageOf(error)}\n`);
    return 1;
  }
}

function commandLine(io: Io, finish: Finish): Command {
  const program = new Command("pulumi-ona")
    .description("Companion of the Pulumi provider for Ona warm pools and prebuilds")
    .version(packageVersion)
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .exitOverride()
    .showHelpAfterError("(--help shows how it is used)")
    .addHelpText(
      "after",
      `
The commands read the token from ONA_API_KEY (or ONA_TOKEN, GITPOD_API_KEY) and the API's address from
ONA_BASE_URL (or ONA_HOST, GITPOD_BASE_URL), of a connection from ONA_<NAME>_API_KEY and ONA_<NAME>_BASE_URL;
ONA_LOG=debug logs each API call on standard error.
Exit status: 0 done, 1 failure, 2 wrong usage; drift has 7 for drift.`,
    );
  addDrift(program, io, finish);
  addImport(program, io);
  addStatus(program, io);
  addSimulate(program, io);
  return program;
}

/** What a person reads of a failure. A defect of ours keeps its stack, so that it can be reported. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = error instanceof CliError || error instanceof ConfigError || error.name === "OnaError";
  return expected || systemCode(error) !== undefined ? error.message : (error.stack ?? error.message);
}
