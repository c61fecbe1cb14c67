/** HTTP: redirects, broken bodies and connections, the server's clock, proxies. */
import { isOutcomeUnknown, OnaClient } from "../../src/client/index.js";
import { connectError } from "../support/connect-errors.js";
import { FakeClock } from "../support/fake-clock.js";
import { outside } from "../support/outside-globals.js";
import { startSocksProxy, startTlsServer } from "../support/proxies.js";
import { environmentClassId, poolId, projectId, wirePool } from "../support/messages.js";
import { closeWires, failureOf, token, wire } from "../support/wire-client.js";
import {
  brokenOff,
  endlessBody,
  message,
  page,
  redirect,
  type Reply,
  reset,
  text,
  WireServer,
} from "../support/wire-server.js";

afterEach(closeWires);

const fine = message({ warmPool: wirePool });

describe("a redirect", () => {
  test.each([307, 308])("with HTTP %d within the origin is followed with method, body and headers", async (status) => {
    const { client, server } = await wire([redirect(status, "/elsewhere?x=1"), fine]);
    await client.createWarmPool({ projectId, environmentClassId, minSize: 1 });
    const [first, second] = server.requests;
    expect(second).toMatchObject({ method: "POST", path: "/elsewhere?x=1", body: first?.body });
    expect(second?.headers).toMatchObject({ authorization: `Bearer ${token}`, "content-type": "application/json" });
  });

  test("may be relative to the one before", async () => {
    const { client, server } = await wire([redirect(307, "v2"), redirect(308, "./v3"), fine]);
    await client.getWarmPool(poolId);
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/api/gitpod.v1.PrebuildService/GetWarmPool",
      "/api/gitpod.v1.PrebuildService/v2",
      "/api/gitpod.v1.PrebuildService/v3",
    ]);
  });

  test.each([301, 302, 303, 307, 308])(
    "with HTTP %d to another origin is not followed, and the error names the address",
    async (status) => {
      const other = await WireServer.start(fine);
      const location = `${other.origin}/api/gitpod.v1.PrebuildService/GetWarmPool?x=1#y`;
      const { client, server } = await wire([redirect(status, location)]);
      const error = await failureOf(client.getWarmPool(poolId));
      const { origin } = other;
      await other.close();
      expect(error).toMatchObject({ origin: "redirect", httpStatus: status });
      expect(error.message).toBe(
        `GetWarmPool: the Ona API redirected the call: HTTP ${status} to ${origin}/api, which is another origin and was not followed`,
      );
      expect(other.requests).toHaveLength(0);
      expect(server.requests).toHaveLength(1);
    },
  );

  test("to another scheme or port of the same host counts as another origin", async () => {
    const { client, server } = await wire([]);
    for (const location of [server.origin.replace("http:", "https:"), "http://127.0.0.1:1/x", "javascript:alert(1)"]) {
      server.queue(redirect(308, location));
      expect((await failureOf(client.getWarmPool(poolId))).message).toContain("another origin");
    }
  });

  test.each([301, 302, 303])(
    "with HTTP %d within the origin would change the request and is refused",
    async (status) => {
      const { client, server } = await wire([redirect(status, "/login"), fine]);
      const error = await failureOf(client.getWarmPool(poolId));
      expect(error.message).toContain(`HTTP ${status} to ${server.origin}/login, which would change the request`);
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    ["without an address", text(307, "")],
    ["with one that is not a URL", redirect(307, "http://:bad:/")],
    ["with HTTP 304, which is not a redirect", text(304, "")],
  ])("%s is refused", async (_what, reply) => {
    const { client } = await wire([reply]);
    expect((await failureOf(client.getWarmPool(poolId))).message).toContain("without a usable address");
  });

  test("is followed at most five times", async () => {
    const loop = redirect(307, "/again");
    const { client, server } = await wire(Array.from({ length: 10 }, () => loop));
    const error = await failureOf(client.getWarmPool(poolId));
    expect(error.message).toContain("more than 5 redirects, the last to");
    expect(server.requests).toHaveLength(6);
  });

  test("of a create means that nothing was created", async () => {
    const { client, server } = await wire([redirect(302, "https://other.example/"), fine]);
    await failureOf(client.createWarmPool({ projectId, environmentClassId }));
    expect(server.requests).toHaveLength(1);
  });
});

