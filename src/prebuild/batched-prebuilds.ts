/** The calls for prebuilds, with reads in bulk that know of the fence. */
import { BatchedReads } from "../batched-reads/batched-reads.js";
import type { OnaClient, PrebuildMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { WriteFence } from "../batched-reads/write-fence.js";
import type { PrebuildContext } from "./api.js";

/** What of the API client prebuilds need. */
export type PrebuildClient = PrebuildContext["client"] &
  Pick<OnaClient, "prebuildPages" | "isRateLimited" | "rateLimitDelayMs">;

/** The prebuild fence of a provider process. */
export const prebuildWritesOf = perOwner((_process: object) => new WriteFence());

/** From how many prebuilds on a List may pay: a project lists those of seven days, few of which are in the stack. */
const minObjects = 3;

/**
 * How a lifecycle reaches the prebuilds: made once for each client, so that all lifecycles of a process share their reads. Only those that were started by hand are listed, as those of a
 * stack are: the scheduled ones would be many more.
 */
export const prebuildsOf = perOwner(
  (client: PrebuildClient, clock: Clock, fence: WriteFence): Pick<PrebuildContext, "client" | "prebuilds"> => {
    const prebuilds = new BatchedReads<PrebuildMessage>(
      {
        get: (id, signal) => client.getPrebuild(id, { signal }),
        list: (projectIds, signal) =>
          client.prebuildPages({ projectIds, triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] }, { signal }),
        isRateLimited: () => client.isRateLimited,
        rateLimitDelayMs: () => client.rateLimitDelayMs,
        projectOf: ({ metadata }) => metadata?.projectId,
        isGone: ({ status }) => status?.phase === "DELETED",
        minObjects,
      },
      clock,
      fence,
    );
    const noted = async (answer: Promise<PrebuildMessage>) => {
      const prebuild = await answer;
      fence.note({ id: prebuild.id, projectId: prebuild.metadata?.projectId });
      return prebuild;
    };
    return {
      prebuilds,
      client: {
        createPrebuild: (request, options) =>
          fence.writeIn(request.projectId, () => noted(client.createPrebuild(request, options))),
        getPrebuild: (id, options) => noted(client.getPrebuild(id, options)),
        cancelPrebuild: (id, options) => fence.writeTo(id, () => client.cancelPrebuild(id, options)),
        deletePrebuild: (id, options) => fence.writeTo(id, () => client.deletePrebuild(id, options)),
        listPrebuilds: (filter, options) => client.listPrebuilds(filter, options),
        createPrebuildLogsToken: (id, options) => client.createPrebuildLogsToken(id, options),
        readPrebuildLog: (logUrl, token, options) => client.readPrebuildLog(logUrl, token, options),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
      },
    };
  },
);
