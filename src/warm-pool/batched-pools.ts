/** The calls of a client for warm pools: reads share Lists, and writes fence them. */
import { type Calls, type RateLimitedClient, readThrough } from "../batched-reads/client-reads.js";
import { WriteFence } from "../batched-reads/write-fence.js";
import type { OnaClient, WarmPoolMessage } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import type { WarmPoolContext } from "./api.js";
import { detailsOf } from "./state.js";

/** What pools need of the API client. */
export type PoolClient = WarmPoolContext["client"] &
  RateLimitedClient &
  Pick<OnaClient, "getWarmPool" | "warmPoolPages">;

/** The fence of a provider process for writes to pools. */
export const poolFenceOf = perOwner((_process: object) => new WriteFence());

/** The calls of a client. There is one result per client, so that all lifecycles of a process share their reads. */
export const poolsOf = perOwner(
  (client: PoolClient, clock: Clock, fence: WriteFence): Pick<WarmPoolContext, "client" | "pools"> => {
    const calls: Calls<WarmPoolMessage> = {
      get: (id, options) => client.getWarmPool(id, options),
      list: (projectIds, signal) => client.warmPoolPages({ projectIds }, { signal }),
      listAll: (signal) => client.warmPoolPages({}, { signal }),
      // A project has few pools, so a List never takes more calls than the Gets that it replaces.
      minObjects: 2,
    };
    const { reads, note } = readThrough(client, clock, fence, calls, detailsOf);
    return {
      pools: { ...reads, note: (pool) => fence.note(pool) },
      client: {
        createWarmPool: (request, options) =>
          fence.writeIn(request.projectId, () => note(client.createWarmPool(request, options))),
        updateWarmPool: (id, sizes, options) => fence.writeTo(id, () => client.updateWarmPool(id, sizes, options)),
        deleteWarmPool: (id, options) => fence.writeTo(id, () => client.deleteWarmPool(id, options)),
        listWarmPools: (filter, options) => client.listWarmPools(filter, options),
        serverTimeAt: (moment) => client.serverTimeAt(moment),
        serverTimeErrorAt: (moment) => client.serverTimeErrorAt(moment),
        requestTimeoutMs: client.requestTimeoutMs,
      },
    };
  },
);
