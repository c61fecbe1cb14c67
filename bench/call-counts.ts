/** Counts: the API calls of one pool and of lookups by name, and the size of a pool's provider text in state. */
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

/** The Lists of a preview with ten lookups of projects and ten of environment classes, for each service. */
async function listsOfLookups(): Promise<number> {
  await using bench = await startBench({
    files: {
      "index.js": `
const { getEnvironmentClassOutput, getProjectOutput } = require("pulumi-ona");
for (let n = 0; n < 10; n++) {
  const { id } = getProjectOutput({ name: n % 2 ? "storefront" : "data-platform" });
  getEnvironmentClassOutput({ name: "large", projectId: id });
}`,
    },
  });
  await succeed(bench.stack.preview());
  const calls = bench.calls();
  const count = (rpc: string) => calls.filter((call) => call === rpc).length;
  return Math.max(count("ListProjects"), count("ListEnvironmentClasses"));
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
    figure: "Lists of each service for ten lookups by name of projects and ten of environment classes",
    target: atMost(2),
    measure: async (target) => counted(await listsOfLookups(), 0, target),
  },
  {
    figure: "bytes of __provider in state",
    target: atMost(99),
    measure: async (target) => counted(stubText("warmPool").length, 0, target),
  },
];
