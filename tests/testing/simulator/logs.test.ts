/** Faults of the log URLs, and how their requests are logged. */
import type { Fault, Simulator } from "../../../src/testing/simulator/index.js";
import { call, pairs, simulate, textOf } from "./support.js";

const text = "one\ntwo\nthree\nfour\n";

/** A simulator with a run that has ended or is in progress, and a token for its log. */
async function withRun(ended: boolean): Promise<{ simulator: Simulator; url: string; token: string }> {
  const simulator = await simulate();
  simulator.nextPrebuild({ log: text });
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(ended ? 60_000 : 5_500);
  const { body } = await call(simulator, "CreatePrebuildLogsToken", { prebuildId: prebuild.id });
  simulator.clearRequests();
  return { simulator, url: prebuild.logUrl, token: textOf(body.accessToken) };
}

interface Got {
  status: number | undefined;
  text: string;
  /** Whether the response is complete. */
  whole: boolean;
}

/** Reads as much of a log as arrives. */
async function read(url: string, token: string, signal?: AbortSignal): Promise<Got> {
  const got: Got = { status: undefined, text: "", whole: false };
  try {
    const init: RequestInit = { headers: { Authorization: `Bearer ${token}` }, redirect: "manual" };
    const response = await fetch(url, signal ? { ...init, signal } : init);
    got.status = response.status;
    for await (const chunk of response.body ?? []) got.text += Buffer.from(chunk as Uint8Array).toString();
    got.whole = true;
  } catch {
    // The test checks what arrived before.
  }
  return got;
}

/** Waits until the simulator has received that many requests for logs. Other calls are answered in the meantime. */
async function untilRequested(simulator: Simulator, times: number): Promise<void> {
  const count = () => simulator.requests.filter(({ rpc }) => rpc === "PrebuildLogs").length;
  while (count() < times) await call(simulator, "ListPrebuilds");
}

const half = text.slice(0, text.length / 2);

test.each<[string, Fault, Partial<Got>]>([
  ["a proxy's page", { html: { status: 502, body: "<h1>no</h1>" } }, { status: 502, text: "<h1>no</h1>" }],
  ["a reset", { reset: "before" }, { status: undefined, text: "", whole: false }],
  ["a reset in the middle", { reset: "after" }, { status: 200, whole: false }],
  ["a truncated body", { truncated: true }, { status: 200, text: half, whole: false }],
  ["a slow body", { slow: 20 }, { status: 200, text, whole: true }],
])("gives one request for a log %s and serves the next one", async (_what, fault, got) => {
  const { simulator, url, token } = await withRun(true);
  simulator.fault({ rpc: "PrebuildLogs", ...fault });
  expect(await read(url, token)).toMatchObject(got);
  expect(await read(url, token)).toEqual({ status: 200, text, whole: true });
});

test("gives a request for a log a Connect error with its hints", async () => {
  const { simulator, url, token } = await withRun(true);
  simulator.fault({
    rpc: "PrebuildLogs",
    error: { code: "resource_exhausted", message: "slow down", rateLimitRetryAfter: 7 },
  });
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  expect([response.status, response.headers.get("ratelimit-retryafter")]).toEqual([429, "7"]);
  expect(await response.json()).toMatchObject({ code: "resource_exhausted", message: "slow down" });
  expect(simulator.requests).toMatchObject([{ status: 429, code: "resource_exhausted", fault: "error" }]);
});

test("redirects a request for a log", async () => {
  const { simulator, url, token } = await withRun(true);
  simulator.fault({ rpc: "PrebuildLogs", redirect: { to: "https://elsewhere.example/", status: 308 } });
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, redirect: "manual" });
  const { pathname } = new URL(url);
  expect([response.status, response.headers.get("location")]).toEqual([308, `https://elsewhere.example${pathname}`]);
});

test.each(["before", "after"] as const)("lets a log hang %s its text until the reader disconnects", async (when) => {
  const { simulator, url, token } = await withRun(true);
  simulator.fault({ rpc: "PrebuildLogs", hang: when });
  const reader = new AbortController();
  const reading = read(url, token, reader.signal);
  await untilRequested(simulator, 1);
  const other = await read(url, token);
  reader.abort();
  expect((await reading).whole).toBe(false);
  expect(other.text).toBe(text);
});

test.each(["truncated", "reset"] as const)("breaks a live log in the middle of its text with %s", async (kind) => {
  const { simulator, url, token } = await withRun(false);
  simulator.fault({ rpc: "PrebuildLogs", ...(kind === "reset" ? { reset: "after" } : { truncated: true }) });
  expect(await read(url, token)).toMatchObject({ status: 200, whole: false });
  const reading = read(url, token);
  await untilRequested(simulator, 2);
  simulator.clock.advance(60_000);
  expect(await reading).toEqual({ status: 200, text, whole: true });
});

test("logs requests for logs with their path and a fingerprint, never with the token", async () => {
  const { simulator, url, token } = await withRun(true);
  simulator.fault({ rpc: "PrebuildLogs", nth: 2, html: { status: 502 } });
  await read(url, token);
  await read(`${url}?since=1`, token);
  await read(url, "no-token");
  const { pathname: path } = new URL(url);
  const common = { rpc: "PrebuildLogs", method: "GET", path, codec: "text", code: undefined };
  expect(simulator.requests).toMatchObject([
    { ...common, status: 200, fault: undefined },
    { ...common, status: 502, fault: "html" },
    { ...common, status: 401, fault: undefined },
  ]);
  const [first, second, third] = simulator.requests;
  expect(first?.token).toBe(second?.token);
  expect(first?.token).not.toBe(third?.token);
  expect(JSON.stringify(simulator.requests)).not.toContain(token);
});
