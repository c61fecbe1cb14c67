/** The Ona API: a typed method for each RPC that is used. Knows neither Pulumi nor our settings. */
import { setImmediate } from "node:timers/promises";
import { type Clock, systemClock } from "../util/clock.js";
import { describeThrown, sanitize } from "../util/text.js";
import { type AttemptListener, startAttempt } from "./attempt-log.js";
import { errorResponse, notJson } from "./error-response.js";
import { type ErrorContext, isNotFound, logCall, OnaError, type OnaErrorFacts } from "./errors.js";
import { HttpClient, type HttpResponse, readBody } from "./http.js";
import { checkLogUrl, readLog } from "./prebuild-log.js";
import { RateLimiter } from "./rate-limiter.js";
import { type RetryPolicy, withRetries } from "./retry.js";
import {
  type Clean,
  createResponses,
  describeMismatch,
  type EnvironmentClassMessage,
  type IdentityMessage,
  parseJson,
  type PrebuildMessage,
  type ProjectMessage,
  type ResponseOf,
  type Rpc,
  type WarmPoolMessage,
} from "./schemas.js";
import { Secrets } from "./secrets.js";
import { ServerClock } from "./server-clock.js";

export interface OnaClientOptions {
  /** The address that RPC paths are appended to, such as `https://app.ona.com/api`, without a trailing slash. */
  readonly baseUrl: string;
  /** Returns the token when a call is made. It is kept in memory only, to hide it in what the server says. */
  readonly token: () => string;
  /** Timeout of one attempt in milliseconds. Default 60,000. */
  readonly requestTimeoutMs?: number;
  /** How many times a request is sent again. Default 5. */
  readonly maxRetries?: number;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
  /** Returns a number in [0, 1) that spreads retries. Default `Math.random`. */
  readonly random?: () => number;
  readonly onAttempt?: AttemptListener | undefined;
  /** Adds the connection and advice to errors. Default: neither. */
  readonly explain?: (facts: OnaErrorFacts) => ErrorContext;
}

export interface CallOptions {
  /** Stops the call, its retries and their waits. */
  readonly signal?: AbortSignal | undefined;
  /** Sends at once even if another call has met a rate limit. Default false. */
  readonly urgent?: boolean | undefined;
  /** Called with `clock.monotonic()` when a request leaves, at each attempt and after any wait for a rate limit. */
  readonly onSend?: ((moment: number) => void) | undefined;
}

/**
 * The sizes of a pool in a request. What is left out is not sent. minSize 0 to 20, maxSize 1 to 20 (`WarmPoolSpec`).
 */
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

/** `ListProjectsRequest.filter`: at most 25 ids, and 256 characters of search. */
export interface ProjectFilter {
  readonly projectIds?: readonly string[];
  /** What a project contains in fields of the server's choice. */
  readonly search?: string;
}

export interface PrebuildRequest {
  readonly projectId: string;
  readonly environmentClassId?: string;
  /** `PrebuildSpec.timeout` in whole seconds, 300 to 7200. The API's default is 60 min. */
  readonly timeoutSeconds?: number;
}

/** The services other than `PrebuildService`. */
const services: Readonly<Partial<Record<Rpc, string>>> = {
  GetAuthenticatedIdentity: "IdentityService",
  GetProject: "ProjectService",
  ListProjects: "ProjectService",
  ListEnvironmentClasses: "EnvironmentService",
};

/** The Lists, and where their pages have the objects. */
const objectsOf = {
  ListWarmPools: "warmPools",
  ListPrebuilds: "prebuilds",
  ListProjects: "projects",
  ListEnvironmentClasses: "environmentClasses",
} as const;

/** The largest page that a List returns. */
const pageSize = 100;

/** The most pages and objects that a List may have: far more than an account has in the seven days of a prebuild. */
const [maxPages, maxObjects] = [1_000, 50_000];

type ObjectOf<R extends keyof typeof objectsOf> = {
  ListWarmPools: WarmPoolMessage;
  ListPrebuilds: PrebuildMessage;
  ListProjects: ProjectMessage;
  ListEnvironmentClasses: EnvironmentClassMessage;
}[R];

type Pages<T> = AsyncGenerator<readonly T[], void, void>;

/**
 * A client of the Ona API.
 *
 * Every method throws {@link OnaError}. Text of the server, in responses and in errors, is printable and free of
 * secrets and of commands to CI systems. Rate limits are obeyed for every call. Lost connections and `unavailable` are
 * retried only for Get, List, Delete and Update, where a second request is harmless. A Create is not repeated once it
 * may have arrived.
 */
