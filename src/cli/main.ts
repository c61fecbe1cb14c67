#!/usr/bin/env node
// The command line: which commands there are, and the exit code 2 for wrong usage.
import { Command, CommanderError } from "commander";
import { packageVersion } from "../version.js";
import { addSimulate } from "./simulate.js";

/** The whole command line; a wrong use of it is thrown as CommanderError. */
export function commandLine(): Command {
  const program = new Command("pulumi-ona")
    .description("Companion of the Pulumi provider for Ona warm pools")
    .version(packageVersion)
    .exitOverride()
    .showHelpAfterError("(--help shows how it is used)");
  addSimulate(program);
  return program;
}

async function main(): Promise<void> {
  try {
    await commandLine().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

if (require.main === module) void main();
