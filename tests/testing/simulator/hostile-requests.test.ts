/** Requests that must not reach the simulator's state or fill its memory, and values that its levers can't take. */
import { once } from "node:events";
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";
import { startSimulator, type Simulator } from "../../../src/testing/simulator/index.js";
import { call, pairs, pull, rpcUrl, simulate, textOf } from "./support.js";

const mebibyte = 1024 * 1024;

/** Sends the head of a request that promises a huge body, and reads the response without sending any of it. */
async function sendHead(url: string, method: string, headers: OutgoingHttpHeaders): Promise<[number, string]> {
  const sent = request(url, { method, headers: { "content-length": 400 * mebibyte, ...headers } });
  sent.flushHeaders();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  // Ends a request whose body will never come.
  sent.on("error", () => undefined).destroy();
  return [response.statusCode ?? 0, text];
}

const authorized = (simulator: Simulator) => ({ Authorization: `Bearer ${simulator.token}` });

const paths = (simulator: Simulator): [string, string][] => [
  ["POST", rpcUrl(simulator, "ListWarmPools")],
  ["POST", `${simulator.origin}/_simulator/pools`],
  ["GET", `${simulator.origin}/_simulator/state`],
  ["GET", textOf(simulator.prebuilds[0]?.logUrl)],
  ["GET", `${simulator.origin}/`],
  ["GET", `${simulator.origin}/app.js`],
  ["GET", `${simulator.origin}/nothing`],
];

