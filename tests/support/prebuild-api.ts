/** The API as the lifecycle of prebuilds calls it, scripted. */
import type { PrebuildFilter } from "../../src/client/client.js";
import type { CallOptions, IdentityMessage, PrebuildMessage } from "../../src/client/index.js";
import { identityOf } from "../../src/lifecycle/identity.js";
import { type PrebuildClient, prebuildsOf } from "../../src/prebuild/batched-prebuilds.js";
import { WriteFence } from "../../src/batched-reads/write-fence.js";
import { LostRuns } from "../../src/prebuild/lost-runs.js";
import type { PrebuildContext } from "../../src/prebuild/api.js";
import { identity } from "./prebuilds.js";
import { type Answer, type Played, sameTime, type ServerTime, stage } from "./scripted.js";

/** The answers of each method in turn. */
export interface Script {
  readonly create?: readonly Answer<PrebuildMessage>[];
  readonly get?: readonly Answer<PrebuildMessage>[];
  readonly cancel?: readonly Answer<PrebuildMessage>[];
  readonly delete?: readonly Answer<undefined>[];
  /** Whose token it is. Left out, it is of the tests' creator, and the call is not recorded. */
  readonly identity?: readonly Answer<IdentityMessage>[];
  readonly list?: readonly Answer<readonly PrebuildMessage[]>[];
  readonly token?: readonly Answer<string>[];
  /** The whole text that a request for a log gives. */
  readonly log?: readonly Answer<string>[];
  readonly serverTimeAt?: ServerTime;
}

export interface Bench extends Played<keyof Script> {
  readonly context: PrebuildContext;
  /** Lines of logs that were shown. */
  readonly shown: string[];
}

export function bench(script: Script): Bench {
  const { answer, context, ...played } = stage<keyof Script>();
  const shown: string[] = [];
  async function* list(filter: PrebuildFilter | undefined, signal: AbortSignal | undefined) {
    yield await answer("list", script.list, filter, signal);
  }
  const getIdentity = async (options?: CallOptions) =>
    script.identity === undefined ? identity() : answer("identity", script.identity, {}, options?.signal);
  const client: PrebuildClient = {
    createPrebuild: (request, options) => {
      if (options?.signal?.aborted !== true) options?.onSend?.(context.clock.monotonic());
      return answer("create", script.create, request, options?.signal);
    },
    getPrebuild: (id, options) => answer("get", script.get, id, options?.signal),
    cancelPrebuild: (id, options) => answer("cancel", script.cancel, id, options?.signal),
    deletePrebuild: (id, options) => answer<undefined>("delete", script.delete, id, options?.signal),
    async *listPrebuilds(filter, options) {
      for await (const page of list(filter, options?.signal)) yield* page;
    },
    prebuildPages: (filter, options) => list(filter, options?.signal),
    createPrebuildLogsToken: (id, options) => answer("token", script.token, id, options?.signal),
    async *readPrebuildLog(url, token, options) {
      yield await answer("log", script.log, { url, token }, options?.signal);
    },
    hideSecrets: (text) => text,
    isRateLimited: false,
    rateLimitDelayMs: 0,
    serverTimeAt: script.serverTimeAt ?? sameTime,
    serverTimeErrorAt: () => 0,
    requestTimeoutMs: 60_000,
  };
  return {
    ...played,
    shown,
    context: {
      ...context,
      ...prebuildsOf(client, context.clock, new WriteFence()),
      log: (line, id) => shown.push(id === undefined ? line : `${id}: ${line}`),
      lostRuns: new LostRuns(),
      findIdentity: identityOf({ getIdentity }, context.clock),
    },
  };
}
