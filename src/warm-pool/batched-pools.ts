/** The calls for warm pools, with reads in bulk that know of the writes. */
import { BulkReads } from "../batched-reads/batched-reads.js";
import type { OnaClient, WarmPoolMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { Writes } from "../batched-reads/write-fence.js";
import type { WarmPoolContext } from "./api.js";

/** What of the API client pools need. */
export type PoolClient = WarmPoolContext["client"] &
  Pick<OnaClient, "warmPoolPages" | "isRateLimited" | "rateLimitDelayMs">;

/** The pool writes of a provider process. */
export const poolWritesOf = perOwner((_process: object) => new Writes());

/** From how many pools on a List may pay: it is never longer than the Gets that it spares, and a project has few pools. */
const least = 2;

/** How a lifecycle reaches the pools: made once for each client, so that all lifecycles of a process share their reads. */
export const poolsOf = perOwner(
  (client: PoolClient, clock: Clock, writes: Writes): Pick<WarmPoolContext, "client" | "pools"> => {
    const pools = new BulkReads<WarmPoolMessage>(
      {
        get: (id, signal) => client.getWarmPool(id, { signal }),
        list: (projectIds, signal) => client.warmPoolPages({ projectIds }, { signal }),
        isRateLimited: () => client.isRateLimited,
        rateLimitDelayMs: () => client.rateLimitDelayMs,
        projectOf: ({ metadata }) => metadata.projectId,
        isGone: ({ status }) => status.phase === "DELETED",
        least,
      },
      clock,
      writes,
    );
    const noted = async (answer: Promise<WarmPoolMessage>) => {
      const pool = await answer;
      writes.note({ id: pool.id, projectId: pool.metadata.projectId });
      return pool;
    };
    return {
      pools,
      client: {
        createWarmPool: (request, options) =>
          writes.writingIn(request.projectId, () => noted(client.createWarmPool(request, options))),
        getWarmPool: (id, options) => noted(client.getWarmPool(id, options)),
        updateWarmPool: (id, sizes, options) => writes.writingTo(id, () => client.updateWarmPool(id, sizes, options)),
        deleteWarmPool: (id, options) => writes.writingTo(id, () => client.deleteWarmPool(id, options)),
        listWarmPools: (filter, options) => client.listWarmPools(filter, options),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
      },
    };
  },
);
