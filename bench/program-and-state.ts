/** What declaring many pools costs a program, beside plain resources and the usual provider, and what a pool takes up in state. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Fleet, fleetOf, fleetProgram, startFullFleet, type Way, withoutWaiting } from "./fleet.js";
import { childrenCpu, runProgram, startYesMonitor, type YesMonitor } from "./program-runner.js";
import { atLeast, atMost, counted, inPairs, isDecided, once, type Row, summary } from "./measure.js";

const pools = 1_000;
const fleet = fleetOf(pools, 20);

/** What declaring the fleet costs: CPU in milliseconds, and heap in bytes that stays in use. */
async function declaring(folder: string, { address }: YesMonitor): Promise<{ cpu: number; heap: number }> {
  await runProgram(folder, address, ["--expose-gc"]);
  return JSON.parse(readFileSync(join(folder, "measured.json"), "utf8")) as { cpu: number; heap: number };
}

async function withPrograms<T>(
  ways: readonly [Way, Way],
  run: (monitor: YesMonitor, ...folders: [string, string]) => Promise<T>,
): Promise<T> {
  const monitor = await startYesMonitor();
  const folders: [string, string] = [fleetProgram(ways[0], fleet), fleetProgram(ways[1], fleet)];
  try {
    return await run(monitor, ...folders);
  } finally {
    monitor.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

const mostOverPlain = atMost(1.1);

/** CPU and heap come from the same runs. */
const overPlain = once(() =>
  withPrograms(["ours", "plain"], async (monitor, ours, plain) => {
    const cpu: { ours: number; floor: number; ratio: number }[] = [];
    const heap: typeof cpu = [];
    const isOpen = (runs: typeof cpu) =>
      !isDecided(
        mostOverPlain,
        runs.map(({ ratio }) => ratio),
      );
    await declaring(plain, monitor);
    while (cpu.length < 21 && (isOpen(cpu) || isOpen(heap))) {
      const oursFirst = cpu.length % 2 === 0;
      const first = await declaring(oursFirst ? ours : plain, monitor);
      const second = await declaring(oursFirst ? plain : ours, monitor);
      const [mine, other] = oursFirst ? [first, second] : [second, first];
      cpu.push({ ours: mine.cpu, floor: other.cpu, ratio: mine.cpu / other.cpu });
      heap.push({ ours: mine.heap, floor: other.heap, ratio: mine.heap / other.heap });
    }
    return { cpu: summary(mostOverPlain, cpu), heap: summary(mostOverPlain, heap) };
  }),
);

/** CPU milliseconds of a whole program. */
async function wholeProgram(folder: string, { address }: YesMonitor): Promise<number> {
  const before = childrenCpu();
  await runProgram(folder, address);
  return childrenCpu() - before;
}

const inverted = (ours: number, usual: number) => usual / ours;

interface InState {
  readonly bytes: number;
  /** Without the properties that people do not see. */
  readonly values: number;
}

/** Bytes of inputs and outputs of a pool in state, as JSON. */
async function bytesInState(way: Way, declared: Fleet): Promise<InState> {
  await using bench = await startFullFleet(way, declared);
  const { deployment } = await bench.stack.exportDeployment();
  const resources = deployment["resources"] as { type: string; inputs?: object; outputs?: object }[];
  const of = resources.filter(({ type }) => type.endsWith(":WarmPool"));
  if (of.length !== declared.pools.length) throw new Error(`${of.length} pools are in state`);
  const visible = (properties: object) =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith("__")));
  const size = (shown: (properties: object) => object) =>
    of.reduce(
      (sum, { inputs = {}, outputs = {} }) =>
        sum + Buffer.byteLength(JSON.stringify(shown(inputs)) + JSON.stringify(shown(outputs))),
      0,
    ) / of.length;
  return { bytes: size((properties) => properties), values: size(visible) };
}

const atApi = fleetOf(pools, 20, {});
/** Without waiting, as the usual provider of the comparison. */
const ourInState = once(() => bytesInState("ours", withoutWaiting(atApi)));
const usualInState = once(() => bytesInState("usual", atApi));

/** The figures of `npm run bench` about programs and state. */
export const rows: readonly Row[] = [
  {
    figure: "program side, declaring 1,000 pools (CPU ms), over plain custom resources",
    target: mostOverPlain,
    measure: async () => (await overPlain()).cpu,
  },
  {
    figure: "program side, declaring 1,000 pools (heap bytes), over plain custom resources",
    target: mostOverPlain,
    measure: async () => (await overPlain()).heap,
  },
  {
    figure: "the usual provider over ours, 1,000 pools: CPU of the program (ms)",
    target: atLeast(1.8),
    measure: (target) =>
      withPrograms(["ours", "usual"], (monitor, ours, usual) =>
        inPairs({
          ours: () => wholeProgram(ours, monitor),
          floor: () => wholeProgram(usual, monitor),
          ratio: inverted,
          target,
          // Each run is a new process.
          warmUp: false,
        }),
      ),
  },
  {
    figure: "the usual provider over ours, 1,000 pools: bytes of inputs and outputs in state, a pool",
    target: atLeast(4),
    async measure(target) {
      const [ours, usual] = [await ourInState(), await usualInState()];
      return counted(ours.bytes, usual.bytes, target, inverted(ours.bytes, usual.bytes));
    },
  },
  {
    figure: "bytes of a pool's inputs and outputs in state beyond the values themselves",
    target: atMost(250),
    async measure(target) {
      const { bytes, values } = await ourInState();
      return counted(bytes - values, 0, target);
    },
  },
];
