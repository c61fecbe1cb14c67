/** A rate limit that one call meets and all calls of the client obey. */
import { isOutcomeUnknown, OnaError } from "../../src/client/index.js";
import type { Clock } from "../../src/util/clock.js";
import { RateLimiter } from "../../src/client/rate-limiter.js";
import { type RetryPolicy, withRetries } from "../../src/client/retry.js";
import { FakeClock } from "../support/fake-clock.js";

const latency = 20;

/** An API with a token bucket, as seen by calls that all share one rate limiter. */
class LimitedApi {
  readonly clock = new FakeClock();
  readonly policy: RetryPolicy;
  /** When each request arrived, and whether it was refused. */
  readonly requests: { readonly at: number; readonly name: number; readonly refused: boolean }[] = [];
  #level: number;
  #levelAt = 0;

  constructor(
    private readonly capacity: number,
    public perSecond: number,
    maxRetries = 5,
  ) {
    this.#level = capacity;
    const limiter = new RateLimiter(this.clock, maxRetries);
    this.policy = { maxRetries, clock: this.clock, random: () => 0.5, limiter };
  }

  call(name: number, signal?: AbortSignal, rpc = "GetWarmPool"): Promise<number> {
    return withRetries(rpc, async () => this.#answer(name), true, this.policy, signal);
  }

  get refused(): number {
    return this.requests.filter(({ refused }) => refused).length;
  }

  async #answer(name: number): Promise<number> {
    const at = this.clock.monotonic();
    this.#level = Math.min(this.capacity, this.#level + ((at - this.#levelAt) / 1_000) * this.perSecond);
    this.#levelAt = at;
    const refused = this.#level < 1;
    this.requests.push({ at, name, refused });
    if (!refused) this.#level--;
    const milliseconds = this.perSecond === 0 ? 30_000 : ((1 - this.#level) / this.perSecond) * 1_000;
    await this.clock.sleep(latency);
    if (!refused) return name;
    throw new OnaError({
      rpc: "GetWarmPool",
      code: "resource_exhausted",
      origin: "api",
      detail: "slow down",
      retry: { kind: "after", milliseconds },
    });
  }
}

const many = (api: LimitedApi, count: number) => Array.from({ length: count }, (_, name) => api.call(name));

test("64 calls at once under 5 per second all succeed about as fast as the limit allows", async () => {
  const api = new LimitedApi(5, 5);
  const results = await api.clock.run(Promise.all(many(api, 64)));
  expect(results).toHaveLength(64);
  expect(api.clock.monotonic()).toBeLessThan(1.5 * ((64 - 5) / 5) * 1_000);
});

test("after the first burst calls keep to the rate that the server grants, so few retries are needed", async () => {
  const api = new LimitedApi(5, 5);
  await api.clock.run(Promise.all(many(api, 64)));
  expect(api.refused).toBeLessThanOrEqual(64 - 5 + 64 / 5);
  const perCall = Map.groupBy(api.requests, ({ name }) => name);
  expect(Math.max(...[...perCall.values()].map((requests) => requests.length))).toBeLessThanOrEqual(4);
});

test.each([
  ["5 a second", 5, 5],
  ["100 in a row, then 100 a minute", 100, 100 / 60],
  ["50 a second", 10, 50],
])("8 callers under a limit of %s send few calls in vain and lose no time", async (_limit, capacity, perSecond) => {
  const api = new LimitedApi(capacity, perSecond);
  const count = 300;
  const left = Array.from({ length: count }, (_, name) => name).values();
  const caller = async () => {
    for (const name of left) await api.call(name);
  };
  await api.clock.run(Promise.all(Array.from({ length: 8 }, caller)));
  expect(api.refused).toBeLessThan(count / 4);
  expect(api.clock.monotonic()).toBeLessThan(1.1 * ((count - capacity) / perSecond) * 1_000);
});

test("does not measure a rate while no call waits, so rare calls do not slow those that follow", async () => {
  const api = new LimitedApi(1, 1);
  for (let calls = 0; calls < 4; calls++) {
    await api.clock.run(Promise.all([api.call(calls), api.call(calls)]));
    await api.clock.advance(120_000);
  }
  const startedAt = api.clock.monotonic();
  await api.clock.run(Promise.all(many(api, 20)));
  expect(api.clock.monotonic() - startedAt).toBeLessThan(1.5 * 19_000);
});

test("speeds up with each passing call after the limit was lifted", async () => {
  const api = new LimitedApi(5, 5);
  await api.clock.run(Promise.all(many(api, 64)));
  api.perSecond = 1_000;
  const startedAt = api.clock.monotonic();
  await api.clock.run(Promise.all(many(api, 400)));
  expect(api.clock.monotonic() - startedAt).toBeLessThan(8_000);
});

test("sends nothing before the delay is over, and then not everything at once", async () => {
  const api = new LimitedApi(1, 0.5);
  const calls = Promise.all(many(api, 20));
  await api.clock.advance(latency);
  const late = api.call(20);
  await api.clock.run(Promise.all([calls, late]));
  const first = api.requests.filter(({ at }) => at === 0);
  const [next, second] = api.requests.filter(({ at }) => at > 0);
  expect(first).toHaveLength(20);
  expect(next?.at).toBeGreaterThanOrEqual(2_000);
  expect(second?.at).toBeGreaterThanOrEqual((next?.at ?? 0) + latency);
});

test("keeps calls in the order in which they came, including refused ones", async () => {
  const api = new LimitedApi(1, 1);
  const done: number[] = [];
  await api.clock.run(Promise.all(many(api, 6).map((call) => call.then((name) => done.push(name)))));
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
});

test("fails all waiting calls together after as many refusals as one call may be retried", async () => {
  const api = new LimitedApi(0, 0);
  const results = await api.clock.run(Promise.allSettled(many(api, 64)));
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  expect(api.requests.length).toBe(64 + 5);
  expect(api.clock.monotonic()).toBeLessThan(6 * 31_000);
  expect(api.clock.pending).toEqual([]);
});

test("the error of a call that was not sent has its own name and says that it had no effect", async () => {
  const api = new LimitedApi(0, 0);
  const first = expect(api.call(0, undefined, "CreateWarmPool")).rejects.toThrow(/tried 6 times/);
  await api.clock.advance(latency);
  const create = withRetries("CreateWarmPool", async () => "made", false, api.policy, undefined).catch(
    (error: unknown) => error,
  );
  const error = await api.clock.run(create);
  await first;
  expect(error).toBeInstanceOf(OnaError);
  expect(error).toMatchObject({ rpc: "CreateWarmPool", code: "resource_exhausted", sent: false, attempts: 1 });
  expect(String(error)).toMatch(/CreateWarmPool: .*not sent, because other calls were refused: slow down/);
  expect(isOutcomeUnknown(error)).toBe(false);
});

test("waiting calls share one timer", async () => {
  const api = new LimitedApi(1, 1);
  const first = Promise.all(many(api, 2));
  await api.clock.advance(latency);
  const waiting = Promise.all(many(api, 1_000));
  expect(api.clock.pending).toHaveLength(1);
  await api.clock.run(Promise.all([first, waiting]));
  expect(api.clock.pending).toEqual([]);
});

test("a proxy's HTTP 429 holds back all calls too", async () => {
  const clock = new FakeClock();
  const policy = { maxRetries: 5, clock, random: () => 1, limiter: new RateLimiter(clock, 5) };
  const sentAt: number[] = [];
  const call = () =>
    withRetries(
      "GetWarmPool",
      async () => {
        sentAt.push(clock.monotonic());
        if (clock.monotonic() >= 400) return clock.sleep(latency);
        throw new OnaError({ rpc: "GetWarmPool", code: "unavailable", origin: "http", httpStatus: 429, detail: "" });
      },
      true,
      policy,
      undefined,
    );
  const first = call();
  await clock.advance(10);
  await clock.run(Promise.all([first, call(), call()]));
  expect(sentAt).toEqual([0, 500, 520, 520]);
});

test("the limit of one RPC slows the others and fails none of them", async () => {
  const api = new LimitedApi(0, 0);
  const lists = ["a", "b", "c"].map((_, name) => api.call(name, undefined, "ListWarmPools"));
  const failed = Promise.allSettled(lists);
  await api.clock.advance(latency);
  const gets = [1, 2, 3].map((name) => withRetries("GetWarmPool", async () => name, true, api.policy, undefined));
  expect(await api.clock.run(Promise.all(gets))).toEqual([1, 2, 3]);
  expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});

test("a call that is stopped while the limiter is closed does not block those behind it", async () => {
  const api = new LimitedApi(0, 0);
  const stop = new AbortController();
  const stopped = Promise.allSettled([api.call(0, stop.signal)]);
  await api.clock.advance(latency);
  const behind = withRetries("GetWarmPool", async () => "through", true, api.policy, undefined);
  // The limiter has opened for the first one, which was refused again while the other one waited for its end.
  await api.clock.advance(30_000 + latency);
  expect(api.refused).toBe(2);
  stop.abort(new Error("enough"));
  expect(await api.clock.run(behind)).toBe("through");
  await stopped;
  expect(api.clock.pending).toEqual([]);
});

test("a call that comes when the last waiting call is stopped is sent like any other", async () => {
  const api = new LimitedApi(0, 0);
  const stop = new AbortController();
  const stopped = Promise.allSettled([api.call(0, stop.signal)]);
  await api.clock.advance(latency);
  stop.abort(new Error("enough"));
  const next = withRetries("GetWarmPool", async () => "through", true, api.policy, undefined);
  expect(await api.clock.run(next)).toBe("through");
  await stopped;
  expect(api.clock.pending).toEqual([]);
});

test("sends a call if the limiter opens while the call checks it", async () => {
  let now = 0;
  // Reading the time takes a millisecond, and timers go off a little early, as those of Node do.
  const clock: Clock = {
    monotonic: () => (now += 1),
    wall: () => now,
    sleep: async (milliseconds) => void (now += Math.max(0.5, milliseconds - 1.5)),
  };
  const limiter = new RateLimiter(clock, 5);
  const end = await limiter.acquire("GetWarmPool", limiter.takePosition(), undefined);
  end({ delayMs: 100, reason: new Error("slow down") });
  let entered = false;
  void limiter.acquire("GetWarmPool", limiter.takePosition(), undefined).then(() => (entered = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(entered).toBe(true);
});

test("reports that it limits from a refusal until enough calls have passed", async () => {
  const api = new LimitedApi(1, 1000);
  const { limiter } = api.policy;
  expect([limiter.isLimiting, limiter.delayMs]).toEqual([false, 0]);
  await api.clock.run(Promise.all(many(api, 2)));
  expect(limiter.isLimiting).toBe(true);
  for (let calls = 0; calls < 255; calls++) await api.clock.run(api.call(calls));
  expect(limiter.isLimiting).toBe(false);
});

test("a call that is stopped while it waits is never sent and does not block the others", async () => {
  const api = new LimitedApi(1, 1);
  const stop = new AbortController();
  const [first, second] = many(api, 2);
  await api.clock.advance(latency);
  const third = withRetries(
    "GetWarmPool",
    async (signal) => {
      signal?.throwIfAborted();
      return 2;
    },
    true,
    api.policy,
    stop.signal,
  );
  const failed = expect(third).rejects.toThrow("enough");
  stop.abort(new Error("enough"));
  await api.clock.run(Promise.all([first, second]));
  await failed;
  expect(api.clock.pending).toEqual([]);
});

test("other errors hold back no call", async () => {
  const api = new LimitedApi(100, 100);
  const failing = withRetries(
    "GetWarmPool",
    async () => {
      throw new OnaError({ rpc: "GetWarmPool", code: "internal", origin: "api", detail: "" });
    },
    true,
    api.policy,
    undefined,
  );
  await expect(failing).rejects.toThrow("internal");
  await api.clock.run(Promise.all(many(api, 50)));
  expect(api.clock.monotonic()).toBe(latency);
});
