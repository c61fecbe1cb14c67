/** The CPU time until the first Check in the provider process, compared to the start of the bare host. */
import { ProviderProcess, warmPoolStub } from "../tests/support/provider-process.js";
import { atMost, inPairs, type Row } from "./measure.js";

const target = atMost(0.03);

/** A minimal provider. */
const bareStub = "exports.handler = () => ({ check: async (olds, news) => ({ inputs: news, failures: [] }) });";

const inputs = {
  projectId: "b0e12f6c-4c67-429d-a4a6-d9838b5da047",
  environmentClassId: "d2c94c27-3b76-4a42-b88c-95a85e392c68",
  minSize: 1,
};

/** CPU milliseconds of a host from its start to the response of its first Check. */
async function toFirstCheck(provider: string): Promise<number> {
  await using host = await ProviderProcess.start({}, { ONA_API_KEY: "a-token" }, true);
  await host.check({ ...inputs, __provider: provider });
  return host.cpuMilliseconds();
}

/** The row of `npm run bench` about the start. */
export const rows: readonly Row[] = [
  {
    figure: "provider process: start to first Check (CPU ms), excess over the start of the bare host",
    target,
    measure: () =>
      inPairs({
        ours: () => toFirstCheck(warmPoolStub),
        floor: () => toFirstCheck(bareStub),
        ratio: (ours, floor) => (ours - floor) / floor,
        target,
        maxPairs: 41,
      }),
  },
];
