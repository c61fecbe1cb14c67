/** Counts for one pool: its API calls and the size of its provider text in state. */
import { stubText } from "../src/program/stub.js";
import { startBench, succeed } from "../tests/support/warm-pools.js";
import { atMost, counted, type Row } from "./measure.js";

/** The calls of the first `up` of one pool. */
async function callsOfCreate(): Promise<string[]> {
  await using bench = await startBench();
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.up());
  return bench.calls();
}

/** Polls until a pool that becomes READY after 3 s is seen READY: after 1 s, 2.5 s, and 4.75 s. */
const pollCount = 3;

/** The rows of `npm run bench` about one pool. */
export const rows: readonly Row[] = [
  {
    figure: "API calls of a new pool, compared to one Create and one Get per poll",
    target: atMost(1),
    async measure(target) {
      const calls = await callsOfCreate();
      if (calls[0] !== "CreateWarmPool") throw new Error(`the first call is ${calls[0]}`);
      return counted(calls.length, 1 + pollCount, target);
    },
  },
  {
    figure: "bytes of __provider in state",
    target: atMost(99),
    measure: async (target) => counted(stubText("warmPool").length, 0, target),
  },
];
