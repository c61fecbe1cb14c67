/** What declaring many pools costs a program, compared to plain resources and a hand-written provider, and a pool's size in state. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  alternatingProgram,
  type DeclaredAs,
  type Fleet,
  fleetOf,
  fleetProgram,
  startCreatedFleet,
  withoutWaiting,
} from "./fleet.js";
import { childrenCpu, runProgram, startMinimalMonitor, type MinimalMonitor } from "./program-runner.js";
import { atLeast, atMost, counted, inPairs, once, type Row, untilDecided } from "./measure.js";

const pools = 1_000;
const fleet = fleetOf(pools, 20);

/** What a program measured while it ran. */
async function measuredBy<T>(folder: string, { address }: MinimalMonitor, nodeArgs?: readonly string[]): Promise<T> {
  await runProgram(folder, address, nodeArgs);
  return JSON.parse(readFileSync(join(folder, "measured.json"), "utf8")) as T;
}

/** Runs programs in folders, which it removes. */
async function withMonitor<const Folders extends readonly string[], T>(
  folders: Folders,
  run: (monitor: MinimalMonitor, folders: Folders) => Promise<T>,
): Promise<T> {
  const monitor = await startMinimalMonitor();
  try {
    return await run(monitor, folders);
  } finally {
    monitor.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

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
    target: atMost(1.07),
    measure: (target) =>
      withMonitor([alternatingProgram("ours", "plain", fleet)], (monitor, [folder]) =>
        untilDecided(target, 11, async () => {
          const { ours, plain } = await measuredBy<{ ours: number; plain: number }>(folder, monitor);
          return { ours, floor: plain, ratio: ours / plain };
        }),
      ),
  },
  {
    figure: "declaring 1,000 pools (heap bytes), compared to plain custom resources",
    target: atMost(1.04),
    measure: (target) =>
      withMonitor([fleetProgram("ours", fleet), fleetProgram("plain", fleet)], (monitor, [ours, plain]) => {
        const heapOf = async (folder: string) => {
          const { heap } = await measuredBy<{ heap: number }>(folder, monitor, ["--expose-gc"]);
          return heap;
        };
        return inPairs({ ours: () => heapOf(ours), floor: () => heapOf(plain), target, warmUp: false });
      }),
  },
  {
    figure: "hand-written provider compared to ours, 1,000 pools: CPU ms of the program",
    target: atLeast(2.4),
    measure: (target) =>
      withMonitor([fleetProgram("ours", fleet), fleetProgram("handWritten", fleet)], (monitor, [ours, handWritten]) =>
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
