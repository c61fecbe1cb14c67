/** The CPU time of Check and Diff in the provider process, compared to a provider that returns its inputs. */
import { warmPoolTraits } from "../src/warm-pool/traits.js";
import { ProviderProcess, warmPoolStub } from "../tests/support/provider-process.js";
import { fleetOf } from "./fleet.js";
import { atMost, inPairs, type Row } from "./measure.js";

const target = atMost(1.3);
const inFlight = 16;
const rounds = 2;

const returningProvider = `exports.handler = () => ({
  check: async (olds, news) => ({ inputs: news, failures: [] }),
  diff: async (id, olds, news) => ({ changes: false }),
});`;

const { pools } = fleetOf(500, 10);
/** Outputs of a pool in state. */
export const outputs = {
  organizationId: "8f0b1b5e-5d0c-4f7a-9a39-3f0b7f1c2d11",
  runnerId: "c0a8d4b2-7e52-4d0e-8d8b-0d6f5b1a9e22",
  createdAt: "2026-01-01T00:00:00.000000Z",
  updatedAt: "2026-01-01T00:00:03.000000Z",
  phase: "READY",
  snapshotId: "5b7c9d1e-2f3a-4b5c-8d7e-9f0a1b2c3d33",
  desiredSize: 1,
  runningInstances: 1,
  stoppedInstances: 3,
  __managed: ["minSize", "maxSize"],
  __version: 1,
};

/** CPU milliseconds of a Check and a Diff. */
async function checkAndDiff(host: ProviderProcess, provider: string): Promise<number> {
  const before = host.cpuMilliseconds();
  const left = Array.from({ length: rounds }, () => pools).flat();
  const work = async () => {
    for (let pool = left.pop(); pool !== undefined; pool = left.pop()) {
      const { failures, inputs } = await host.check({
        ...pool.args,
        __urn: `urn:pulumi:dev::pools::${warmPoolTraits.type}::${pool.name}`,
        __provider: provider,
      });
      const { changes } = await host.diff({ ...pool.args, ...outputs, __provider: provider }, inputs);
      if (failures.length > 0 || changes !== "none") throw new Error("the pool has changed");
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return (host.cpuMilliseconds() - before) / (rounds * pools.length);
}

/** The row of `npm run bench` about a preview without changes. */
export const rows: readonly Row[] = [
  {
    figure: "Check and Diff, 16 at a time (CPU ms), compared to a provider that returns its inputs",
    target,
    async measure() {
      const env = { ONA_API_KEY: "a-token" };
      await using ours = await ProviderProcess.start({}, env);
      await using floor = await ProviderProcess.start({}, env);
      return await inPairs({
        ours: () => checkAndDiff(ours, warmPoolStub),
        floor: () => checkAndDiff(floor, returningProvider),
        target,
      });
    },
  },
];
