/** Whether a request is sent again, and after how long. */
import fc from "fast-check";
import { connectCodes, isOutcomeUnknown, OnaClient, OnaError } from "../../src/client/index.js";
import { RateLimiter } from "../../src/client/rate-limiter.js";
import { maxRetryDelayMs, retryDelayMs, withRetries } from "../../src/client/retry.js";
import { connectError, retryInfo } from "../support/connect-errors.js";
import { epoch, FakeClock } from "../support/fake-clock.js";
import { environmentClassId, poolId, prebuildId, projectId, wirePool, wirePrebuild } from "../support/messages.js";
import { until } from "../support/until.js";
import { closeWires, failureOf, listed, token, wire } from "../support/wire-client.js";
import { brokenOff, message, page, type Reply, reset, silence, text, WireServer } from "../support/wire-server.js";

afterEach(closeWires);

const fine = message({ warmPool: wirePool, prebuild: wirePrebuild, accessToken: "logs" });
const times = (count: number, reply: Reply): Reply[] => Array.from({ length: count }, () => reply);

const calls = {
  CreateWarmPool: (client: OnaClient) => client.createWarmPool({ projectId, environmentClassId }),
  GetWarmPool: (client: OnaClient) => client.getWarmPool(poolId),
  UpdateWarmPool: (client: OnaClient) => client.updateWarmPool(poolId, { minSize: 1 }),
  DeleteWarmPool: (client: OnaClient) => client.deleteWarmPool(poolId),
  ListWarmPools: (client: OnaClient) => listed(client.listWarmPools()),
  CreatePrebuild: (client: OnaClient) => client.createPrebuild({ projectId }),
  GetPrebuild: (client: OnaClient) => client.getPrebuild(prebuildId),
  CancelPrebuild: (client: OnaClient) => client.cancelPrebuild(prebuildId),
  DeletePrebuild: (client: OnaClient) => client.deletePrebuild(prebuildId),
  ListPrebuilds: (client: OnaClient) => listed(client.listPrebuilds()),
  CreatePrebuildLogsToken: (client: OnaClient) => client.createPrebuildLogsToken(prebuildId),
};

type Name = keyof typeof calls;
const once: readonly Name[] = ["CreateWarmPool", "CreatePrebuild", "CancelPrebuild", "CreatePrebuildLogsToken"];
const all = Object.keys(calls) as Name[];
const harmless = all.filter((name) => !once.includes(name));

const slow = connectError("resource_exhausted", "slow down", { details: [retryInfo(3)] });

test.each(all)("%s obeys a rate limit", async (name) => {
  const { client, server, clock } = await wire([slow, slow, fine]);
  await calls[name](client);
  expect(server.requests).toHaveLength(3);
  expect(clock.slept).toEqual([3_000, 3_000]);
});

test.each(all)("%s obeys a proxy's 429, which passed nothing on", async (name) => {
  const { client, server, clock } = await wire([text(429, "slow", { "retry-after": "3" }), page(429), fine]);
  await calls[name](client);
  expect(server.requests).toHaveLength(3);
  // The second one says nothing: our own delay before a second retry.
  expect(clock.slept).toEqual([3_000, 750]);
});

const mayHaveArrived = [
  ["unavailable", connectError("unavailable")],
  ["a proxy's 502", page(502)],
  ["a reset connection", reset],
  ["an answer that breaks off", brokenOff],
] as const;

describe.each(mayHaveArrived)("after %s", (_what, reply) => {
  test.each(harmless)("%s is sent again", async (name) => {
    const { client, server } = await wire([reply, fine]);
    await calls[name](client);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]).toMatchObject({ path: server.requests[0]?.path, body: server.requests[0]?.body });
  });

  test.each(once)("%s is not sent again", async (name) => {
    const { client, server } = await wire([reply, fine]);
    await failureOf(calls[name](client));
    expect(server.requests).toHaveLength(1);
  });
});

test.each(connectCodes.filter((code) => code !== "unavailable"))("does not retry after %s", async (code) => {
  const { client, server, clock } = await wire([connectError(code), fine]);
  await failureOf(client.getWarmPool(poolId));
  expect(server.requests).toHaveLength(1);
  expect(clock.slept).toEqual([]);
});

