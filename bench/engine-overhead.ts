/** The CPU time of the test engine, compared to the processes that a cycle of preview, up, preview, and destroy must start. */
import { ProviderProcess } from "../tests/support/provider-process.js";
import { type Bench, startBench, succeed } from "../tests/support/warm-pools.js";
import { childrenCpu, runProgram, startMinimalMonitor } from "./program-runner.js";
import { atMost, inPairs, type Row } from "./measure.js";

const pairs = 7;
const target = 1.3;
const programs = 3;
const hosts = 4;

/** CPU milliseconds of a cycle of one pool: the engine and all its processes. */
async function cycle(bench: Bench): Promise<number> {
  const [own, children] = [process.cpuUsage(), childrenCpu()];
  await succeed(bench.stack.preview());
  await succeed(bench.stack.up());
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  await succeed(bench.stack.destroy());
  const { user, system } = process.cpuUsage(own);
  return (user + system) / 1_000 + childrenCpu() - children;
}

/** CPU milliseconds of the same processes without work: programs that declare a pool to a minimal monitor, and idle hosts. */
async function bareStarts(folder: string): Promise<number> {
  const before = childrenCpu();
  const monitor = await startMinimalMonitor();
  try {
    for (let n = 0; n < programs; n++) await runProgram(folder, monitor.address);
    for (let n = 0; n < hosts; n++) await (await ProviderProcess.start())[Symbol.asyncDispose]();
  } finally {
    monitor.close();
  }
  return childrenCpu() - before;
}

/** The row of `npm run bench` about the test engine. */
export const rows: readonly Row[] = [
  {
    figure: "test engine: preview, up, preview, destroy of one pool (CPU ms), compared to starting its processes",
    target: atMost(target),
    async measure() {
      await using bench = await startBench();
      bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
      return await inPairs({
        ours: () => cycle(bench),
        floor: () => bareStarts(bench.folder),
        target: atMost(target),
        maxPairs: pairs,
      });
    },
  },
];