export class OnaClient {
  readonly #options: OnaClientOptions;
  readonly #http: HttpClient;
  readonly #policy: RetryPolicy;
  readonly #secrets = new Secrets();
  readonly #clean: Clean = (text, maxLength) => sanitize(text, this.#secrets.hide, maxLength);
  readonly #responses = createResponses(this.#clean);
  readonly #serverClock = new ServerClock();
  /** The timeout of one request, in milliseconds. */
  readonly requestTimeoutMs: number;

  constructor(options: OnaClientOptions) {
    const { requestTimeoutMs = 60_000, clock = systemClock, maxRetries = 5, random = Math.random } = options;
    this.#options = options;
    this.requestTimeoutMs = requestTimeoutMs;
    this.#http = new HttpClient(requestTimeoutMs, clock);
    this.#policy = { maxRetries, clock, random, limiter: new RateLimiter(clock, maxRetries) };
  }

  /**
   * Returns the server's time at a moment of `clock.monotonic()`, by the `Date` headers of the API: milliseconds since
   * 1970, early by less than {@link serverTimeErrorAt}, never late. Undefined before the first response.
   */
  serverTimeAt(moment: number): number | undefined {
    return this.#serverClock.at(moment);
  }

  /** How early {@link serverTimeAt} may be, in milliseconds. */
  serverTimeErrorAt(moment: number): number {
    return this.#serverClock.errorAt(moment);
  }

  /** Whether a rate limit holds calls back, so that how long one takes says nothing about the API. */
  get isRateLimited(): boolean {
    return this.#policy.limiter.isLimiting;
  }

  /** How long a rate limit would hold back a call now, in milliseconds, as far as that is known. */
  get rateLimitDelayMs(): number {
    return this.#policy.limiter.delayMs;
  }

