/** Figures that are counted: what is asked of the API, and what stands in state. */
import { stubText } from "../../src/dynamic/stub";
import { startBench, succeed } from "../support/warm-pools";
import { counted, type Measured, type Row } from "./row";

/** Counts the calls of a preview and an `up` without changes, and those of the first `up` of one pool. */
async function measureCalls(): Promise<{ idle: number; created: string[] }> {
  await using bench = await startBench();
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.up());
  const created = bench.calls();
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  await succeed(bench.stack.up({ expectNoChanges: true }));
  return { idle: bench.calls().length, created };
}

/** The polls until a pool is seen READY that becomes so 3 s after its creation: at 1 s, 2.5 s and 4.75 s. */
const polls = 3;

async function measureCreate(): Promise<Measured> {
  const { created } = await measureCalls();
  const least = 1 + polls;
  const asExpected = created[0] === "CreateWarmPool" && created.slice(1).every((rpc) => rpc === "GetWarmPool");
  return counted(created.length, least, asExpected && created.length <= least);
}

/** The counted figures of `npm run bench`. */
export const rows: readonly Row[] = [
  {
    figure: "preview and up without changes: API calls",
    target: "0",
    async measure() {
      const { idle } = await measureCalls();
      return counted(idle, 0, idle === 0);
    },
  },
  { figure: "a new pool: API calls, over one Create and one Get a poll", target: "at most 1", measure: measureCreate },
  {
    figure: "__provider in state, bytes",
    target: "under 100",
    measure: async () => counted(stubText("warmPool").length, 0, stubText("warmPool").length < 100),
  },
];
