/** Usage of `pulumi-ona simulate`. */
import { InvalidArgumentError, type Command } from "commander";
import type { Io } from "../terminal.js";
import type { SimulateOptions } from "./run.js";

export function addSimulate(program: Command, io: Io): void {
  program
    .command("simulate")
    .description("run a simulated Ona API on this machine, with a web page that shows its state")
    .option("--port <number>", "port to listen on (default: a free one)", parsePort)
    .option("--token <token>", "API token that it accepts (default: a random one)")
    .option("--no-snapshots", "start without completed prebuilds: warm pools stay PENDING until one completes")
    .option("--no-enterprise", "simulate an organization whose plan does not include warm pools")
    .addHelpText(
      "after",
      `
Examples:
  $ pulumi-ona simulate
  $ pulumi-ona simulate --port 7070 --token my-token

Documentation: docs/simulator.md`,
    )
    .action(async (options: SimulateOptions) => {
      const { runSimulate } = await import("./run.js");
      await runSimulate(io, options);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("Must be a number from 0 to 65535.");
}
