/** What the first Check of a warm pool costs in the provider process, over what the bare host costs to start. */
import { ProviderProcess, warmPoolStub } from "../tests/support/provider-process.js";
import { atMost, inPairs, type Row } from "./measure.js";

const target = atMost(0.07);

/** The least that a provider can be. */
const bareStub = "exports.handler = () => ({ check: async (olds, news) => ({ inputs: news, failures: [] }) });";

const inputs = {
  projectId: "b0e12f6c-4c67-429d-a4a6-d9838b5da047",
  environmentClassId: "d2c94c27-3b76-4a42-b88c-95a85e392c68",
  minSize: 1,
};

/** CPU milliseconds of a host from its start to the answer to its first Check. */
async function toFirstCheck(provider: string): Promise<number> {
  await using host = await ProviderProcess.start({}, { ONA_API_KEY: "a-token" });
  await host.check({ ...inputs, __provider: provider });
  return host.cpuMilliseconds();
}

/** The figure of `npm run bench` about the start. */
export const rows: readonly Row[] = [
  {
    figure: "provider process, start to first Check, beyond the bare host (CPU ms), over its start",
    target,
    measure: () =>
      inPairs({
        ours: () => toFirstCheck(warmPoolStub),
        floor: () => toFirstCheck(bareStub),
        ratio: (ours, floor) => (ours - floor) / floor,
        target,
        pairs: 41,
      }),
  },
];
