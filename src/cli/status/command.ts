/** Usage of `pulumi-ona status`. */
import type { Command } from "commander";
import { connectionOption, durationOption, idsOption } from "../options.js";
import type { Io } from "../terminal.js";
import type { StatusOptions } from "./run.js";

const intervalLimits = { minMs: 1_000, maxMs: 600_000, hint: "Must be a duration from 1s to 10m." };

export function addStatus(program: Command, io: Io): void {
  const command = program
    .command("status")
    .description("show the account's warm pools: phase, sizes, instances, snapshot age and prebuilds")
    .option("--watch", "keep updating until Ctrl+C")
    .addOption(
      durationOption("--interval <duration>", "time between updates with --watch, 1s to 10m", "5s", intervalLimits),
    )
    .option("--json", "print JSON (docs/status.schema.json); with --watch, one line per change")
    .addOption(idsOption())
    .addOption(connectionOption())
    .addHelpText(
      "after",
      `
Each cell of a bar is an instance: filled cells are running, shaded cells are stopped and ready to start, and dots are
room to grow to the maximum size. The mark is at the minimum size. If standard output is not a terminal, the output is
plain text, and --watch prints only changes.

Exit status: 0 success or Ctrl+C, 1 failure, 2 wrong usage. --watch continues after temporary failures of the API.

Examples:
  $ pulumi-ona status
  $ pulumi-ona status --watch --interval 10s
  $ pulumi-ona status --connection eu
  $ pulumi-ona status --json | jq '.warmPools[] | select(.phase != "READY")'

Documentation: docs/status.md`,
    )
    .action(async (options: StatusOptions) => {
      const hasInterval = command.getOptionValueSource("interval") === "cli";
      if (hasInterval && !options.watch) command.error("error: --interval requires --watch");
      const { runStatus } = await import("./run.js");
      await runStatus(io, options);
    });
}
