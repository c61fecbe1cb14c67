#!/usr/bin/env node
/** Entry point of the `pulumi-ona` command. */
import { createNodeCheck } from "../util/node-version.js";
import { run } from "./program.js";
import { processIo } from "./terminal.js";

async function main(): Promise<void> {
  // A reader such as `head` may stop before we finish. That is not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  createNodeCheck((line) => void process.stderr.write(`warning: ${line}\n`))();
  process.exitCode = await run(process.argv.slice(2), processIo());
}

void main();
