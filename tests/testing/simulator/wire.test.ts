/** The wire format: codecs, GET, compression, errors, and headers, also checked with the Connect project's own client. */
import { gzipSync } from "node:zlib";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { codeNames, codeOf } from "../../../src/testing/simulator/connect-codes.js";
import type { CodeName, Simulator } from "../../../src/testing/simulator/index.js";
import {
  PrebuildPhase,
  PrebuildService,
  WarmPoolPhase,
} from "../../../src/testing/simulator/gen/gitpod/v1/prebuild_pb.js";
import { RetryInfoSchema } from "../../../src/testing/simulator/gen/google/rpc/error_details_pb.js";
import { call, nobody, pairs, rpcUrl, simulate } from "./support.js";

function connect(simulator: Simulator, options: { useBinaryFormat: boolean; useHttpGet?: boolean; gzip?: boolean }) {
  const authorize: Interceptor = (next) => (request) => {
    request.header.set("Authorization", `Bearer ${simulator.token}`);
    return next(request);
  };
  const transport = createConnectTransport({
    httpVersion: "1.1",
    baseUrl: simulator.url,
    interceptors: [authorize],
    useBinaryFormat: options.useBinaryFormat,
    useHttpGet: options.useHttpGet ?? false,
    compressMinBytes: 0,
  });
  return createClient(PrebuildService, transport);
}

test.each([
  { useBinaryFormat: true },
  { useBinaryFormat: false },
  { useBinaryFormat: true, useHttpGet: true },
  { useBinaryFormat: false, useHttpGet: true },
])("Connect's client calls all eleven RPCs with %j", async (options) => {
  const simulator = await simulate();
  const client = connect(simulator, options);
  const [pair] = pairs(simulator);
  const { warmPool } = await client.createWarmPool({ ...pair, minSize: 0, maxSize: 1 });
  const warmPoolId = warmPool?.id ?? "";
  expect(warmPool?.spec?.minSize).toBe(0);
  expect((await client.updateWarmPool({ warmPoolId, maxSize: 3 })).warmPool?.spec?.maxSize).toBe(3);
  expect((await client.getWarmPool({ warmPoolId })).warmPool?.status?.phase).toBe(WarmPoolPhase.PENDING);
  expect((await client.listWarmPools({})).warmPools.map((pool) => pool.id)).toEqual([warmPoolId]);
  await client.deleteWarmPool({ warmPoolId });
  const { prebuild } = await client.createPrebuild({ projectId: pair.projectId, spec: {} });
  const prebuildId = prebuild?.id ?? "";
  expect((await client.getPrebuild({ prebuildId })).prebuild?.status?.phase).toBe(PrebuildPhase.PENDING);
  expect((await client.listPrebuilds({})).prebuilds).toHaveLength(5);
  expect((await client.createPrebuildLogsToken({ prebuildId })).accessToken).not.toBe("");
  const cancelled = await client.cancelPrebuild({ prebuildId });
  expect(cancelled.prebuild?.status?.phase).toBe(PrebuildPhase.CANCELLING);
  await client.deletePrebuild({ prebuildId });
  const methods = new Set(
    simulator.requests.map(({ rpc, method }) => `${/^(Get|List)/.test(rpc) ? "read" : "write"} ${method}`),
  );
  expect(methods).toEqual(new Set(["write POST", options.useHttpGet ? "read GET" : "read POST"]));
  const get = simulator.requests.find(({ rpc }) => rpc === "GetWarmPool");
  expect(get).toMatchObject({ codec: options.useBinaryFormat ? "proto" : "json", body: { warmPoolId } });
});

test("allows GET only for RPCs without side effects", async () => {
  const simulator = await simulate();
  const message = encodeURIComponent(JSON.stringify({ warmPoolId: nobody }));
  const query = `connect=v1&encoding=json&message=${message}`;
  const headers = { Authorization: `Bearer ${simulator.token}` };
  expect((await fetch(`${rpcUrl(simulator, "GetWarmPool")}?${query}`, { headers })).status).toBe(404);
  // The vendor's client sends a content type without content.
  const form = { ...headers, "Content-Type": "application/x-www-form-urlencoded" };
  expect((await fetch(`${rpcUrl(simulator, "GetWarmPool")}?${query}`, { headers: form })).status).toBe(404);
  expect((await fetch(`${rpcUrl(simulator, "DeleteWarmPool")}?${query}`, { headers })).status).toBe(405);
});

