/** Whether CPU time and calls grow in proportion to the fleet. */
import { rmSync } from "node:fs";
import { warmPoolTraits } from "../src/warm-pool/traits.js";
import { type Simulator, startSimulator } from "../src/testing/simulator/index.js";
import { ProviderProcess, warmPoolStub } from "../tests/support/provider-process.js";
import { type Fleet, fleetOf, fleetProgram, parallel } from "./fleet.js";
import { childrenCpu, runProgram, startMinimalMonitor } from "./program-runner.js";
import { atMost, meets, once, type Row, summary } from "./measure.js";

const sizes = [100, 1_000, 5_000] as const;
const poolsInProject = 50;
const target = atMost(1.15);
const maxRuns = 3;
/** One run is enough if its ratio is at least this far from the target. */
const clearDistance = 0.2;

interface Cost {
  /** CPU milliseconds of program and provider. */
  readonly cpu: number;
  readonly calls: number;
}

/** A pool in state. */
interface InState {
  readonly id: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** CPU milliseconds of the program that declares the fleet. */
async function programCost(fleet: Fleet): Promise<number> {
  const monitor = await startMinimalMonitor();
  const folder = fleetProgram("ours", fleet);
  const before = childrenCpu();
  try {
    await runProgram(folder, monitor.address);
    return childrenCpu() - before;
  } finally {
    monitor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU milliseconds of the provider in an `up --refresh` without changes: it reads every pool, then checks and diffs each. */
async function providerCost(simulator: Simulator, pools: readonly InState[]): Promise<number> {
  const env = { ONA_API_KEY: simulator.token, ONA_BASE_URL: simulator.url };
  await using provider = await ProviderProcess.start({}, env);
  await eachOf(pools, async ({ id, outputs, inputs }) => {
    const read = await provider.read(id, outputs);
    if (read.id !== id || read.inputs["minSize"] !== inputs["minSize"]) throw new Error(`${id} was not read correctly`);
  });
  await eachOf(pools, async ({ id, name, inputs, outputs }) => {
    const checked = await provider.check(
      { ...inputs, __urn: `urn:pulumi:dev::pools::${warmPoolTraits.type}::${name}` },
      inputs,
    );
    const { changes } = await provider.diff(outputs, checked.inputs, id);
    if (changes !== "none") throw new Error(`${id} has changed`);
  });
  return provider.cpuMilliseconds();
}

/** Works on all items, as many at once as the engine does. */
async function eachOf<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const each of left) await work(each);
    }),
  );
}

/** Creates the pools of a fleet and lets them become READY. */
function createPools(simulator: Simulator, { pools }: Fleet): InState[] {
  const created = pools.map(({ name, args }) => ({
    name,
    args: { ...args, waitForReady: false },
    id: simulator.createPool(args as Parameters<typeof simulator.createPool>[0]).id,
  }));
  simulator.clock.advance(60_000);
  return created.map(({ id, name, args }) => {
    const { createdAt, organizationId, runnerId, phase } = simulator.pool(id);
    const inputs = { ...args, __provider: warmPoolStub };
    const outputs = {
      ...inputs,
      organizationId,
      runnerId,
      createdAt,
      phase,
      __managed: ["minSize", "maxSize"],
      __version: 1,
    };
    return { id, name, inputs, outputs };
  });
}

/** The cost of an `up --refresh` without changes, excluding the engine and the API. */
async function costOf(pools: number): Promise<Cost> {
  const fleet = fleetOf(pools, pools / poolsInProject);
  const simulator = await startSimulator({ projects: fleet.projects, requestLimit: 100_000 });
  try {
    const cpu = await providerCost(simulator, createPools(simulator, fleet));
    return { cpu: cpu + (await programCost(fleet)), calls: simulator.requests.length };
  } finally {
    await simulator.close();
  }
}

const costs = once(async () => {
  const runs: (readonly [Cost, Cost, Cost])[] = [];
  do {
    runs.push([await costOf(sizes[0]), await costOf(sizes[1]), await costOf(sizes[2])]);
  } while (runs.length < maxRuns && runs.some((run) => Math.abs(slopes(run).ratio - target.value) < clearDistance));
  return runs;
});

/** CPU milliseconds of each additional pool in a large fleet and in a small one, and their ratio. */
function slopes([small, middle, large]: readonly [Cost, Cost, Cost]) {
  const ours = (large.cpu - middle.cpu) / (sizes[2] - sizes[1]);
  const floor = (middle.cpu - small.cpu) / (sizes[1] - sizes[0]);
  return { ours, floor, ratio: ours / floor };
}

/** The rows of `npm run bench` about growth. */
export const rows: readonly Row[] = [
  {
    figure: "up --refresh: CPU ms per pool from 1,000 to 5,000 pools, compared to 100 to 1,000 pools",
    target,
    measure: async () => summary(target, (await costs()).map(slopes)),
  },
  {
    figure: "up --refresh: API calls per pool with 5,000 pools compared to 1,000, and 1,000 compared to 100",
    target: atMost(1),
    async measure(target) {
      const calls = (await costs()).map((run) => run.map((cost, n) => cost.calls / (sizes[n] ?? NaN)));
      const rises = calls.flatMap((run) => run.slice(1).map((each, n) => each / (run[n] ?? NaN)));
      const [first = []] = calls;
      const ratio = Math.max(...rises);
      return {
        ours: first[2] ?? NaN,
        floor: first[1] ?? NaN,
        ratio,
        ok: meets(target, ratio),
        spread: [Math.min(...rises), ratio],
      };
    },
  },
];
