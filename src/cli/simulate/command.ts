/** The command `simulate`: its usage. */
import { InvalidArgumentError, type Command } from "commander";
import type { Io } from "../terminal.js";
import type { SimulateOptions } from "./run.js";

/** Adds the command. */
export function addSimulate(program: Command, io: Io): void {
  program
    .command("simulate")
    .description("serve a simulated Ona API on loopback, in real time, with a page to watch it")
    .option("--port <number>", "port to listen on (default: a free one)", portNumber)
    .option("--token <token>", "token that opens the API (default: a random one)")
    .option("--no-snapshots", "start without completed prebuilds, so that pools stay PENDING until one completes")
    .option("--no-enterprise", "be an organisation whose plan has no warm pools")
    .addHelpText(
      "after",
      `
Examples:
  $ pulumi-ona simulate
  $ pulumi-ona simulate --port 7070 --token mine

More: docs/simulator.md`,
    )
    .action(async (options: SimulateOptions) => {
      const { runSimulate } = await import("./run.js");
      await runSimulate(io, options);
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("a port is a number from 0 to 65535.");
}