test.each([
  ["HTML with 500", page(500)],
  ["HTML with 401", page(401)],
  ["a body that is no JSON", message("{")],
  ["an empty body", message("")],
  ["a body of another shape", message({})],
])("does not retry after %s", async (_what, reply) => {
  const { client, server } = await wire([reply, fine]);
  await failureOf(client.getWarmPool(poolId));
  expect(server.requests).toHaveLength(1);
});

describe("without a server at the port", () => {
  /** The address of a server that has just closed. */
  async function closedAddress(): Promise<string> {
    const server = await WireServer.start();
    const { origin } = server;
    await server.close();
    return origin;
  }

  test.each(all)("%s is retried, since nothing has arrived", async (name) => {
    const clock = new FakeClock({ passing: 30_000 });
    const baseUrl = await closedAddress();
    const client = new OnaClient({ baseUrl, token: () => token, clock, random: () => 0 });
    const error = await failureOf(calls[name](client));
    await client.close();
    expect(error).toMatchObject({ origin: "network", code: "unavailable", sent: false, attempts: 6 });
    expect(error.message).toMatch(
      /could not connect to the Ona API: connect ECONNREFUSED 127\.0\.0\.1:\d+ \(tried 6 times\)$/,
    );
    expect(clock.slept).toEqual([250, 500, 1_000, 2_000, 4_000]);
  });
});

