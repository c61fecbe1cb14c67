/** The calls of a client for prebuilds: reads share Lists, and writes fence them. */
import { type Calls, type RateLimitedClient, readThrough } from "../batched-reads/client-reads.js";
import { WriteFence } from "../batched-reads/write-fence.js";
import type { OnaClient, PrebuildMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import type { PrebuildContext } from "./api.js";
import { detailsOf } from "./state.js";

/** What prebuilds need of the API client. */
export type PrebuildClient = PrebuildContext["client"] &
  RateLimitedClient &
  Pick<OnaClient, "getPrebuild" | "prebuildPages">;

/** The fence of a provider process for writes to prebuilds. */
export const prebuildFenceOf = perOwner((_process: object) => new WriteFence());

/** The calls of a client. There is one result per client, so that all lifecycles of a process share their reads. */
export const prebuildsOf = perOwner(
  (client: PrebuildClient, clock: Clock, fence: WriteFence): Pick<PrebuildContext, "client" | "prebuilds"> => {
    const calls: Calls<PrebuildMessage> = {
      get: (id, options) => client.getPrebuild(id, options),
      // Those of a stack are manual runs. The scheduled ones would be many more.
      list: (projectIds, signal) =>
        client.prebuildPages({ projectIds, triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] }, { signal }),
      // A project lists the runs of seven days, few of which are in the stack.
      minObjects: 3,
    };
    const { reads, note } = readThrough(client, clock, fence, calls, detailsOf);
    return {
      prebuilds: reads,
      client: {
        createPrebuild: (request, options) =>
          fence.writeIn(request.projectId, () => note(client.createPrebuild(request, options))),
        cancelPrebuild: (id, options) => fence.writeTo(id, () => client.cancelPrebuild(id, options)),
        deletePrebuild: (id, options) => fence.writeTo(id, () => client.deletePrebuild(id, options)),
        listPrebuilds: (filter, options) => client.listPrebuilds(filter, options),
        createPrebuildLogsToken: (id, options) => client.createPrebuildLogsToken(id, options),
        readPrebuildLog: (logUrl, token, options) => client.readPrebuildLog(logUrl, token, options),
        hideSecrets: (text) => client.hideSecrets(text),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
        serverTimeErrorAt: (moment) => client.serverTimeErrorAt(moment),
        requestTimeoutMs: client.requestTimeoutMs,
      },
    };
  },
);