test("reads gzip and sends it on request", async () => {
  const simulator = await simulate();
  const response = await fetch(rpcUrl(simulator, "ListPrebuilds"), {
    method: "POST",
    headers: {
      Authorization: `Bearer ${simulator.token}`,
      "Content-Type": "application/json",
      "Content-Encoding": "gzip",
      "Accept-Encoding": "gzip",
    },
    body: gzipSync(JSON.stringify({ pagination: { pageSize: 50 } })),
  });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(await response.json()).toHaveProperty("prebuilds");
  expect(simulator.requests[0]?.body).toEqual({ pagination: { pageSize: 50 } });
});

test("refuses other content types with 415 and other paths with an HTML 404", async () => {
  const simulator = await simulate();
  const post = (url: string, type: string) =>
    fetch(url, {
      method: "POST",
      headers: { "Content-Type": type, Authorization: `Bearer ${simulator.token}` },
      body: "{}",
    });
  expect((await post(rpcUrl(simulator, "GetWarmPool"), "text/plain")).status).toBe(415);
  const wrong = await post(`${simulator.origin}/gitpod.v1.PrebuildService/GetWarmPool`, "application/json");
  expect(wrong.status).toBe(404);
  expect(wrong.headers.get("content-type")).toContain("text/html");
  expect((await post(rpcUrl(simulator, "GetWorkspace"), "application/json")).status).toBe(404);
});

const statuses: Record<CodeName, number> = {
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
};

test.each(codeNames)("sends the code %s with its HTTP status, and Connect's client reads it", async (code) => {
  const simulator = await simulate();
  simulator.fault({ error: { code, message: "a message" }, times: 2 });
  expect(await call(simulator, "ListWarmPools")).toMatchObject({
    status: statuses[code],
    body: { code, message: "a message" },
  });
  const refused = connect(simulator, { useBinaryFormat: true }).listWarmPools({});
  await expect(refused).rejects.toMatchObject({ code: codeOf(code), rawMessage: "a message" });
});

test("sends details as base64 without padding, and Connect's client finds them", async () => {
  const simulator = await simulate();
  simulator.fault({ error: { code: "resource_exhausted", retryInfoSeconds: 2.5 }, times: 2 });
  const { body } = await call(simulator, "ListWarmPools");
  expect(body.details).toMatchObject([
    { type: "google.rpc.RetryInfo", value: "CgkIAhCAyrXuAQ".replace("CgkI", "CggI") },
  ]);
  const error = ConnectError.from(
    await connect(simulator, { useBinaryFormat: true })
      .listWarmPools({})
      .catch((e: unknown) => e),
  );
  expect(error.code).toBe(Code.ResourceExhausted);
  expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 2n, nanos: 500_000_000 } }]);
});

test("sends the simulator's time in the Date header", async () => {
  const simulator = await simulate({ now: Date.UTC(2030, 5, 1, 12) });
  expect((await call(simulator, "ListWarmPools")).headers.get("date")).toBe("Sat, 01 Jun 2030 12:00:00 GMT");
  simulator.clock.advance(61_000);
  expect((await call(simulator, "ListWarmPools")).headers.get("date")).toBe("Sat, 01 Jun 2030 12:01:01 GMT");
});

test("logs requests and their responses, never the token", async () => {
  const simulator = await simulate();
  await call(simulator, "GetWarmPool", { warmPoolId: nobody }, { "User-Agent": "a test" });
  await call(simulator, "ListWarmPools", {}, { Authorization: "Bearer wrong" });
  const [first, second] = simulator.requests;
  expect(first).toMatchObject({
    rpc: "GetWarmPool",
    at: simulator.clock.now(),
    method: "POST",
    codec: "json",
    body: { warmPoolId: nobody },
    status: 404,
    code: "not_found",
    fault: undefined,
  });
  expect(first?.headers["user-agent"]).toBe("a test");
  expect(second).toMatchObject({ status: 401, code: "unauthenticated" });
  expect(second?.token).not.toBe(first?.token);
  expect(JSON.stringify(simulator.requests)).not.toContain(simulator.token);
  simulator.clearRequests();
  expect(simulator.requests).toEqual([]);
});
