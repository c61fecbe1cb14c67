/** The Ona API, a typed method for each RPC of `gitpod.v1.PrebuildService`. Knows nothing of Pulumi. */
import { type Clock, systemClock } from "../util/clock.js";
import { type AttemptListener, telling, tellingOfAll } from "./attempt-log.js";
import { isNotFound, logCall, OnaError, type SettingNames } from "./errors.js";
import { RateGate } from "./rate-limiter.js";
import { Connections, type TimeLimit } from "./http.js";
import { checkedLogUrl, readLog } from "./prebuild-log.js";
import { itemsOf, type Page, pagesOf } from "./pages.js";
import { type RetryPolicy, withRetries } from "./retry.js";
import { type PrebuildMessage, type ResponseOf, responses, type Rpc, type WarmPoolMessage } from "./schemas.js";
import { Transport } from "./transport.js";

/** How a client reaches the API. */
export interface OnaClientOptions {
  /** Address that RPC paths are appended to, such as `https://app.ona.com/api`; no trailing slash. */
  readonly baseUrl: string;
  /** Gives the token at the moment of a call; it is kept nowhere. */
  readonly token: () => string;
  /** How long one attempt may take, in milliseconds. Default 60,000. */
  readonly requestTimeout?: number;
  /** How often a request is sent again at most. Default 5. */
  readonly maxRetries?: number;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
  /** A number in [0, 1) to spread delays with. Default `Math.random`. */
  readonly random?: () => number;
  /** Hears of each attempt of a request, for a log. */
  readonly onAttempt?: AttemptListener | undefined;
  /** How people set the address and the token, for errors. Default: by the general settings. */
  readonly settings?: SettingNames | undefined;
  /** Says where the token is, by the name of a setting, for the error of one that the API does not know. Default: not known. */
  readonly tokenSource?: (() => string | undefined) | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, its retries and their waits. */
  readonly signal?: AbortSignal | undefined;
  /** Sent at once even where another call has met a rate limit: there is no time to wait. Default false. */
  readonly urgent?: boolean | undefined;
  /** Hears when the request leaves, at each attempt, by `clock.monotonic()`: after whatever wait for a rate limit. One that is stopped before never does. */
  readonly onSend?: ((moment: number) => void) | undefined;
}

/** The sizes of a pool in a request; what is left out is not sent. minSize 0 to 20, maxSize 1 to 20 (`WarmPoolSpec`). */
export interface WarmPoolSizes {
  readonly minSize?: number;
  readonly maxSize?: number;
}

/** `ListWarmPoolsRequest.filter`: at most 25 ids each. */
export interface WarmPoolFilter {
  readonly projectIds?: readonly string[];
  readonly environmentClassIds?: readonly string[];
}

/** `ListPrebuildsRequest.filter`: at most 25 ids, 10 phases, 5 triggers. */
export interface PrebuildFilter {
  readonly projectIds?: readonly string[];
  /** With the API's prefix: `PREBUILD_PHASE_COMPLETED`. */
  readonly phases?: readonly string[];
  /** With the API's prefix: `PREBUILD_TRIGGER_MANUAL`. */
  readonly triggeredBy?: readonly string[];
  readonly creatorIds?: readonly string[];
  readonly executorIds?: readonly string[];
}

/** What a prebuild is started with. */
export interface PrebuildRequest {
  readonly projectId: string;
  readonly environmentClassId?: string;
  /** `PrebuildSpec.timeout` in whole seconds, 300 to 7200; the API's default is 60 min. */
  readonly timeoutSeconds?: number;
}

/** The largest page of a List. */
const pageSize = 100;

/**
 * A client of the Ona API.
 *
 * Every method throws {@link OnaError}. Rate limits are obeyed for every call; connection failures and `unavailable` are retried only for Get, List, Delete and
 * Update, where a second request is harmless. A Create is never sent twice once it may have arrived.
 */
export class OnaClient {
  readonly #connections = new Connections();
  readonly #transport: Transport;
  readonly #limit: TimeLimit;
  readonly #policy: RetryPolicy;
  readonly #onAttempt: AttemptListener | undefined;
  readonly #settings: SettingNames | undefined;
  readonly #tokenSource: () => string | undefined;