describe("a body", () => {
  test.each([
    ["that is empty", message(""), "an empty body"],
    ["that is not JSON", message("warm pool"), "the body is not JSON"],
    ["that is half JSON", message('{"warmPool":'), "the body is not JSON"],
  ])("%s is unreadable", async (_what, reply, said) => {
    const { client } = await wire([reply]);
    const error = await failureOf(client.createWarmPool({ projectId, environmentClassId }));
    expect(error).toMatchObject({ origin: "unreadable", code: "internal", httpStatus: 200 });
    expect(error.message).toBe(`CreateWarmPool: the response could not be read: ${said}`);
  });

  test.each([
    ["with a title", page(200, "Welcome to the guest network"), "an HTML page: Welcome to the guest network"],
    ["by its header alone", text(200, "Moved to app.", { "content-type": "text/html" }), "an HTML page: Moved to app"],
    ["by its start alone", message("\n<!doctype html><p>Log in"), "an HTML page: Log in"],
    ["without text", message("<html>"), "an HTML page"],
  ])("that is an HTML page (%s) is not the API's, whatever the status is", async (_what, reply, said) => {
    const { client, server } = await wire([reply]);
    const error = await failureOf(client.createWarmPool({ projectId, environmentClassId }));
    expect(error).toMatchObject({ origin: "unreadable", code: "internal", httpStatus: 200 });
    expect(error.message).toBe(`CreateWarmPool: the response could not be read: ${said}`);
    // Something between here and there may have put it in place of the answer.
    expect(isOutcomeUnknown(error)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test.each([200, 500])("of more than 16 MiB with HTTP %d is not read on", async (status) => {
    const { reply, sent } = endlessBody(status);
    const { client } = await wire([reply]);
    const error = await failureOf(client.getWarmPool(poolId));
    expect(error).toMatchObject({ origin: "unreadable", detail: "the body is larger than 16777216 bytes" });
    expect(sent.megabytes).toBeLessThan(64);
  });

  test("of many chunks may split a character between two of them", async () => {
    const bytes = Buffer.from(JSON.stringify({ warmPool: { ...wirePool, status: { failureMessage: "kö" } } }));
    const cut = bytes.indexOf(0xc3) + 1;
    const chunked: Reply = (response) => {
      response.writeHead(200);
      response.write(bytes.subarray(0, cut), () => setImmediate(() => response.end(bytes.subarray(cut))));
    };
    const { client } = await wire([chunked]);
    expect((await client.getWarmPool(poolId)).status.failureMessage).toBe("kö");
  });
});

test.each([
  ["is reset before a response", reset],
  ["is lost within the body", brokenOff],
])("a request whose connection %s may have taken effect", async (_how, reply) => {
  const { client } = await wire([reply]);
  const error = await failureOf(client.createWarmPool({ projectId, environmentClassId }));
  expect(error).toMatchObject({ origin: "network", code: "unavailable", sent: true, attempts: 1 });
  expect(error.message).toMatch(/^CreateWarmPool: lost the connection to the Ona API: /);
  expect(error.message.match(/ECONNRESET/g) ?? ["once"]).toHaveLength(1);
});

test("a server that does not speak HTTP is a network error", async () => {
  const garbage: Reply = (_response, request) => void request.socket.end("SSH-2.0-OpenSSH_9.6\r\n");
  const { client } = await wire([garbage], { maxRetries: 0 });
  expect(await failureOf(client.getWarmPool(poolId))).toMatchObject({ origin: "network", sent: true });
});

describe("the server's clock", () => {
  const date = "Sun, 01 Mar 2026 12:00:00 GMT";
  const at = Date.parse(date);

  test("is unknown before the first response", async () => {
    const { client } = await wire([]);
    expect(client.serverTimeAt(0)).toBeUndefined();
  });

  test("is that of the newest Date header", async () => {
    const later = "Sun, 01 Mar 2026 13:00:00 GMT";
    const { client, clock } = await wire([
      message({ warmPool: wirePool }, { date }),
      message({ warmPool: wirePool }, { date: later }),
    ]);
    await clock.advance(5_000);
    await client.getWarmPool(poolId);
    expect(client.serverTimeAt(5_000)).toBe(at);
    expect(client.serverTimeAt(2_000)).toBe(at - 3_000);
    await client.getWarmPool(poolId);
    expect(client.serverTimeAt(5_000)).toBe(Date.parse(later));
  });

  test("is also read from an error of the API, but not from what a proxy sends", async () => {
    const { client } = await wire([
      text(500, "x", { date }),
      text(200, "<html>", { date }),
      connectError("internal", "x", { headers: { date } }),
    ]);
    await failureOf(client.getWarmPool(poolId));
    await failureOf(client.getWarmPool(poolId));
    expect(client.serverTimeAt(0)).toBeUndefined();
    await failureOf(client.getWarmPool(poolId));
    expect(client.serverTimeAt(0)).toBe(at);
  });

  test.each([
    "yesterday",
    "1",
    "2026",
    "2026-03-01T12:00:00Z",
    "Sun Mar 01 2026 12:00:00",
    "Mon, 01 Mar 2026 12:00:00 GMT",
    "Sun, 1 Mar 2026 12:00:00 GMT",
    "Sun, 01 Mar 2026 12:00:00 UTC",
    "Sun, 31 Feb 2026 12:00:00 GMT",
  ])("is not read from the header %j, which HTTP doesn't allow", async (header) => {
    const { client } = await wire([message({ warmPool: wirePool }, { date: header })]);
    await client.getWarmPool(poolId);
    expect(client.serverTimeAt(0)).toBeUndefined();
  });

  test("is not read from a response without the header", async () => {
    const dateless: Reply = (response, request) => {
      response.sendDate = false;
      fine(response, request);
    };
    const { client } = await wire([dateless]);
    await client.getWarmPool(poolId);
    expect(client.serverTimeAt(0)).toBeUndefined();
  });
});

describe("a proxy in the environment", () => {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const before = names.map((name) => [name, process.env[name]] as const);

  // undici warns only once per process.
  const warned = jest.spyOn(outside.process, "emitWarning");

  afterAll(() => warned.mockRestore());

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    expect(warned).not.toHaveBeenCalled();
  });

  test("is not used for http, which stays on this machine, so it cannot see the token", async () => {
    const proxy = await WireServer.start(page(502));
    for (const name of names) delete process.env[name];
    process.env["HTTP_PROXY"] = process.env["http_proxy"] = proxy.origin;
    const { client } = await wire([fine]);
    await expect(client.getWarmPool(poolId)).resolves.toMatchObject({ id: poolId });
    await proxy.close();
    expect(proxy.requests).toHaveLength(0);
  });

  test.each([
    [
      "403 Forbidden",
      { origin: "network", attempts: 2 },
      /could not connect to the Ona API: the proxy refused with HTTP 403/,
    ],
    [
      "407 Proxy Authentication Required",
      { origin: "http", httpStatus: 407, attempts: 1 },
      /HTTP 407 .*: the proxy's response$/,
    ],
  ])("is used for https, and one that refuses the tunnel (%s) passes nothing on", async (refusal, facts, said) => {
    for (const name of names) delete process.env[name];
    const proxy = await WireServer.start();
    const tunnels: string[] = [];
    proxy.onConnect(({ url = "" }) => tunnels.push(url), refusal);
    process.env["HTTPS_PROXY"] = proxy.origin;
    const client = new OnaClient({
      baseUrl: "https://api.example/api",
      token: () => token,
      maxRetries: 1,
      clock: new FakeClock({ passing: 30_000 }),
    });
    const error = await failureOf(client.createWarmPool({ projectId, environmentClassId }));
    await client.close();
    await proxy.close();
    expect(error).toMatchObject({ ...facts, sent: false });
    expect(error.message).toMatch(said);
    expect(isOutcomeUnknown(error)).toBe(false);
    expect(tunnels).toEqual(Array.from({ length: facts.attempts }, () => "api.example:443"));
  });

  const call = async (baseUrl = "https://api.example/api") => {
    const client = new OnaClient({
      baseUrl,
      token: () => token,
      maxRetries: 0,
      clock: new FakeClock({ passing: 30_000 }),
      explain: ({ proxy }) => ({ advice: `by ${proxy}` }),
    });
    const error: unknown = await client.createWarmPool({ projectId, environmentClassId }).catch((e: unknown) => e);
    await client.close();
    return error;
  };

  test.each([
    ["user and password", "us%40er:p%23ss@", "us@er:p#ss"],
    ["a user without a password", "user@", "user:"],
    ["no user", "", undefined],
  ])("may lack a scheme, and gets %s", async (_what, prefix, credentials) => {
    for (const name of names) delete process.env[name];
    const proxy = await WireServer.start();
    const heard: unknown[] = [];
    proxy.onConnect(({ headers }) => heard.push(headers["proxy-authorization"]));
    process.env["all_proxy"] = `${prefix}${proxy.origin.replace("http://", "")}`;
    const error = await call();
    await proxy.close();
    expect(heard).toEqual([credentials && `Basic ${Buffer.from(credentials).toString("base64")}`]);
    expect(error).toMatchObject({ sent: false, message: expect.stringMatching(/HTTP 403\. by all_proxy$/) as string });
  });

  test("that cannot work is an error with its variable, before anything is sent and without a retry", async () => {
    for (const name of names) delete process.env[name];
    process.env["HTTPS_PROXY"] = "http://user:hun/ter2@proxy.example";
    const error = await call();
    expect(error).toMatchObject({
      name: "ProxyError",
      message: expect.stringMatching(/^HTTPS_PROXY is not/) as string,
    });
    expect(isOutcomeUnknown(error)).toBe(false);
  });

  test("that does not listen is named by its variable, and nothing was sent", async () => {
    for (const name of names) delete process.env[name];
    const proxy = await WireServer.start();
    const { origin } = proxy;
    await proxy.close();
    for (const scheme of ["http:", "socks5:"]) {
      process.env["HTTPS_PROXY"] = origin.replace("http:", scheme);
      expect(await call()).toMatchObject({
        origin: "network",
        sent: false,
        message: expect.stringMatching(/connect ECONNREFUSED .* by HTTPS_PROXY$/) as string,
      });
    }
  });

  test("that speaks SOCKS5 leads to the API, and one that refuses passes nothing on", async () => {
    for (const name of names) delete process.env[name];
    const api = await startTlsServer();
    for (const [password, origin] of [
      ["right", "certificate"],
      ["wrong", "network"],
    ]) {
      using socks = await startSocksProxy("user", "right");
      process.env["ALL_PROXY"] = `socks5h://user:${password}@127.0.0.1:${socks.port}`;
      const error = await call(`https://localhost:${api.port}/api`);
      expect(socks.targets).toEqual(password === "right" ? [`localhost:${api.port}`] : []);
      // The certificate was seen through the tunnel, and nobody signed it.
      expect(error).toMatchObject({ origin, sent: false });
      expect(isOutcomeUnknown(error)).toBe(false);
    }
    api.close();
  });
});

describe("a connection", () => {
  test.each([1, 8])("is opened for each of %i concurrent calls and reused by later ones", async (atOnce) => {
    const { client, server } = await wire([]);
    const ports = new Set<number | undefined>();
    const calls = 10 * atOnce;
    server.queue(
      ...Array.from({ length: calls }, (): Reply => (response, request) => {
        ports.add(request.socket.remotePort);
        message({ warmPool: wirePool })(response, request);
      }),
    );
    let left = calls;
    const work = async () => {
      while (left-- > 0) await client.getWarmPool(poolId);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(ports.size).toBeLessThanOrEqual(atOnce);
  });

  test("stays open longer than the longest interval between polls", async () => {
    const { client, server } = await wire([]);
    const ports: (number | undefined)[] = [];
    const answer: Reply = (response, request) => {
      ports.push(request.socket.remotePort);
      // Without a word on how long it may idle.
      message({ warmPool: wirePool }, { connection: "keep-alive" })(response, request);
    };
    server.queue(answer, answer);
    const timers = jest.spyOn(outside, "setTimeout");
    await client.getWarmPool(poolId);
    for (const [end, delayMs = 0, ...args] of timers.mock.calls) if (delayMs <= 10_000) end(...args);
    timers.mockRestore();
    await client.getWarmPool(poolId);
    expect(ports).toHaveLength(2);
    expect(ports[1]).toBe(ports[0]);
  });
});
