/** The API as the lifecycle of warm pools calls it, scripted. */
import type { ServerClock } from "../../src/client/server-clock.js";
import type { WarmPoolMessage } from "../../src/client/index.js";
import { type PoolClient, poolsOf } from "../../src/warm-pool/batched-pools.js";
import { importCommand } from "../../src/hosts/dynamic/provider.js";
import { WriteFence } from "../../src/batched-reads/write-fence.js";
import { AdoptionLock } from "../../src/warm-pool/adoption-lock.js";
import type { WarmPoolContext } from "../../src/warm-pool/api.js";
import { type Answer, type Played, sameTime, type ServerTime, stage } from "./scripted.js";

/** The answers of each method in turn. */
export interface Script {
  readonly create?: readonly Answer<WarmPoolMessage>[];
  readonly get?: readonly Answer<WarmPoolMessage>[];
  readonly update?: readonly Answer<WarmPoolMessage>[];
  /** Whether there was a pool; undefined counts as true. */
  readonly delete?: readonly Answer<boolean | undefined>[];
  readonly list?: readonly Answer<readonly WarmPoolMessage[]>[];
  readonly serverTimeAt?: ServerTime;
  /** What the client knows of the server's time. Default: exactly {@link serverTimeAt}. */
  readonly serverClock?: ServerClock;
}

export interface Bench extends Played<keyof Script> {
  readonly context: WarmPoolContext;
}

export function bench(script: Script): Bench {
  const { answer, context, ...played } = stage<keyof Script>();
  const client: PoolClient = {
    createWarmPool: (request, options) => {
      if (options?.signal?.aborted !== true) options?.onSend?.(context.clock.monotonic());
      return answer("create", script.create, request, options?.signal);
    },
    getWarmPool: (id, options) => answer("get", script.get, id, options?.signal),
    updateWarmPool: (id, sizes, options) => answer("update", script.update, { id, ...sizes }, options?.signal),
    deleteWarmPool: async (id, options) => (await answer("delete", script.delete, id, options?.signal)) ?? true,
    async *listWarmPools(filter, options) {
      yield* await answer("list", script.list, filter, options?.signal);
    },
    async *warmPoolPages(filter, options) {
      yield await answer("list", script.list, filter, options?.signal);
    },
    isRateLimited: false,
    rateLimitDelayMs: 0,
    serverTimeAt: (moment) =>
      script.serverClock === undefined ? (script.serverTimeAt ?? sameTime)(moment) : script.serverClock.at(moment),
    serverTimeErrorAt: (moment) => script.serverClock?.errorAt(moment) ?? 0,
    requestTimeoutMs: 60_000,
  };
  return {
    ...played,
    context: {
      ...context,
      ...poolsOf(client, context.clock, new WriteFence()),
      importCommand,
      adoptionLock: new AdoptionLock(),
    },
  };
}