test.each([
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://localhost:1" },
  { host: "evil.example" },
  { host: "127.0.0.1.evil.example" },
  { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
])("refuses a page of another site with %j on every path before it reads the body", async (headers) => {
  const simulator = await simulate();
  for (const [method, url] of paths(simulator)) {
    const [status, text] = await sendHead(url, method, { ...authorized(simulator), ...headers });
    expect([url, status]).toEqual([url, 403]);
    expect(text).toContain("requests of this machine only");
  }
  expect(simulator.requests).toEqual([]);
});

test("refuses headers that would fill the log of requests", async () => {
  const simulator = await simulate();
  const headers = { ...authorized(simulator), "x-long": "x".repeat(8 * 1024) };
  expect((await fetch(rpcUrl(simulator, "ListWarmPools"), { method: "POST", headers })).status).toBe(431);
  expect(simulator.requests).toEqual([]);
});

test("answers its own page, which sends an Origin", async () => {
  const simulator = await simulate();
  const headers = { origin: simulator.origin };
  expect((await fetch(`${simulator.origin}/_simulator/state`, { headers })).status).toBe(200);
});

test("refuses a wrong token and a token without the right before it reads the body", async () => {
  const simulator = await simulate();
  const send = (token: string) =>
    sendHead(rpcUrl(simulator, "CreateWarmPool"), "POST", {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
    });
  expect(await send("wrong")).toMatchObject([401, expect.stringContaining('"code":"unauthenticated"')]);
  expect(await send(simulator.readOnlyToken)).toMatchObject([403, expect.stringContaining("read-only")]);
  expect(simulator.requests.map(({ status, code }) => [status, code])).toEqual([
    [401, "unauthenticated"],
    [403, "permission_denied"],
  ]);
});

test("refuses a body over 4 MiB, announced or not, of RPCs and levers", async () => {
  const simulator = await simulate();
  const lever = `${simulator.origin}/_simulator/prebuilds/next`;
  const json = { ...authorized(simulator), "Content-Type": "application/json" };
  for (const url of [rpcUrl(simulator, "CreatePrebuild"), lever]) {
    expect(await sendHead(url, "POST", json)).toMatchObject([413, expect.stringContaining("resource_exhausted")]);
    const unannounced = request(url, { method: "POST", headers: json });
    for (let sent = 0; sent <= 4; sent++) unannounced.write(Buffer.alloc(mebibyte, "x"));
    const [response] = (await once(unannounced, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    unannounced.on("error", () => undefined).destroy();
  }
  expect(simulator.requests.map(({ status, body }) => [status, body])).toEqual([
    [413, undefined],
    [413, undefined],
  ]);
});

test("refuses a body that decompresses to more than 4 MiB", async () => {
  const simulator = await simulate();
  const response = await fetch(rpcUrl(simulator, "ListPrebuilds"), {
    method: "POST",
    headers: { ...authorized(simulator), "Content-Type": "application/json", "Content-Encoding": "gzip" },
    body: gzipSync(Buffer.alloc(64 * mebibyte, " ")),
  });
  // It is resource_exhausted, but Connect does not recognize the errors of zlib in Jest's realm.
  const { code } = (await response.json()) as { code?: string };
  expect(["resource_exhausted", "internal"]).toContain(code);
});

test("keeps no large body in the list of requests, also after decompression", async () => {
  const simulator = await simulate();
  const pagination = { token: "x".repeat(100_000) };
  await call(simulator, "ListWarmPools", { pagination });
  await fetch(rpcUrl(simulator, "ListWarmPools"), {
    method: "POST",
    headers: { ...authorized(simulator), "Content-Type": "application/json", "Content-Encoding": "gzip" },
    body: gzipSync(JSON.stringify({ pagination })),
  });
  await call(simulator, "ListWarmPools", { filter: {} });
  expect(simulator.requests.map(({ body }) => body)).toEqual([undefined, undefined, { filter: {} }]);
});

test("forbids framing, foreign forms, and content sniffing in every response", async () => {
  const simulator = await simulate();
  for (const [method, url] of paths(simulator)) {
    const { headers } = await fetch(url, { method });
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("form-action 'none'; frame-ancestors 'none'");
  }
});

test.each([
  ["/pools", '{"minSize": -1}', "minSize must be a whole number from 0 to 1000: got -1"],
  ["/pools", '{"maxSize": 1e999}', "maxSize must be a whole number from 0 to 1000: got Infinity"],
  ["/pools/:id/resize", '{"minSize": 1.5}', "minSize must be a whole number"],
  ["/pools/:id/resize", '{"minSize": "2"}', "minSize"],
  ["/pools/:id/scale", '{"size": 1e300}', "size must be a whole number from 0 to 1000: got 1e+300"],
  ["/clock", '{"advance": 1e999}', "can't be advanced by Infinity ms: pass a number from 0 to 2678400000 (31 days)"],
  ["/clock", '{"advance": 1e15}', "can't be advanced by 1000000000000000 ms"],
  ["/prebuilds", '{"timeoutSeconds": 0.5}', "timeoutSeconds must be a whole number from 1 to 604800: got 0.5"],
  ["/prebuilds/next", '{"snapshotSizeBytes": "9223372036854775808"}', "snapshotSizeBytes must be a whole number"],
  ["/prebuilds/next", `{"snapshotSizeBytes": "${"1".repeat(1_000_000)}"}`, "a whole number of up to 19 digits"],
  ["/faults", '{"slow": 1e12}', "slow"],
  ["/faults", '{"error": {"code": "internal", "retryInfoSeconds": 1e300}}', "retryInfoSeconds"],
  ["/faults", '{"error": {"code": "internal", "rateLimitRetryAfter": "1\\nX: y"}}', "must be printable ASCII"],
  ["/faults", '{"tokenBucket": {"capacity": 1, "refillPerSecond": 1e-300}}', "refillPerSecond"],
  ["/faults", '{"redirect": {"to": "http://["}}', "must be a URL or a path"],
])("refuses the lever %s with %s and says why", async (path, body, message) => {
  const simulator = await simulate();
  const [pair, other] = pairs(simulator);
  const pool = simulator.createPool({ ...pair, minSize: 1, maxSize: 2 });
  const value = path === "/pools" ? body.replace("{", `{${JSON.stringify(other).slice(1, -1)}, `) : body;
  const before = (await pull(simulator, "GET", "/state")).body;
  const response = await fetch(`${simulator.origin}/_simulator${path.replace(":id", pool.id)}`, {
    method: "POST",
    body: path === "/prebuilds" ? value.replace("{", `{"projectId": "${pair.projectId}", `) : value,
  });
  expect(response.status).toBe(400);
  expect(textOf(((await response.json()) as { message?: string }).message)).toContain(message);
  expect((await pull(simulator, "GET", "/state")).body).toEqual(before);
});

test.each([
  [{ autoAdvance: Number.NaN }, "autoAdvance must be a whole number"],
  [{ requestLimit: Number.POSITIVE_INFINITY }, "requestLimit must be a whole number from 0 to 1000000: got Infinity"],
  [{ now: Number.NaN }, "now must be from 1970 to 9999: got NaN"],
])("refuses to start with %j", async (options, message) => {
  await expect(startSimulator(options)).rejects.toThrow(message);
});
