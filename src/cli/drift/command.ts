/** Usage of `pulumi-ona drift`. */
import { type Command, Option } from "commander";
import { durationOption, idsOption, parseConnection, parseEach } from "../options.js";
import type { Io } from "../terminal.js";
import type { DriftOptions } from "./run.js";

const missingFile = `error: missing argument: pass the output of \`pulumi stack export\` as a file, or - for standard input
(\`pulumi-ona status\` shows an account without a stack)`;

export function addDrift(program: Command, io: Io, setExitStatus: (status: number) => void): void {
  const command = program
    .command("drift")
    .description("compare stacks with the account: changed, missing, unmanaged and unhealthy pools and prebuilds")
    .argument("[FILE...]", "output of `pulumi stack export`; - reads standard input")
    .addOption(new Option("--json", "print JSON (docs/drift.schema.json) instead of a table").conflicts("markdown"))
    .option("--markdown", "print Markdown, for a CI job summary, instead of a table")
    .addOption(durationOption("--pending-for <duration>", "report what has been PENDING for longer", "30m"))
    .addOption(
      durationOption("--expires-within <duration>", "report prebuilds that will be removed within this time", "24h"),
    )
    .addOption(idsOption())
    .option("--connection <name>", "check this connection's account too; repeatable", parseEach(parseConnection))
    .option("--strict", "exit 7 for any finding, not only for drift")
    .addHelpText(
      "after",
      `
Drift is a difference from what a stack declares: a changed value, or a pool or prebuild that is gone or being deleted.
Health problems and pools that no given stack manages are reported, but change the exit status only with --strict.

Exit status: 0 no drift, 7 drift, 1 failure (nothing is printed to standard output), 2 wrong usage.

Examples:
  $ pulumi stack export | pulumi-ona drift -
  $ pulumi-ona drift dev.json prod.json --markdown >> "$GITHUB_STEP_SUMMARY"
  $ pulumi-ona drift prod.json --json | jq '.findings[] | select(.drift)'

Documentation: docs/drift.md`,
    );
  command.action(async (sources: string[], options: DriftOptions) => {
    if (sources.length === 0) command.error(missingFile);
    if (sources.filter((source) => source === "-").length > 1) command.error("error: - can be given only once");
    const { runDrift } = await import("./run.js");
    setExitStatus(await runDrift(io, sources, options));
  });
}
