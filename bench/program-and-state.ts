/** What declaring many pools costs a program, compared to plain resources and a hand-written provider, and a pool's size in state. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Fleet, fleetOf, fleetProgram, startCreatedFleet, type DeclaredAs, withoutWaiting } from "./fleet.js";
import { childrenCpu, runProgram, startMinimalMonitor, type MinimalMonitor } from "./program-runner.js";
import { atLeast, atMost, counted, inPairs, isDecided, once, type Row, summary, type Target } from "./measure.js";

const pools = 1_000;
const fleet = fleetOf(pools, 20);

/** The cost of declaring the fleet: CPU in milliseconds, and heap in bytes that stay in use. */
async function declaring(folder: string, { address }: MinimalMonitor): Promise<{ cpu: number; heap: number }> {
  await runProgram(folder, address, ["--expose-gc"]);
  return JSON.parse(readFileSync(join(folder, "measured.json"), "utf8")) as { cpu: number; heap: number };
}

async function withPrograms<T>(
  kinds: readonly [DeclaredAs, DeclaredAs],
  run: (monitor: MinimalMonitor, ...folders: [string, string]) => Promise<T>,
): Promise<T> {
  const monitor = await startMinimalMonitor();
  const folders: [string, string] = [fleetProgram(kinds[0], fleet), fleetProgram(kinds[1], fleet)];
  try {
    return await run(monitor, ...folders);
  } finally {
    monitor.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

const cpuTarget = atMost(1.07);
const heapTarget = atMost(1.04);

/** CPU and heap come from the same runs. */
const comparedToPlain = once(() =>
  withPrograms(["ours", "plain"], async (monitor, ours, plain) => {
    const cpu: { ours: number; floor: number; ratio: number }[] = [];
    const heap: typeof cpu = [];
    const isOpen = (target: Target, runs: typeof cpu) =>
      !isDecided(
        target,
        runs.map(({ ratio }) => ratio),
      );
    await declaring(plain, monitor);
    while (cpu.length < 21 && (isOpen(cpuTarget, cpu) || isOpen(heapTarget, heap))) {
      const oursFirst = cpu.length % 2 === 0;
      const first = await declaring(oursFirst ? ours : plain, monitor);
      const second = await declaring(oursFirst ? plain : ours, monitor);
      const [mine, other] = oursFirst ? [first, second] : [second, first];
      cpu.push({ ours: mine.cpu, floor: other.cpu, ratio: mine.cpu / other.cpu });
      heap.push({ ours: mine.heap, floor: other.heap, ratio: mine.heap / other.heap });
    }
    return { cpu: summary(cpuTarget, cpu), heap: summary(heapTarget, heap) };
  }),
);

/** CPU milliseconds of a whole program. */
async function wholeProgram(folder: string, { address }: MinimalMonitor): Promise<number> {
  const before = childrenCpu();
  await runProgram(folder, address);
  return childrenCpu() - before;
}

const inverted = (ours: number, handWritten: number) => handWritten / ours;

interface InState {
  readonly bytes: number;
  /** Without the hidden properties. */
  readonly values: number;
}

/** The bytes of a pool's inputs and outputs in state, as JSON. */
async function bytesInState(declaredAs: DeclaredAs, declared: Fleet): Promise<InState> {
  await using bench = await startCreatedFleet(declaredAs, declared);
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
/** Without waiting for READY, like the hand-written provider. */
const ourInState = once(() => bytesInState("ours", withoutWaiting(atApi)));
const handWrittenInState = once(() => bytesInState("handWritten", atApi));

/** The rows of `npm run bench` about programs and state. */
export const rows: readonly Row[] = [
  {
    figure: "declaring 1,000 pools (CPU ms), compared to plain custom resources",
    target: cpuTarget,
    measure: async () => (await comparedToPlain()).cpu,
  },
  {
    figure: "declaring 1,000 pools (heap bytes), compared to plain custom resources",
    target: heapTarget,
    measure: async () => (await comparedToPlain()).heap,
  },
  {
    figure: "hand-written provider compared to ours, 1,000 pools: CPU ms of the program",
    target: atLeast(2.4),
    measure: (target) =>
      withPrograms(["ours", "handWritten"], (monitor, ours, handWritten) =>
        inPairs({
          ours: () => wholeProgram(ours, monitor),
          floor: () => wholeProgram(handWritten, monitor),
          ratio: inverted,
          target,
          // Each run is a new process.
          warmUp: false,
        }),
      ),
  },
  {
    figure: "hand-written provider compared to ours, 1,000 pools: bytes per pool in state",
    target: atLeast(17),
    async measure(target) {
      const [ours, handWritten] = [await ourInState(), await handWrittenInState()];
      return counted(ours.bytes, handWritten.bytes, target, inverted(ours.bytes, handWritten.bytes));
    },
  },
  {
    figure: "bytes per pool in state besides its values",
    target: atMost(250),
    async measure(target) {
      const { bytes, values } = await ourInState();
      return counted(bytes - values, 0, target);
    },
  },
];
