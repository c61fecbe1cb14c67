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

/**
 * The CPU time of a host from its start to the response of its first Check, divided by the part before the Check. That part
 * is the same for every provider, and the speed of the machine changes less between the two parts than between two starts.
 */
async function toFirstCheck(provider: string): Promise<number> {
  await using host = await ProviderProcess.start({}, { ONA_API_KEY: "a-token" }, true);
  const beforeCheck = host.cpuMilliseconds();
  await host.check({ ...inputs, __provider: provider });
  return host.cpuMilliseconds() / beforeCheck;
}

/** The row of `npm run bench` about the start. */
export const rows: readonly Row[] = [
  {
    figure: "provider process: CPU from start to first Check, excess over the bare host",
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
