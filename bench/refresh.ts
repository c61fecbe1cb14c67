/** What refreshes and previews of a fleet ask of the API, and how long a refresh takes where the API limits calls; on a virtual clock. */
import { succeed } from "../tests/support/warm-pools.js";
import { type FleetBench, fleetOf, parallel, startFullFleet, type Way, withoutWaiting } from "./fleet.js";
import { atLeast, atMost, counted, type Row } from "./measure.js";

const projects = 10;
const fleet = fleetOf(500, projects);
const pageSize = 100;
const pages = fleet.pools.length / pageSize;
const callsPerSecond = 5;

/** The fleet after an `up`, with its pools READY. */
async function settledFleet(way: Way): Promise<FleetBench> {
  const bench = await startFullFleet(way, way === "usual" ? fleet : withoutWaiting(fleet));
  bench.simulator.clock.advance(60_000);
  return bench;
}

/** Seconds of the simulator's clock that a refresh takes under the limit. */
async function limitedRefresh(way: Way): Promise<number> {
  await using bench = await settledFleet(way);
  const { simulator, stack } = bench;
  const startedAt = simulator.clock.now();
  simulator.fault({ tokenBucket: { capacity: callsPerSecond, refillPerSecond: callsPerSecond } });
  await succeed(stack.refresh());
  return (simulator.clock.now() - startedAt) / 1_000;
}

/** The figures of `npm run bench` about fleets and the API. */
export const rows: readonly Row[] = [
  {
    figure: "preview and up of 500 pools without changes: API calls",
    target: atMost(0),
    async measure(target) {
      await using bench = await settledFleet("ours");
      await succeed(bench.stack.preview({ expectNoChanges: true }));
      await succeed(bench.stack.up({ expectNoChanges: true }));
      return counted(bench.simulator.requests.length, 0, target);
    },
  },
  {
    figure: "refresh of 500 pools over 10 projects: API calls, over pages and parallelism",
    target: atMost(1),
    async measure(target) {
      await using bench = await settledFleet("ours");
      await succeed(bench.stack.refresh());
      return counted(bench.simulator.requests.length, pages + parallel, target);
    },
  },
  {
    figure: "one Get a pool over ours: refresh of 500 pools under 5 calls a second (virtual s)",
    target: atLeast(10),
    async measure(target) {
      const [ours, usual] = [await limitedRefresh("ours"), await limitedRefresh("usual")];
      return counted(ours, usual, target, usual / ours);
    },
  },
];
