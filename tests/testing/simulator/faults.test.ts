/** Faults: which calls get them, and what the client receives. */
import { request as httpRequest } from "node:http";
import { call, pairs, pull, rpcUrl, simulate, nobody, textOf } from "./support.js";
import type { Simulator } from "../../../src/testing/simulator/index.js";

/** The raw text of a response, or "connection lost". */
async function raw(
  simulator: Simulator,
  rpc: string,
  body: object = {},
): Promise<{ text: string; status: number } | string> {
  try {
    const response = await fetch(rpcUrl(simulator, rpc), {
      method: "POST",
      headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      redirect: "manual",
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return "connection lost";
  }
}

const outcomes = async (simulator: Simulator, n: number) => {
  const seen: number[] = [];
  for (let i = 0; i < n; i++) seen.push((await call(simulator, "ListWarmPools")).status);
  return seen;
};

test("gives a fault to the n-th call of an RPC and the given number of calls, and to no other call", async () => {
  const simulator = await simulate();
  const fault = simulator.fault({ rpc: "ListWarmPools", nth: 2, times: 2, error: { code: "unavailable" } });
  expect((await call(simulator, "ListPrebuilds")).status).toBe(200);
  expect(await outcomes(simulator, 4)).toEqual([200, 503, 503, 200]);
  expect(fault.struck).toBe(2);
  expect(simulator.requests.map((request) => request.fault)).toEqual([
    undefined,
    undefined,
    "error",
    "error",
    undefined,
  ]);
});

test("gives a fault to a share of the calls, the same ones in every run", async () => {
  const run = async () => {
    const simulator = await simulate();
    simulator.fault({ share: 0.3, error: { code: "unavailable" } });
    return outcomes(simulator, 40);
  };
  const first = await run();
  expect(first).toEqual(await run());
  const struck = first.filter((status) => status === 503).length;
  expect(struck).toBeGreaterThan(5);
  expect(struck).toBeLessThan(20);
});

test("gives no call a fault that was removed", async () => {
  const simulator = await simulate();
  simulator.fault({ times: "always", error: { code: "internal" } }).remove();
  simulator.fault({ error: { code: "internal" } });
  simulator.clearFaults();
  expect(await outcomes(simulator, 2)).toEqual([200, 200]);
});

test("sends an error with the requested hints and details", async () => {
  const simulator = await simulate();
  simulator.fault({
    error: {
      code: "resource_exhausted",
      rateLimitRetryAfter: 7,
      actionable: {
        errorCode: "quota",
        userMessage: "Ask your admin.",
        actions: [{ label: "Docs", externalUrl: "https://ona.com" }],
      },
      details: [{ type: "example.Unknown", value: "AQI=" }],
    },
  });
  const { headers, body } = await call(simulator, "ListWarmPools");
  expect(headers.get("ratelimit-retryafter")).toBe("7");
  expect(body.details).toMatchObject([
    { type: "gitpod.v1.ActionableErrorDetails", debug: { errorCode: "quota", userMessage: "Ask your admin." } },
    { type: "example.Unknown", value: "AQI" },
  ]);
});

test.each(["before", "after"] as const)("resets the connection %s the call takes effect", async (when) => {
  const simulator = await simulate();
  simulator.fault({ rpc: "CreateWarmPool", reset: when });
  expect(await raw(simulator, "CreateWarmPool", pairs(simulator)[0])).toBe("connection lost");
  expect(simulator.pools).toHaveLength(when === "before" ? 0 : 1);
  expect(simulator.requests).toMatchObject([{ rpc: "CreateWarmPool", fault: "reset", body: pairs(simulator)[0] }]);
});

test.each(["before", "after"] as const)("sends an error %s the call takes effect", async (when) => {
  const simulator = await simulate();
  simulator.fault({ rpc: "CreateWarmPool", error: { code: "unavailable", when } });
  expect((await call(simulator, "CreateWarmPool", pairs(simulator)[0])).status).toBe(503);
  expect(simulator.pools).toHaveLength(when === "before" ? 0 : 1);
});

test.each(["before", "after"] as const)(
  "lets a call hang %s it takes effect until the simulator closes",
  async (when) => {
    const simulator = await simulate();
    simulator.fault({ rpc: "CreateWarmPool", hang: when });
    const hanging = raw(simulator, "CreateWarmPool", pairs(simulator)[0]);
    // In the meantime, another call is answered on its own connection.
    while (simulator.requests.length === 0) await call(simulator, "ListPrebuilds").then(() => simulator.requests);
    while (!simulator.requests.some((request) => request.fault === "hang")) await call(simulator, "ListPrebuilds");
    expect(simulator.pools).toHaveLength(when === "before" ? 0 : 1);
    await simulator.close();
    expect(await hanging).toBe("connection lost");
  },
);

test("sends a proxy's page, a redirect, a truncated body, and a body that is not JSON", async () => {
  const simulator = await simulate();
  const list = () => raw(simulator, "ListWarmPools");
  simulator.fault({ html: { status: 503 } });
  expect(await list()).toMatchObject({ status: 503, text: expect.stringContaining("<html>") as string });
  simulator.fault({ redirect: { to: "http://127.0.0.1:9/elsewhere", status: 308 } });
  expect(await list()).toMatchObject({ status: 308 });
  simulator.fault({ truncated: true });
  expect(await list()).toBe("connection lost");
  simulator.fault({ invalidJson: true });
  const invalid = await list();
  expect(() => JSON.parse(typeof invalid === "string" ? "{}" : invalid.text) as unknown).toThrow(SyntaxError);
  expect(await list()).toMatchObject({ status: 200 });
});

test("sends a slow body in pieces that add up to the whole", async () => {
  const simulator = await simulate();
  simulator.fault({ rpc: "ListPrebuilds", slow: 60 });
  const chunks = await new Promise<string[]>((resolve, reject) => {
    const seen: string[] = [];
    const headers = { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" };
    const request = httpRequest(rpcUrl(simulator, "ListPrebuilds"), { method: "POST", headers }, (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => seen.push(chunk));
      response.on("end", () => resolve(seen));
    });
    request.on("error", reject);
    request.end("{}");
  });
  expect(chunks.length).toBeGreaterThan(1);
  expect(JSON.parse(chunks.join(""))).toHaveProperty("prebuilds");
});

test("repeats the page token in every List that gets the fault", async () => {
  const simulator = await simulate();
  const { body: first } = await call(simulator, "ListPrebuilds?pageSize=1");
  simulator.fault({ rpc: "ListPrebuilds", repeatedPageToken: true });
  const query = new URLSearchParams({ pageSize: "1", token: textOf(first.pagination?.nextToken) });
  const { body: second } = await call(simulator, `ListPrebuilds?${query.toString()}`);
  expect(second.pagination?.nextToken).toBe(first.pagination?.nextToken);
  const tokens: unknown[] = [];
  let token: unknown = "";
  for (let n = 0; n < 3; n++) {
    const { status, body } = await call(simulator, "ListPrebuilds", { pagination: { token } });
    expect(status).toBe(200);
    tokens.push((token = body.pagination?.nextToken));
  }
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).not.toBe("");
});

test("adds unknown fields and phases to a response", async () => {
  const simulator = await simulate();
  const pool = simulator.createPool(pairs(simulator)[0]);
  simulator.fault({ unknownFields: true });
  const fields = await call(simulator, "GetWarmPool", { warmPoolId: pool.id });
  expect(fields.body).toMatchObject({ newText: "of tomorrow", warmPool: { id: pool.id, spec: { newNumber: 42 } } });
  simulator.fault({ unknownEnum: true });
  const phases = await call(simulator, "GetWarmPool", { warmPoolId: pool.id });
  expect(phases.body.warmPool?.status?.phase).toBe("WARM_POOL_PHASE_OF_TOMORROW");
});

test.each([
  ["retryInfo", "google.rpc.RetryInfo", null],
  ["header", undefined, "1"],
  ["none", undefined, null],
] as const)("limits calls to the rate of a token bucket with the hint %s", async (hint, detail, header) => {
  const simulator = await simulate();
  simulator.fault({ tokenBucket: { capacity: 2, refillPerSecond: 2, hint } });
  expect(await outcomes(simulator, 3)).toEqual([200, 200, 429]);
  const { headers, body } = await call(simulator, "ListWarmPools");
  expect(body.details?.[0]?.type).toBe(detail);
  expect(headers.get("ratelimit-retryafter")).toBe(header);
  simulator.clock.advance(500);
  expect(await outcomes(simulator, 2)).toEqual([200, 429]);
});

test("never requests a delay of 0 s from a token bucket, and accepts the call after the requested delay", async () => {
  const simulator = await simulate();
  simulator.fault({ tokenBucket: { capacity: 1, refillPerSecond: 1 } });
  expect(await outcomes(simulator, 1)).toEqual([200]);
  // Ten floating-point tenths add up to a little less than one.
  for (let tenth = 1; tenth < 10; tenth++) {
    simulator.clock.advance(100);
    expect(await outcomes(simulator, 1)).toEqual([429]);
  }
  simulator.clock.advance(100);
  const { body } = await call(simulator, "ListWarmPools");
  expect(body.details?.[0]?.debug).toEqual({ retryDelay: "0.001s" });
  simulator.clock.advance(1);
  expect(await outcomes(simulator, 1)).toEqual([200]);
});

test("refuses an invalid fault with the reason, by method and over HTTP", async () => {
  const simulator = await simulate();
  expect(() => simulator.fault({ rpc: "GetWarmPool" })).toThrow("exactly one of");
  expect(() => simulator.fault({ rpc: "PrebuildLogs", invalidJson: true })).toThrow(
    "PrebuildLogs is plain text: use one of error, html, redirect, reset, hang, slow, truncated",
  );
  expect(() => simulator.fault({ rpc: "PrebuildLogs", error: { code: "internal", when: "after" } })).toThrow(
    'an error of PrebuildLogs replaces the text: "after" is not possible',
  );
  expect((await pull(simulator, "POST", "/faults", { rpc: "GetWarmPol", truncated: true })).status).toBe(400);
  expect(() => simulator.fault({ truncated: true, hang: "before" })).toThrow("exactly one of");
  const answer = await pull(simulator, "POST", "/faults", { error: { code: "teapot" } });
  expect(answer.status).toBe(400);
  expect(answer.body.message).toContain("code");
  expect((await call(simulator, "GetWarmPool", { warmPoolId: nobody })).status).toBe(404);
});
