/** The command `drift`: its usage. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseGoDuration } from "../../util/duration.js";
import { connectionArgument } from "../options.js";
import type { Finish, Io } from "../terminal.js";
import type { DriftOptions } from "./run.js";

/** Adds the command. */
export function addDrift(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("drift")
    .description("compare stacks with the account: what changed, what is gone, what nobody manages, what is unwell")
    .argument("[FILE...]", "what `pulumi stack export` wrote; - is standard input")
    .option("--json", "print JSON (docs/drift.schema.json) instead of a table")
    .option("--markdown", "print Markdown, for the summary of a CI job, instead of a table")
    .option("--pending-for <duration>", "report what is PENDING for longer (default: 30m)", duration)
    .option("--expires-within <duration>", "report prebuilds that expire sooner (default: 24h)", duration)
    .addOption(
      new Option("--connection <name>", "look at the account of this connection, too; can be repeated").argParser(
        (text: string, previous: readonly string[] = []) => [...previous, connectionArgument(text)],
      ),
    )
    .option("--strict", "exit 7 for every finding, not only for drift")
    .addHelpText(
      "after",
      `
Drift is what a stack declares and what is not so any more: a changed value, a pool or prebuild that is gone or being
deleted. Findings about health and pools that no given stack manages are reported only, unless --strict is given.

Exit status: 0 no drift, 7 drift, 1 failure (nothing is known then), 2 wrong usage.

Examples:
  $ pulumi stack export | pulumi-ona drift -
  $ pulumi-ona drift dev.json prod.json --markdown >> "$GITHUB_STEP_SUMMARY"
  $ pulumi-ona drift prod.json --json | jq '.findings[] | select(.drift)'

More: docs/drift.md`,
    );
  command.action(async (sources: string[], options: DriftOptions) => {
    if (sources.length === 0) {
      command.error(
        "error: name the files that `pulumi stack export` wrote, or - for standard input (`pulumi-ona status` shows an account without a stack)",
      );
    }
    if (sources.filter((source) => source === "-").length > 1) command.error("error: - can be given only once");
    if (options.json && options.markdown) command.error("error: --json and --markdown exclude each other");
    const { runDrift } = await import("./run.js");
    finish(await runDrift(io, sources, options));
  });
}

function duration(text: string): number {
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("a duration looks like 90s, 30m or 1h30m.");
}
