#!/usr/bin/env node
/** The entry of the command line: runs it in this process. */
import { processIo } from "./terminal.js";
import { run } from "./program.js";

async function main(): Promise<void> {
  // Whoever reads our output may stop early (`| head`): that is the end, and no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.exitCode = await run(process.argv.slice(2), processIo());
}

void main();
