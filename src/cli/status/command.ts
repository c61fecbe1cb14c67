/** The command `status`: its usage. */
import { type Command, InvalidArgumentError } from "commander";
import { parseGoDuration } from "../../util/duration.js";
import { connectionOption } from "../options.js";
import type { Io } from "../terminal.js";
import type { StatusOptions } from "./run.js";

/** Adds the command. */
export function addStatus(program: Command, io: Io): void {
  program
    .command("status")
    .description("show the account's warm pools: phase, sizes as bars, instances, age of the snapshot, prebuilds")
    .option("--watch", "show them again every few seconds, until ^C")
    .option("--interval <duration>", "how often --watch looks: 1s to 10m (default: 5s)", interval)
    .option("--json", "print JSON (docs/status.schema.json); with --watch, a line for each change")
    .addOption(connectionOption())
    .addHelpText(
      "after",
      `
In a bar each cell is an instance: filled ones run, shaded ones are stopped and can be started, dots are what the pool
may still grow to, and the mark stands at the least size. Where standard output is not a terminal, it prints plain text
and, with --watch, only when something has changed.

Exit status: 0 done or ended by ^C, 1 failure, 2 wrong usage. --watch goes on when the API fails for a while.

Examples:
  $ pulumi-ona status
  $ pulumi-ona status --watch --interval 10s
  $ pulumi-ona status --connection eu
  $ pulumi-ona status --json | jq '.warmPools[] | select(.phase != "READY")'

More: docs/status.md`,
    )
    .action(async (options: StatusOptions) => {
      const { runStatus } = await import("./run.js");
      await runStatus(io, options);
    });
}

function interval(text: string): number {
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined && milliseconds >= 1_000 && milliseconds <= 600_000) return milliseconds;
  throw new InvalidArgumentError("an interval is a duration from 1s to 10m.");
}
