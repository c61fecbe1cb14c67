/** The API calls of refreshes and previews, and the duration of a refresh under a rate limit, on a virtual clock. */
import { succeed } from "../tests/support/warm-pools.js";
import { type FleetBench, fleetOf, startCreatedFleet, startFleet, type DeclaredAs, withoutWaiting } from "./fleet.js";
import { atLeast, atMost, counted, type Row } from "./measure.js";

const projects = 10;
const fleet = fleetOf(500, projects);
const callsPerSecond = 5;

/** The fleet after an `up`, with its pools READY. */
async function readyFleet(declaredAs: DeclaredAs): Promise<FleetBench> {
  const bench = await startCreatedFleet(declaredAs, declaredAs === "handWritten" ? fleet : withoutWaiting(fleet));
  bench.simulator.clock.advance(60_000);
  return bench;
}

/** Seconds of the simulator's clock that a refresh takes under the rate limit. */
async function limitedRefresh(declaredAs: DeclaredAs): Promise<number> {
  await using bench = await readyFleet(declaredAs);
  const { simulator, stack } = bench;
  const startedAt = simulator.clock.now();
  simulator.fault({ tokenBucket: { capacity: callsPerSecond, refillPerSecond: callsPerSecond } });
  await succeed(stack.refresh());
  return (simulator.clock.now() - startedAt) / 1_000;
}

/** The rows of `npm run bench` about fleets and the API. */
export const rows: readonly Row[] = [
  {
    figure: "API calls of preview and up without changes, 500 pools",
    target: atMost(0),
    async measure(target) {
      await using bench = await readyFleet("ours");
      await succeed(bench.stack.preview({ expectNoChanges: true }));
      await succeed(bench.stack.up({ expectNoChanges: true }));
      return counted(bench.simulator.requests.length, 0, target);
    },
  },
  {
    figure: "API calls of a preview of 100 new pools in 10 projects",
    target: atMost(3),
    async measure(target) {
      await using bench = await startFleet("ours", fleetOf(100, projects));
      await succeed(bench.stack.preview());
      return counted(bench.simulator.requests.length, 0, target);
    },
  },
  {
    figure: "API calls of a refresh of 500 pools in 10 projects",
    target: atMost(8),
    async measure(target) {
      await using bench = await readyFleet("ours");
      await succeed(bench.stack.refresh());
      return counted(bench.simulator.requests.length, 0, target);
    },
  },
  {
    figure: "one Get per pool compared to ours: refresh of 500 pools at 5 calls per second (virtual s)",
    target: atLeast(10),
    async measure(target) {
      const [ours, handWritten] = [await limitedRefresh("ours"), await limitedRefresh("handWritten")];
      return counted(ours, handWritten, target, handWritten / ours);
    },
  },
];