  /** Creates the pool of a project and environment class. Not repeated once it may have arrived. */
  async createWarmPool(
    request: { readonly projectId: string; readonly environmentClassId: string } & WarmPoolSizes,
    options?: CallOptions,
  ): Promise<WarmPoolMessage> {
    return (await this.#call("CreateWarmPool", request, false, options)).warmPool;
  }

  async getWarmPool(warmPoolId: string, options?: CallOptions): Promise<WarmPoolMessage> {
    return (await this.#call("GetWarmPool", { warmPoolId }, true, options)).warmPool;
  }

  /** Resizes a pool to absolute sizes. A size that is left out stays. */
  async updateWarmPool(warmPoolId: string, sizes: WarmPoolSizes, options?: CallOptions): Promise<WarmPoolMessage> {
    return (await this.#call("UpdateWarmPool", { warmPoolId, ...sizes }, true, options)).warmPool;
  }

  /** Starts the deletion of a pool. Returns whether it may have existed: if it does not, that is success. */
  async deleteWarmPool(warmPoolId: string, options?: CallOptions): Promise<boolean> {
    return this.#delete("DeleteWarmPool", { warmPoolId }, options);
  }

  /** Lists the pools that match the filter. Pages are fetched as they are consumed. */
  listWarmPools(filter: WarmPoolFilter = {}, options?: CallOptions): AsyncGenerator<WarmPoolMessage, void, void> {
    return itemsOf(this.warmPoolPages(filter, options));
  }

  /** Lists as {@link listWarmPools}, in pages of up to 100. */
  warmPoolPages(filter: WarmPoolFilter = {}, options?: CallOptions): Pages<WarmPoolMessage> {
    return this.#pages("ListWarmPools", filter, options);
  }

  /** Starts a prebuild. Not repeated once it may have arrived, since each request starts a run. */
  async createPrebuild(request: PrebuildRequest, options?: CallOptions): Promise<PrebuildMessage> {
    const { timeoutSeconds, ...rest } = request;
    const spec = timeoutSeconds === undefined ? {} : { timeout: `${timeoutSeconds}s` };
    return (await this.#call("CreatePrebuild", { ...rest, spec }, false, options)).prebuild;
  }

  async getPrebuild(prebuildId: string, options?: CallOptions): Promise<PrebuildMessage> {
    return (await this.#call("GetPrebuild", { prebuildId }, true, options)).prebuild;
  }

  async cancelPrebuild(prebuildId: string, options?: CallOptions): Promise<PrebuildMessage> {
    return (await this.#call("CancelPrebuild", { prebuildId }, false, options)).prebuild;
  }

  /** Starts the deletion of a prebuild. If it does not exist, that is success. */
  async deletePrebuild(prebuildId: string, options?: CallOptions): Promise<void> {
    await this.#delete("DeletePrebuild", { prebuildId }, options);
  }

  /** Lists the prebuilds that match the filter. Pages are fetched as they are consumed. */
  listPrebuilds(filter: PrebuildFilter = {}, options?: CallOptions): AsyncGenerator<PrebuildMessage, void, void> {
    return itemsOf(this.prebuildPages(filter, options));
  }

  /** Lists as {@link listPrebuilds}, in pages of up to 100. */
  prebuildPages(filter: PrebuildFilter = {}, options?: CallOptions): Pages<PrebuildMessage> {
    return this.#pages("ListPrebuilds", filter, options);
  }

  /** Returns whose token this client has, and of which organization. */
  async getIdentity(options?: CallOptions): Promise<IdentityMessage> {
    return this.#call("GetAuthenticatedIdentity", {}, true, options);
  }

  async getProject(projectId: string, options?: CallOptions): Promise<ProjectMessage> {
    return (await this.#call("GetProject", { projectId }, true, options)).project;
  }

  /** Lists the projects that match the filter. Pages are fetched as they are consumed. */
  listProjects(filter: ProjectFilter = {}, options?: CallOptions): AsyncGenerator<ProjectMessage, void, void> {
    return itemsOf(this.projectPages(filter, options));
  }

  /** Lists as {@link listProjects}, in pages of up to 100. */
  projectPages(filter: ProjectFilter = {}, options?: CallOptions): Pages<ProjectMessage> {
    return this.#pages("ListProjects", filter, options);
  }

  /** Lists the environment classes of all runners. Pages are fetched as they are consumed. */
  listEnvironmentClasses(options?: CallOptions): AsyncGenerator<EnvironmentClassMessage, void, void> {
    return itemsOf(this.#pages("ListEnvironmentClasses", {}, options));
  }

  /** Creates a token for the log of a prebuild, valid for one hour. It is a secret. */
  async createPrebuildLogsToken(prebuildId: string, options?: CallOptions): Promise<string> {
    const { accessToken } = await this.#call("CreatePrebuildLogsToken", { prebuildId }, false, options);
    this.#secrets.add(accessToken);
    return accessToken;
  }

  /**
   * Reads the log of a prebuild with one request, as it arrives: text of any length, not lines, with whatever is in the
   * log. {@link hideSecrets} is for its lines. A live log may be silent for long. Never retried.
   * @param logUrl the `logUrl` of the prebuild's status
   * @param accessToken from {@link createPrebuildLogsToken}. Only it goes to `logUrl`, and only to its origin
   */
  async *readPrebuildLog(
    logUrl: string,
    accessToken: string,
    options?: CallOptions,
  ): AsyncGenerator<string, void, void> {
    let end: ReturnType<typeof startAttempt> | undefined;
    // The end if the reader stops early.
    let failure: unknown = new OnaError({ rpc: logCall, code: "canceled", origin: "cancelled", detail: "" });
    try {
      // A log may repeat the API's token too, for which this may be the first use.
      for (const secret of [this.#options.token(), accessToken]) this.#secrets.add(secret);
      const url = checkLogUrl(logUrl, accessToken, this.#options.baseUrl);
      end = startAttempt(this.#options.onAttempt, this.#policy.clock, logCall);
      yield* readLog(this.#http, url, accessToken, this.#clean, options?.signal);
      failure = undefined;
    } catch (error) {
      failure = error;
      throw this.#explained(error);
    } finally {
      end?.(failure);
    }
  }

  /** Replaces this client's tokens, and those of logs, in a printable text. */
  hideSecrets(text: string): string {
    return this.#secrets.hide(text);
  }

  /** Closes the connections when their requests have ended. */
  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Fetches each page of a List when it is needed. A List that would never end is an error. */
  async *#pages<R extends keyof typeof objectsOf>(
    rpc: R,
    filter: object,
    options: CallOptions | undefined,
  ): Pages<ObjectOf<R>> {
    const seen = new Set<string>();
    let count = 0;
    for (let token = ""; ;) {
      const page = await this.#call(rpc, { pagination: { pageSize, token }, filter }, true, options);
      const objects = (page as unknown as Record<string, readonly ObjectOf<R>[]>)[objectsOf[rpc]] ?? [];
      count += objects.length;
      if (count > maxObjects) throw unreadable(rpc, `the list has more than ${maxObjects} objects`);
      yield objects;
      token = page.pagination.nextToken;
      if (token === "") return;
      if (seen.has(token)) throw unreadable(rpc, "the server repeated a page token");
      if (seen.add(token).size >= maxPages) throw unreadable(rpc, `the list has more than ${maxPages} pages`);
    }
  }

  async #delete(rpc: "DeleteWarmPool" | "DeletePrebuild", message: object, options?: CallOptions): Promise<boolean> {
    try {
      await this.#call(rpc, message, true, options);
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // An earlier attempt may have deleted it.
      return error instanceof OnaError && error.attempts > 1;
    }
  }

  async #call<R extends Rpc>(
    rpc: R,
    message: object,
    repeatable: boolean,
    { signal, urgent = false, onSend }: CallOptions = {},
  ): Promise<ResponseOf<R>> {
    const { clock, maxRetries } = this.#policy;
    let attempts = 0;
    const send = async (stop: AbortSignal | undefined) => {
      const end = startAttempt(this.#options.onAttempt, clock, rpc, ++attempts);
      try {
        if (stop?.aborted !== true) onSend?.(clock.monotonic());
        const response = await this.#send(rpc, message, stop);
        end();
        return response;
      } catch (error) {
        end(error);
        throw error;
      }
    };
    const policy = urgent ? { ...this.#policy, limiter: new RateLimiter(clock, maxRetries) } : this.#policy;
    try {
      return await withRetries(rpc, send, repeatable, policy, signal);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Sends one request, Connect unary with the JSON codec, and parses the response. */
  async #send<R extends Rpc>(rpc: R, message: object, signal: AbortSignal | undefined): Promise<ResponseOf<R>> {
    const token = this.#options.token();
    this.#secrets.add(token);
    const callPath = `/gitpod.v1.${services[rpc] ?? "PrebuildService"}/${rpc}`;
    const url = `${this.#options.baseUrl}${callPath}`;
    const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
    const request = { rpc, method: "POST", url, token, headers, body: JSON.stringify(message), callPath } as const;
    const { clock } = this.#policy;
    const sentAt = clock.monotonic();
    const { response, text, receivedAt } = await this.#http.withTimeout(rpc, signal, async (stop) => {
      const response = await this.#http.open(request, stop);
      const receivedAt = clock.monotonic();
      const text = await readBody(rpc, response);
      // A connection can be reused only in the next turn of the event loop: an earlier call would open another one.
      await setImmediate();
      return { response, text, receivedAt };
    });
    const noteDate = () => this.#serverClock.note(response.headers.date, sentAt, receivedAt);
    try {
      const parsed = this.#parse(rpc, response, text);
      noteDate();
      return parsed;
    } catch (error) {
      // A proxy's clock says nothing about the API's.
      if (error instanceof OnaError && error.origin === "api") noteDate();
      if (error instanceof OnaError) throw error;
      const detail = error instanceof RangeError ? "it is nested too deeply, or too large" : describeThrown(error);
      throw unreadable(rpc, detail, response.status);
    }
  }

  /** Returns the message in a response, or throws the error that it stands for. */
  #parse<R extends Rpc>(rpc: R, response: HttpResponse, text: string): ResponseOf<R> {
    if (response.status !== 200) throw errorResponse(rpc, response, text, this.#clean, this.#policy.clock.wall());
    let body: unknown;
    try {
      body = parseJson(text);
    } catch (error) {
      // Not a RangeError, which a body of extreme size causes.
      if (!(error instanceof SyntaxError)) throw error;
      throw notJson(rpc, response, text, this.#clean);
    }
    const { data, error } = this.#responses[rpc].safeParse(body);
    if (data !== undefined) return data as ResponseOf<R>;
    throw unreadable(rpc, `unexpected ${describeMismatch(error?.issues ?? [])}`);
  }

  #explained(error: unknown): unknown {
    const { explain = () => ({}) } = this.#options;
    if (!(error instanceof OnaError)) return error;
    const clean = ({ detail, userMessage }: OnaErrorFacts) => ({
      detail: this.#clean(detail),
      userMessage: userMessage && this.#clean(userMessage),
    });
    return error.with(clean).with(explain);
  }
}

function unreadable(rpc: Rpc, detail: string, httpStatus?: number): OnaError {
  return new OnaError({ rpc, code: "internal", origin: "unreadable", httpStatus, detail });
}

async function* itemsOf<T>(pages: Pages<T>): AsyncGenerator<T, void, void> {
  for await (const page of pages) yield* page;
}