  constructor(options: OnaClientOptions) {
    const clock = options.clock ?? systemClock;
    this.#limit = { requestTimeout: options.requestTimeout ?? 60_000, clock };
    const { baseUrl, token } = options;
    this.#transport = new Transport({ baseUrl, token, ...this.#limit }, this.#connections);
    const maxRetries = options.maxRetries ?? 5;
    const gate = new RateGate(clock, maxRetries);
    this.#policy = { maxRetries, clock, random: options.random ?? Math.random, gate };
    this.#onAttempt = options.onAttempt;
    this.#settings = options.settings;
    this.#tokenSource = options.tokenSource ?? (() => undefined);
  }

  /** The server's clock at a moment of `clock.monotonic()`: milliseconds since 1970, up to about a second early, never late. */
  serverTimeAt(moment: number): number | undefined {
    return this.#transport.serverTimeAt(moment);
  }

  /** Whether a rate limit holds calls back at the moment, so that how long one takes says nothing of the API. */
  get isRateLimited(): boolean {
    return this.#policy.gate.isHolding;
  }

  /** How long a rate limit would hold back a call that was made now, in milliseconds, as far as that is known. */
  get rateLimitDelayMs(): number {
    return this.#policy.gate.wait;
  }

  /** Creates the pool of a project and environment class. Not sent twice once it may have arrived. */
  async createWarmPool(
    request: { readonly projectId: string; readonly environmentClassId: string } & WarmPoolSizes,
    options?: CallOptions,
  ): Promise<WarmPoolMessage> {
    return (await this.#call("CreateWarmPool", request, false, options)).warmPool;
  }

  /** Reads a pool. */
  async getWarmPool(warmPoolId: string, options?: CallOptions): Promise<WarmPoolMessage> {
    return (await this.#call("GetWarmPool", { warmPoolId }, true, options)).warmPool;
  }

  /** Resizes a pool to absolute sizes; a size that is left out stays. */
  async updateWarmPool(warmPoolId: string, sizes: WarmPoolSizes, options?: CallOptions): Promise<WarmPoolMessage> {
    return (await this.#call("UpdateWarmPool", { warmPoolId, ...sizes }, true, options)).warmPool;
  }

  /**
   * Starts the deletion of a pool, which then drains. A pool that does not exist counts as deleted.
   * @returns whether there may have been one
   */
  async deleteWarmPool(warmPoolId: string, options?: CallOptions): Promise<boolean> {
    return this.#delete("DeleteWarmPool", { warmPoolId }, options);
  }

  /** Every pool that the filter lets through, page by page as they are consumed. */
  listWarmPools(filter: WarmPoolFilter = {}, options?: CallOptions): AsyncGenerator<WarmPoolMessage, void, void> {
    return itemsOf(this.warmPoolPages(filter, options));
  }

  /** As {@link listWarmPools}, a page of up to 100 at a time. */
  warmPoolPages(
    filter: WarmPoolFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<readonly WarmPoolMessage[], void, void> {
    return pagesOf("ListWarmPools", async (token): Promise<Page<WarmPoolMessage>> => {
      const page = await this.#call("ListWarmPools", { pagination: { pageSize, token }, filter }, true, options);
      return { items: page.warmPools, nextToken: page.pagination.nextToken };
    });
  }

  /** Starts a prebuild. Not sent twice once it may have arrived, since each request starts a run. */
  async createPrebuild(request: PrebuildRequest, options?: CallOptions): Promise<PrebuildMessage> {
    const { timeoutSeconds, ...rest } = request;
    const spec = timeoutSeconds === undefined ? {} : { timeout: `${timeoutSeconds}s` };
    return (await this.#call("CreatePrebuild", { ...rest, spec }, false, options)).prebuild;
  }

  /** Reads a prebuild. */
  async getPrebuild(prebuildId: string, options?: CallOptions): Promise<PrebuildMessage> {
    return (await this.#call("GetPrebuild", { prebuildId }, true, options)).prebuild;
  }

  /** Cancels a prebuild that is running. */
  async cancelPrebuild(prebuildId: string, options?: CallOptions): Promise<PrebuildMessage> {
    return (await this.#call("CancelPrebuild", { prebuildId }, false, options)).prebuild;
  }

  /** Starts the deletion of a prebuild. A prebuild that does not exist counts as deleted. */
  async deletePrebuild(prebuildId: string, options?: CallOptions): Promise<void> {
    await this.#delete("DeletePrebuild", { prebuildId }, options);
  }

  /** Every prebuild that the filter lets through, page by page as they are consumed. */
  listPrebuilds(filter: PrebuildFilter = {}, options?: CallOptions): AsyncGenerator<PrebuildMessage, void, void> {
    return itemsOf(this.prebuildPages(filter, options));
  }

  /** As {@link listPrebuilds}, a page of up to 100 at a time. */
  prebuildPages(
    filter: PrebuildFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<readonly PrebuildMessage[], void, void> {
    return pagesOf("ListPrebuilds", async (token): Promise<Page<PrebuildMessage>> => {
      const page = await this.#call("ListPrebuilds", { pagination: { pageSize, token }, filter }, true, options);
      return { items: page.prebuilds, nextToken: page.pagination.nextToken };
    });
  }

  /** A token for the log of a prebuild, valid for one hour. It is a secret. */
  async createPrebuildLogsToken(prebuildId: string, options?: CallOptions): Promise<string> {
    return (await this.#call("CreatePrebuildLogsToken", { prebuildId }, false, options)).accessToken;
  }

  /**
   * The log of a prebuild by one request, as it comes: text of any length, not lines. A live log may be silent for long; a request is never sent again.
   * @param logUrl the `logUrl` of the prebuild's status
   * @param accessToken of {@link createPrebuildLogsToken}; it goes to the origin of `logUrl` alone, and the API's token does not go there
   */
  async *readPrebuildLog(
    logUrl: string,
    accessToken: string,
    options?: CallOptions,
  ): AsyncGenerator<string, void, void> {
    const url = checkedLogUrl(logUrl, accessToken);
    yield* tellingOfAll(this.#onAttempt, this.#limit.clock, logCall, () =>
      readLog(this.#connections, this.#limit, url, accessToken, options?.signal),
    );
  }

  /** Closes the connections once their requests have ended. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #delete(
    rpc: "DeleteWarmPool" | "DeletePrebuild",
    message: object,
    options: CallOptions | undefined,
  ): Promise<boolean> {
    try {
      await this.#call(rpc, message, true, options);
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // An earlier attempt may have deleted it.
      return error instanceof OnaError && error.attempts > 1;
    }
  }

  /** With a gate of its own. */
  #urgentPolicy(): RetryPolicy {
    const { clock, maxRetries } = this.#policy;
    return { ...this.#policy, gate: new RateGate(clock, maxRetries) };
  }

  async #call<R extends Rpc>(
    rpc: R,
    message: object,
    repeatable: boolean,
    options: CallOptions | undefined,
  ): Promise<ResponseOf<R>> {
    return withRetries(
      rpc,
      telling(this.#onAttempt, this.#policy.clock, rpc, async (signal: AbortSignal | undefined) => {
        if (signal?.aborted !== true) options?.onSend?.(this.#policy.clock.monotonic());
        const { body } = await this.#transport.send(rpc, message, signal);
        const parsed = responses[rpc].safeParse(body);
        if (!parsed.success) {
          const where = parsed.error.issues.map((issue) => issue.path.join(".") || "the body").join(", ");
          throw new OnaError({ rpc, code: "internal", origin: "unreadable", detail: `unexpected ${where}` });
        }
        return parsed.data as ResponseOf<R>;
      }),
      repeatable,
      options?.urgent === true ? this.#urgentPolicy() : this.#policy,
      options?.signal,
    ).catch((error: unknown) => {
      if (!(error instanceof OnaError)) throw error;
      const tokenSource = error.code === "unauthenticated" ? this.#tokenSource() : undefined;
      throw this.#settings === undefined && tokenSource === undefined ? error : error.with(this.#settings, tokenSource);
    });
  }
}
