/** `npm run campaign -- [--runs N] [--seed N] [--path P] [--no-shrink] [--processes]`: random programs, faults, kills and interrupts, in this process or (\`--processes\`) in real ones; prints figures, and for a broken promise the seed and path that show it again. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { VirtualClock } from "./virtual-clock.js";
import { catchConsole, useClock } from "./in-process-provider.js";
import { localStage } from "./local-stage.js";
import { processStage } from "./process-stage.js";
import { runScenario, type Tally } from "./scenario-run.js";
import { scenario, shortScenario } from "./random-scenario.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
    "no-shrink": { type: "boolean" },
    processes: { type: "boolean" },
  },
});

/** So many runs share a process: each simulated provider process leaves something in the module loader of the real one. */
const batch = 500;

const runs = Number(values.runs ?? batch);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

/** Runs batches one after the other, with seeds that count up. */
function runBatches(): void {
  for (let done = 0; done < runs; done += batch) {
    const args = ["--runs", String(Math.min(batch, runs - done)), "--seed", String(seed + done / batch)];
    const { status } = spawnSync(process.execPath, ["--import", "tsx", __filename, ...args], { stdio: "inherit" });
    if (status !== 0) return void (process.exitCode = 1);
  }
}

async function runHere(): Promise<void> {
  // The dynamic host finds the provider from here, as it does from the folder of a program.
  process.chdir(`${__dirname}/../..`);
  for (const name of ["ONA_API_KEY", "ONA_TOKEN", "GITPOD_API_KEY"]) delete process.env[name];
  const clock = new VirtualClock();
  useClock(clock);
  catchConsole();
  const stage = values.processes === true ? processStage() : localStage(clock);
  const tally: Tally = { operations: 0, calls: 0, lists: 0, faults: 0, interrupts: 0, kills: 0, failed: 0, advised: 0 };
  const started = performance.now();
  const details = await fc.check(
    fc.asyncProperty(values.processes === true ? shortScenario : scenario, (each) => runScenario(each, stage, tally)),
    {
      seed,
      endOnFailure: values["no-shrink"] ?? false,
      numRuns: runs,
      ...(values.path === undefined ? {} : { path: values.path }),
    },
  );
  const seconds = (performance.now() - started) / 1_000;
  const figures = Object.entries(tally).map(([name, count]) => `${count} ${name}`);
  console.log(`${details.numRuns} runs in ${seconds.toFixed(1)} s, seed ${seed}: ${figures.join(", ")}`);
  if (!details.failed) return;
  console.log(fc.defaultReportMessage(details));
  if (details.errorInstance instanceof Error) console.log(details.errorInstance.message);
  console.log(`Again: npm run campaign -- --seed ${seed} --path ${details.counterexamplePath}`);
  process.exitCode = 1;
}

if (runs > batch) runBatches();
else void runHere();
