/** Figures that are counted of one pool: what is asked of the API, and what stands in state. */
import { stubText } from "../src/program/stub.js";
import { startBench, succeed } from "../tests/support/warm-pools.js";
import { atMost, counted, type Row } from "./measure.js";

/** Counts the calls of the first `up` of one pool. */
async function callsOfCreate(): Promise<string[]> {
  await using bench = await startBench();
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.up());
  return bench.calls();
}

/** The polls until a pool is seen READY that becomes so 3 s after its creation: at 1 s, 2.5 s and 4.75 s. */
const polls = 3;

/** The counted figures of `npm run bench`. */
export const rows: readonly Row[] = [
  {
    figure: "a new pool: API calls, over one Create and one look a poll",
    target: atMost(1),
    async measure(target) {
      const calls = await callsOfCreate();
      if (calls[0] !== "CreateWarmPool") throw new Error(`the first call is ${calls[0]}`);
      return counted(calls.length, 1 + polls, target);
    },
  },
  {
    figure: "__provider in state, bytes",
    target: atMost(99),
    measure: async (target) => counted(stubText("warmPool").length, 0, target),
  },
];
