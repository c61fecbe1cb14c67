/** The calls for warm pools, with reads in bulk that know of the fence. */
import { BatchedReads } from "../batched-reads/batched-reads.js";
import type { OnaClient, WarmPoolMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { WriteFence } from "../batched-reads/write-fence.js";
import type { WarmPoolContext } from "./api.js";

/** What of the API client pools need. */
export type PoolClient = WarmPoolContext["client"] &
  Pick<OnaClient, "warmPoolPages" | "isRateLimited" | "rateLimitDelayMs">;

/** The pool fence of a provider process. */
export const poolWritesOf = perOwner((_process: object) => new WriteFence());

/** From how many pools on a List may pay: it is never longer than the Gets that it spares, and a project has few pools. */
const minObjects = 2;

/** How a lifecycle reaches the pools: made once for each client, so that all lifecycles of a process share their reads. */
export const poolsOf = perOwner(
  (client: PoolClient, clock: Clock, fence: WriteFence): Pick<WarmPoolContext, "client" | "pools"> => {
    const pools = new BatchedReads<WarmPoolMessage>(
      {
        get: (id, signal) => client.getWarmPool(id, { signal }),
        list: (projectIds, signal) => client.warmPoolPages({ projectIds }, { signal }),
        isRateLimited: () => client.isRateLimited,
        rateLimitDelayMs: () => client.rateLimitDelayMs,
        projectOf: ({ metadata }) => metadata.projectId,
        isGone: ({ status }) => status.phase === "DELETED",
        minObjects,
      },
      clock,
      fence,
    );
    const noted = async (answer: Promise<WarmPoolMessage>) => {
      const pool = await answer;
      fence.note({ id: pool.id, projectId: pool.metadata.projectId });
      return pool;
    };
    return {
      pools,
      client: {
        createWarmPool: (request, options) =>
          fence.writeIn(request.projectId, () => noted(client.createWarmPool(request, options))),
        getWarmPool: (id, options) => noted(client.getWarmPool(id, options)),
        updateWarmPool: (id, sizes, options) => fence.writeTo(id, () => client.updateWarmPool(id, sizes, options)),
        deleteWarmPool: (id, options) => fence.writeTo(id, () => client.deleteWarmPool(id, options)),
        listWarmPools: (filter, options) => client.listWarmPools(filter, options),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
      },
    };
  },
);