describe("the delay that a rate limit asks for", () => {
  const limited = (details: ReturnType<typeof retryInfo>[] | undefined, header: string | undefined) =>
    connectError("resource_exhausted", "slow", {
      ...(details === undefined ? {} : { details }),
      ...(header === undefined ? {} : { headers: { "RateLimit-RetryAfter": header } }),
    });

  test.each([
    ["seconds in RetryInfo", [retryInfo(7)], undefined, 7_000],
    ["seconds and nanoseconds", [retryInfo(1, 250_000_000)], undefined, 1_250],
    ["nanoseconds alone", [retryInfo(undefined, 1_000_000)], undefined, 1],
    ["RetryInfo before the header", [retryInfo(7)], "2", 7_000],
    ["the header alone", undefined, "2", 2_000],
    ["the header with details of other types", [{ type: "x.Y", value: "" }], "2", 2_000],
    ["more than 30 s in RetryInfo, capped", [retryInfo(3_600)], undefined, 30_000],
    ["more than 30 s in the header, capped", undefined, "31", 30_000],
  ] as const)("is %s", async (_what, details, header, delay) => {
    const { client, server, clock } = await wire([limited(details && [...details], header), fine]);
    await client.createWarmPool({ projectId, environmentClassId });
    expect(clock.slept).toEqual([delay]);
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ["neither is there: a quota", undefined, undefined],
    ["RetryInfo has no delay", [retryInfo()], undefined],
    ["RetryInfo has no delay, whatever the header says", [retryInfo()], "2"],
    ["RetryInfo says zero", [retryInfo(0)], "2"],
    ["RetryInfo is negative", [retryInfo(-5)], "2"],
    ["RetryInfo cannot be read", [{ type: "google.rpc.RetryInfo", value: "////" }], "2"],
    ["the header is no number", undefined, "soon"],
    ["the header is a date", undefined, "Wed, 21 Oct 2026 07:28:00 GMT"],
    ["the header has decimals", undefined, "1.5"],
    ["the header is negative", undefined, "-1"],
    ["the header is zero", undefined, "0"],
    ["the header is empty", undefined, ""],
    ["the header is absurd", undefined, "9".repeat(400)],
  ] as const)("leads to no retry if %s", async (_what, details, header) => {
    const { client, server, clock } = await wire([limited(details && [...details], header), fine]);
    const error = await failureOf(client.getWarmPool(poolId));
    expect(error.retry.kind).not.toBe("after");
    expect(server.requests).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  test("is in the error if it is longer than we wait", async () => {
    const { client } = await wire(times(6, limited([retryInfo(5_400)], undefined)));
    const error = await failureOf(client.getWarmPool(poolId));
    expect(error).toMatchObject({ attempts: 6, code: "resource_exhausted" });
    expect(error.retry).toEqual({ kind: "after", milliseconds: 5_400_000 });
  });

  test("is ignored in the API's header if a proxy sends it", async () => {
    const { client, clock } = await wire([text(429, "slow", { "RateLimit-RetryAfter": "9" }), fine]);
    await client.getWarmPool(poolId);
    expect(clock.slept).toEqual([375]);
  });
});

describe("the Retry-After of a proxy or gateway", () => {
  // Not the time of our clock.
  const date = "Mon, 02 Mar 2026 12:00:00 GMT";
  const asks = (status: number, header: string, headers: Readonly<Record<string, string>> = {}) =>
    text(status, "<title>Slow down</title>", { "retry-after": header, ...headers });
  const own = 375;

  test.each([429, 503])("is obeyed with HTTP %d", async (status) => {
    for (const [header, delay] of [
      ["7", 7_000],
      ["31", 30_000],
      ["Mon, 02 Mar 2026 12:00:20 GMT", 20_000],
      ["Monday, 02-Mar-26 12:00:20 GMT", 20_000],
      ["Mon, 02 Mar 2026 13:00:00 GMT", 30_000],
      // What is no positive delay says nothing.
      ["Mon, 02 Mar 2026 12:00:00 GMT", own],
      ["Mon, 02 Mar 2026 11:00:00 GMT", own],
      ["0", own],
      ["-1", own],
      ["1.5", own],
      ["soon", own],
      ["2027", 30_000],
      ["", own],
      ["9".repeat(400), own],
    ] as const) {
      const { client, clock } = await wire([asks(status, header, { date }), fine]);
      await client.getWarmPool(poolId);
      expect([header, clock.slept]).toEqual([header, [delay]]);
    }
  });

  test("may be a date, which counts from our clock if the response has no Date", async () => {
    const dateless: Reply = (response, request) => {
      response.sendDate = false;
      asks(503, new Date(epoch + 9_000).toUTCString())(response, request);
    };
    const { client, clock } = await wire([dateless, fine]);
    await client.getWarmPool(poolId);
    expect(clock.slept).toEqual([9_000]);
  });

  test.each([500, 502, 504])("is not obeyed with HTTP %d", async (status) => {
    const { client, clock } = await wire([asks(status, "9"), fine]);
    await client.getWarmPool(poolId).catch(() => undefined);
    expect(clock.slept).toEqual(status === 500 ? [] : [own]);
  });

  test("is not obeyed with a Connect error, whose own delay counts for rate limits only", async () => {
    const delays = { headers: { "retry-after": "9", "RateLimit-RetryAfter": "9" }, details: [retryInfo(9)] };
    const { client, clock } = await wire([connectError("unavailable", "x", delays), fine]);
    await client.getWarmPool(poolId);
    expect(clock.slept).toEqual([own]);
  });

  test.each(once)("does not cause %s to be sent again after a 503", async (name) => {
    const { client, server } = await wire([asks(503, "1"), fine]);
    const error = await failureOf(calls[name](client));
    expect(server.requests).toHaveLength(1);
    expect(isOutcomeUnknown(error)).toBe(true);
  });

  test("holds back all calls after a 429, and is in the error of a create if the limit persists", async () => {
    const clock = new FakeClock();
    const { client, server } = await wire(times(2, asks(429, "5400")), { clock, maxRetries: 1 });
    const create = failureOf(client.createWarmPool({ projectId, environmentClassId }));
    await until(() => clock.pending.includes(30_000));
    const other = client.getPrebuild(prebuildId);
    await clock.advance(29_999);
    expect(server.requests).toHaveLength(1);
    server.queue(fine);
    await clock.advance(1);
    const error = await create;
    expect(error).toMatchObject({ code: "unavailable", origin: "http", httpStatus: 429, attempts: 2 });
    expect(error.message).toBe(
      "CreateWarmPool: HTTP 429 without an error from the Ona API (unavailable): Slow down (tried 2 times)",
    );
    expect(isOutcomeUnknown(error)).toBe(false);
    await clock.advance(29_999);
    expect(server.requests).toHaveLength(2);
    await clock.advance(1);
    await expect(other).resolves.toMatchObject({ id: prebuildId });
  });
});

test.each([0, 1, 5, 10])("maxRetries %d allows that many more attempts", async (maxRetries) => {
  const { client, server, clock } = await wire(times(20, connectError("unavailable")), { maxRetries });
  expect(await failureOf(client.getWarmPool(poolId))).toMatchObject({ attempts: maxRetries + 1 });
  expect(server.requests).toHaveLength(maxRetries + 1);
  expect(clock.slept).toHaveLength(maxRetries);
});

test("rate limits and failures count toward the same number of retries", async () => {
  const { client, server } = await wire([slow, connectError("unavailable"), slow, fine], { maxRetries: 2 });
  expect(await failureOf(client.getWarmPool(poolId))).toMatchObject({ code: "resource_exhausted", attempts: 3 });
  expect(server.requests).toHaveLength(3);
});

describe("the backoff", () => {
  const unavailable = new OnaError({ rpc: "GetWarmPool", code: "unavailable", origin: "api", detail: "" });

  test.each([
    [0, 250, 500],
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [4, 4_000, 8_000],
    [5, 4_000, 8_000],
    [9, 4_000, 8_000],
  ])("before retry %d is between %d and %d ms", (retries, least, most) => {
    expect(retryDelayMs(unavailable, retries, true, () => 0)).toBe(least);
    expect(retryDelayMs(unavailable, retries, true, () => 1)).toBe(most);
  });

  test("is spread over its whole range", () => {
    fc.assert(
      fc.property(fc.nat(10), fc.double({ min: 0, max: 1, noNaN: true }), (retries, random) => {
        const delay = retryDelayMs(unavailable, retries, true, () => random) ?? NaN;
        expect(delay).toBeCloseTo(Math.min(500 * 2 ** retries, 8_000) * (0.5 + random / 2), 6);
        expect(delay).toBeLessThanOrEqual(maxRetryDelayMs);
      }),
    );
  });
});

describe("the timeout of an attempt", () => {
  test("ends it, and a harmless call is retried", async () => {
    const { client, server, clock } = await wire([silence, fine], { requestTimeoutMs: 45_000 });
    const call = client.getWarmPool(poolId);
    await until(() => server.requests.length === 1);
    expect(clock.pending).toEqual([45_000]);
    await clock.advance(44_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await expect(call).resolves.toMatchObject({ id: poolId });
    expect(clock.pending).toEqual([]);
  });

  test("is 60 s by default and in the error", async () => {
    const { client, server, clock } = await wire([silence], { maxRetries: 0 });
    const failure = failureOf(client.getWarmPool(poolId));
    await until(() => server.requests.length === 1);
    await clock.advance(60_000);
    expect(await failure).toMatchObject({ code: "deadline_exceeded", origin: "timeout", sent: true });
    expect((await failure).message).toBe("GetWarmPool: the Ona API did not respond in time: no response within 1m");
  });

  test("includes the body", async () => {
    const halfABody: Reply = (response) => {
      response.writeHead(200);
      response.write("{");
    };
    const { client, server, clock } = await wire([halfABody], { maxRetries: 0 });
    const failure = failureOf(client.getWarmPool(poolId));
    await until(() => server.requests.length === 1);
    await clock.advance(60_000);
    expect((await failure).origin).toBe("timeout");
  });

  test("does not cause a create to be sent again", async () => {
    const { client, server, clock } = await wire([silence, fine]);
    const failure = failureOf(client.createWarmPool({ projectId, environmentClassId }));
    await until(() => server.requests.length === 1);
    await clock.advance(60_000);
    expect((await failure).origin).toBe("timeout");
    expect(server.requests).toHaveLength(1);
  });
});

describe("the signal of a call", () => {
  test("stops an attempt, and the error says so", async () => {
    const { client, server } = await wire([silence, fine]);
    const stop = new AbortController();
    const failure = failureOf(client.getWarmPool(poolId, { signal: stop.signal }));
    await until(() => server.requests.length === 1);
    stop.abort(new Error("enough"));
    expect(await failure).toMatchObject({ origin: "cancelled", code: "canceled", attempts: 1 });
    expect((await failure).message).toBe("GetWarmPool: the call was stopped: enough");
    expect(server.requests).toHaveLength(1);
  });

  test("prevents the request if it is already aborted", async () => {
    const { client, server } = await wire([fine]);
    const error = await failureOf(client.getWarmPool(poolId, { signal: AbortSignal.abort() }));
    expect(error.origin).toBe("cancelled");
    expect(server.requests).toHaveLength(0);
  });

  test("ends the wait before a retry with the last error of the API", async () => {
    const clock = new FakeClock();
    const { client, server } = await wire([slow, fine], { clock });
    const stop = new AbortController();
    const failure = failureOf(client.getWarmPool(poolId, { signal: stop.signal }));
    await until(() => clock.pending.includes(3_000));
    stop.abort();
    expect(await failure).toMatchObject({ origin: "api", code: "resource_exhausted", attempts: 1 });
    expect(server.requests).toHaveLength(1);
    expect(clock.pending).toEqual([]);
  });

  test("stops a List between its pages", async () => {
    const { client, server } = await wire([message({ warmPools: [wirePool], pagination: { nextToken: "t" } }), fine]);
    const stop = new AbortController();
    const list = client.listWarmPools({}, { signal: stop.signal });
    await list.next();
    stop.abort();
    await failureOf(list.next());
    expect(server.requests).toHaveLength(1);
  });
});

test("one call's rate limit holds back all others except urgent ones", async () => {
  const clock = new FakeClock();
  const { client, server } = await wire([slow, fine, fine, fine], { clock });
  const first = client.getWarmPool(poolId);
  expect(client).toMatchObject({ isRateLimited: false, rateLimitDelayMs: 0 });
  await until(() => clock.pending.includes(3_000));
  expect(client).toMatchObject({ isRateLimited: true, rateLimitDelayMs: 3_000 });
  const second = client.getPrebuild(prebuildId);
  await client.deleteWarmPool(poolId, { urgent: true });
  expect(server.requests.map(({ path }) => path.split("/").at(-1))).toEqual(["GetWarmPool", "DeleteWarmPool"]);
  await clock.advance(3_000);
  await Promise.all([first, second]);
  expect(server.requests.map(({ path }) => path.split("/").at(-1)).slice(2)).toEqual(["GetWarmPool", "GetPrebuild"]);
});

test("onSend is called when a request leaves, after the wait for a rate limit, and not if none leaves", async () => {
  const clock = new FakeClock();
  const { client } = await wire([slow, fine], { clock });
  const sends: number[] = [];
  const onSend = (moment: number) => sends.push(moment);
  const first = client.getWarmPool(poolId, { onSend });
  await until(() => clock.pending.includes(3_000));
  const stop = new AbortController();
  const second = failureOf(client.getWarmPool(poolId, { onSend, signal: stop.signal }));
  stop.abort();
  await second;
  await clock.advance(3_000);
  await first;
  expect(sends).toEqual([0, 3_000]);
});

describe("a defect of the rate limiter", () => {
  const defect = new TypeError("Promise.withResolvers is not a function");
  class BrokenLimiter extends RateLimiter {
    #acquired = 0;
    readonly #soundFor: number;
    constructor(soundFor: number) {
      super(new FakeClock(), 5);
      this.#soundFor = soundFor;
    }
    override async acquire(...args: Parameters<RateLimiter["acquire"]>) {
      if (this.#acquired++ < this.#soundFor) return super.acquire(...args);
      throw defect;
    }
  }
  const limit = new OnaError({
    rpc: "GetWarmPool",
    code: "resource_exhausted",
    origin: "api",
    detail: "",
    retry: { kind: "after", milliseconds: 1 },
  });

  test.each([
    ["before the first attempt", 0, undefined],
    ["before a second one, which the API's answer would not explain", 1, undefined],
    ["of a call that is stopped", 0, AbortSignal.abort()],
  ])("is reported %s", async (_when, soundFor, signal) => {
    let sent = 0;
    const attempt = async () => {
      sent++;
      throw limit;
    };
    const policy = { maxRetries: 5, clock: new FakeClock(), random: () => 0, limiter: new BrokenLimiter(soundFor) };
    await expect(withRetries("GetWarmPool", attempt, true, policy, signal)).rejects.toBe(defect);
    expect(sent).toBe(soundFor);
  });
});
