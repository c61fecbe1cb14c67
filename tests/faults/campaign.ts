/**
 * `npm run campaign -- [--runs N] [--seed N] [--path P] [--no-shrink] [--processes] [--host H]`: runs random programs
 * under random faults, kills, and interrupts, in this process or with `--processes` in real ones. Programs use the
 * dynamic resources or the plugin, and may move. With `--host dynamic` or `--host native`, all use one of them. Prints
 * figures. If an invariant breaks, prints the seed and path that reproduce it.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { hosts } from "../support/hosts.js";
import { VirtualClock } from "./virtual-clock.js";
import { prepareInProcess } from "./in-process-provider.js";
import { inProcessStage } from "./in-process-stage.js";
import { processStage } from "./process-stage.js";
import { runScenario, type Tally } from "./scenario-run.js";
import { inHost, scenario, shortScenario } from "./random-scenario.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
    "no-shrink": { type: "boolean" },
    processes: { type: "boolean" },
    host: { type: "string" },
  },
});

/** Runs per process. Each simulated provider process leaves something in the module loader of the real one. */
const batchSize = 500;

const runs = Number(values.runs ?? batchSize);
const host = hosts.find((each) => each === values.host);
if (host === undefined && values.host !== undefined) throw new TypeError(`--host must be ${hosts.join(" or ")}`);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

/** Runs one batch after the other, each with the next seed. */
function runBatches(): void {
  for (let done = 0; done < runs; done += batchSize) {
    const args = ["--runs", String(Math.min(batchSize, runs - done)), "--seed", String(seed + done / batchSize)];
    if (host !== undefined) args.push("--host", host);
    const { status } = spawnSync(process.execPath, ["--import", "tsx", __filename, ...args], { stdio: "inherit" });
    if (status !== 0) return void (process.exitCode = 1);
  }
}

async function runHere(): Promise<void> {
  const clock = new VirtualClock();
  prepareInProcess(clock);
  const stage = values.processes === true ? processStage() : inProcessStage(clock, { "ona:requestTimeout": "20s" });
  const tally: Tally = {
    operations: 0,
    calls: 0,
    lists: 0,
    faults: 0,
    interrupts: 0,
    kills: 0,
    failed: 0,
    moves: 0,
    advised: 0,
  };
  const startedAt = performance.now();
  const details = await fc.check(
    fc.asyncProperty(values.processes === true ? shortScenario : scenario, (each) =>
      runScenario(host === undefined ? each : inHost(host, each), stage, tally),
    ),
    {
      seed,
      endOnFailure: values["no-shrink"] ?? false,
      numRuns: runs,
      ...(values.path === undefined ? {} : { path: values.path }),
    },
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const figures = Object.entries(tally).map(([name, count]) => `${count} ${name}`);
  console.log(`${details.numRuns} runs in ${seconds.toFixed(1)} s, seed ${seed}: ${figures.join(", ")}`);
  if (!details.failed) return;
  console.log(fc.defaultReportMessage(details));
  if (details.errorInstance instanceof Error) console.log(details.errorInstance.message);
  console.log(
    `To reproduce: npm run campaign -- --seed ${seed} --path ${details.counterexamplePath}${host === undefined ? "" : ` --host ${host}`}`,
  );
  process.exitCode = 1;
}

if (runs > batchSize) runBatches();
else void runHere();
