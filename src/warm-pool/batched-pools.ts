/** The calls of a client for warm pools: reads share Lists, and writes fence them. */
import { readThrough, type RateLimitedClient } from "../batched-reads/client-reads.js";
import { WriteFence } from "../batched-reads/write-fence.js";
import type { OnaClient, WarmPoolMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import type { WarmPoolContext } from "./api.js";

/** What pools need of the API client. */
export type PoolClient = WarmPoolContext["client"] & RateLimitedClient & Pick<OnaClient, "warmPoolPages">;

/** The fence of a provider process for writes to pools. */
export const poolFenceOf = perOwner((_process: object) => new WriteFence());

/** The calls of a client. There is one result per client, so that all lifecycles of a process share their reads. */
export const poolsOf = perOwner(
  (client: PoolClient, clock: Clock, fence: WriteFence): Pick<WarmPoolContext, "client" | "pools"> => {
    const { reads, note } = readThrough<WarmPoolMessage>(client, clock, fence, {
      get: (id, signal) => client.getWarmPool(id, { signal }),
      list: (projectIds, signal) => client.warmPoolPages({ projectIds }, { signal }),
      // A project has few pools, so a List never takes more calls than the Gets that it replaces.
      minObjects: 2,
    });
    return {
      pools: reads,
      client: {
        createWarmPool: (request, options) =>
          fence.writeIn(request.projectId, () => note(client.createWarmPool(request, options))),
        getWarmPool: (id, options) => note(client.getWarmPool(id, options)),
        updateWarmPool: (id, sizes, options) => fence.writeTo(id, () => client.updateWarmPool(id, sizes, options)),
        deleteWarmPool: (id, options) => fence.writeTo(id, () => client.deleteWarmPool(id, options)),
        listWarmPools: (filter, options) => client.listWarmPools(filter, options),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
      },
    };
  },
);
