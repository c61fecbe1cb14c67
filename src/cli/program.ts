/** The command line: its commands, and the exit status of each outcome. */
import { Command, CommanderError } from "commander";
import { ExpectedError } from "../util/expected-error.js";
import { packageVersion } from "../util/version.js";
import { addDrift } from "./drift/command.js";
import { addImport } from "./import/command.js";
import { addSimulate } from "./simulate/command.js";
import { addStatus } from "./status/command.js";
import { type Io, systemCode } from "./terminal.js";

const wrongUsage = 2;

/** Runs a command line. Returns its exit status: the command's own, 1 for a failure, 2 for wrong usage. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitStatus = 0;
  try {
    await createProgram(io, (status) => (exitStatus = status)).parseAsync(args, { from: "user" });
    return exitStatus;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    io.err(`${describeFailure(error)}\n`);
    return 1;
  }
}

/** The commands. */
export function createProgram(io: Io, setExitStatus: (status: number) => void): Command {
  const program = new Command("pulumi-ona")
    .description("Command-line companion of the Pulumi provider for Ona warm pools and prebuilds")
    .version(packageVersion)
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .exitOverride()
    .showHelpAfterError("(run with --help for usage)")
    .addHelpText(
      "after",
      `
Environment:
  ONA_API_KEY          API token (or ONA_TOKEN, GITPOD_API_KEY)
  ONA_BASE_URL         API address (or ONA_HOST, GITPOD_BASE_URL)
  ONA_<NAME>_API_KEY   token of the connection <name>, with ONA_<NAME>_BASE_URL as its address
  ONA_LOG=debug        log each API call to standard error

Exit status: 0 success, 1 failure, 2 wrong usage. \`drift\` exits 7 when it finds drift.`,
    );
  addDrift(program, io, setExitStatus);
  addImport(program, io);
  addStatus(program, io);
  addSimulate(program, io);
  return program;
}

/** What the user reads about a failure. An unexpected error keeps its stack, so that it can be reported. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = error instanceof ExpectedError || systemCode(error) !== undefined;
  return isExpected ? error.message : (error.stack ?? error.message);
}
