/** The log of a prebuild over HTTP: text as it arrives, every failure, and where the token goes. */
import { setImmediate } from "node:timers/promises";
import { type Attempt, OnaClient } from "../../src/client/index.js";
import { checkLogUrl } from "../../src/client/prebuild-log.js";
import { startSimulator } from "../../src/testing/simulator/index.js";
import { connectError } from "../support/connect-errors.js";
import { FakeClock } from "../support/fake-clock.js";
import { closeWires, failureOf, listed, token as apiToken, wire } from "../support/wire-client.js";
import { endlessBody, page, redirect, type Reply, reset, silence, text, WireServer } from "../support/wire-server.js";

afterEach(closeWires);

const logsToken = "ona_logs_dG9rZW4tb2YtYS1sb2c";

/** The error of reading a log. It must not contain the token. */
async function refusal(read: AsyncIterable<string>) {
  const error = await failureOf(listed(read));
  const shown = [error.message, error.stack, error.detail, error.userMessage].join("\n");
  expect(shown).not.toContain(logsToken);
  return error;
}

/** A client and the log of one scripted response. */
async function logOf(...script: Reply[]) {
  const made = await wire(script);
  return { ...made, read: made.client.readPrebuildLog(`${made.server.origin}/logs/1?part=2#end`, logsToken) };
}

/** A response in pieces, each sent after the one before. */
function pieces(...parts: (string | Buffer)[]): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const rest = [...parts];
    const next = () => {
      const part = rest.shift();
      if (part === undefined) response.end();
      else response.write(part, () => void setImmediate().then(next));
    };
    next();
  };
}

test("reads a log by one GET with the log's token and without the API's", async () => {
  const { server, read } = await logOf(text(200, "one\ntwo"));
  expect((await listed(read)).join("")).toBe("one\ntwo");
  expect(server.requests).toMatchObject([
    { method: "GET", path: "/logs/1?part=2", body: "", headers: { authorization: `Bearer ${logsToken}` } },
  ]);
  expect(JSON.stringify(server.requests)).not.toContain(apiToken);
});

test("keeps characters across two pieces whole and marks bytes that are not UTF-8", async () => {
  const bytes = Buffer.from("Größe 🙂\n");
  const { read } = await logOf(pieces(bytes.subarray(0, 3), bytes.subarray(3, 9), bytes.subarray(9), Buffer.of(0xc3)));
  expect((await listed(read)).join("")).toBe("Größe 🙂\n\u{fffd}");
});

test("yields nothing for an empty log", async () => {
  const { client, server } = await wire([text(200, ""), text(204, "")]);
  for (let n = 0; n < 2; n++) expect(await listed(client.readPrebuildLog(server.origin, logsToken))).toEqual([]);
});

test("yields text as it arrives, however long the log is silent afterwards", async () => {
  let more: (text: string) => void = () => undefined;
  const live: Reply = (response) => {
    response.write("one\n");
    more = (said) => void response.end(said);
  };
  const { clock, read } = await logOf(live);
  expect(await read.next()).toEqual({ done: false, value: "one\n" });
  const next = read.next();
  await clock.advance(24 * 3_600_000);
  more("two\n");
  expect(await next).toEqual({ done: false, value: "two\n" });
  expect((await read.next()).done).toBe(true);
});

test("fails if the headers do not arrive in time", async () => {
  const { clock, server, read } = await logOf(silence);
  const failed = refusal(read);
  while (server.requests.length === 0) await setImmediate();
  await clock.advance(60_000);
  expect(await failed).toMatchObject({ rpc: "PrebuildLogs", origin: "timeout", code: "deadline_exceeded" });
});

test.each([
  ["before there is an answer", silence],
  ["in the middle of a silent log", pieces("one\n")],
])("stops reading at the signal %s", async (_when, first) => {
  const held: Reply = (response, request) => {
    response.end = () => response;
    first(response, request);
  };
  const { client, server } = await wire([held]);
  const stop = new AbortController();
  const read = client.readPrebuildLog(server.origin, logsToken, { signal: stop.signal });
  if (first !== silence) await read.next();
  const failed = refusal(read);
  while (server.requests.length === 0) await setImmediate();
  stop.abort(new Error("enough"));
  expect(await failed).toMatchObject({ origin: "cancelled", code: "canceled", detail: "enough" });
});

test("closes the connection if the reader stops early", async () => {
  let closed = false;
  const live: Reply = (response) => {
    response.on("close", () => (closed = true));
    response.write("one\n");
  };
  const { read } = await logOf(live);
  for await (const piece of read) if (piece !== "") break;
  while (!closed) await setImmediate();
});

test.each([
  ["a proxy's page", page(502), { origin: "http", code: "unavailable", httpStatus: 502, detail: "Some gateway" }],
  ["a Connect error", connectError("not_found", "gone"), { origin: "api", code: "not_found", httpStatus: 404 }],
  ["a plain 404", text(404, "no such logs\n"), { origin: "http", code: "unimplemented", httpStatus: 404 }],
  ["a plain 401", text(401, `bad ${logsToken}`), { origin: "http", code: "unauthenticated", detail: "bad [token]" }],
  ["a page with 200", page(200), { origin: "unreadable", detail: "an HTML page instead of the log" }],
  [
    "a packed log",
    text(200, "x", { "content-encoding": "gzip" }),
    { origin: "unreadable", detail: "the log is encoded as gzip, which was not requested" },
  ],
  ["a reset", reset, { origin: "network", code: "unavailable" }],
])("reports %s as an error of its kind", async (_what, reply, facts) => {
  const { server, read } = await logOf(reply);
  expect(await refusal(read)).toMatchObject({ rpc: "PrebuildLogs", ...facts });
  expect(server.requests).toHaveLength(1);
});

test("yields what arrived before the connection was lost", async () => {
  const broken: Reply = (response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("one\n", () => response.socket?.destroy());
  };
  const { read } = await logOf(broken);
  expect(await read.next()).toEqual({ done: false, value: "one\n" });
  const error = await refusal(read);
  expect(error.message).toMatch(/^PrebuildLogs: lost the connection to the log server: /);
});

test("fails at 64 MiB of log without reading on", async () => {
  const { reply, sent } = endlessBody(200);
  const { read } = await logOf(reply);
  let size = 0;
  const consume = async () => {
    for await (const piece of read) size += piece.length;
  };
  expect(await failureOf(consume())).toMatchObject({
    origin: "unreadable",
    detail: "the log is larger than 67108864 bytes",
  });
  expect(size).toBeLessThanOrEqual(67_108_864);
  expect(sent.megabytes).toBeLessThan(128);
});

describe("the token of a log", () => {
  test.each([
    ["http://logs.example/1", "the API returned a log address that is not https (http://logs.example)"],
    ["http://127.0.0.1.evil.example/1", "is not https (http://127.0.0.1.evil.example)"],
    ["ftp://logs.example/1", "is not https (ftp://logs.example)"],
    ["file:///etc/passwd", "is not https (file:)"],
    ["foo://user:hunter2@logs.example/1", "that contains a user, at foo:"],
    ["https://user:hunter2@logs.example/1", "that contains a user, at https://logs.example"],
    ["/logs/1", "that is not a URL"],
    ["", "that is not a URL"],
  ])("is not sent to %s", async (logUrl, why) => {
    const { client } = await wire([]);
    const error = await refusal(client.readPrebuildLog(logUrl, logsToken));
    expect(error).toMatchObject({ origin: "unreadable", sent: false });
    expect(error.message).toContain(why);
    expect(error.message).not.toContain("hunter2");
  });

  test.each([
    ["https://app.ona.com/api", "http://127.0.0.1:8080/1", false],
    ["https://app.ona.com/api", "https://localhost/1", false],
    ["https://app.ona.com/api", "https://localhost./1", false],
    ["https://app.ona.com/api", "https://x.localhost/1", false],
    ["https://app.ona.com/api", "https://127.1/1", false],
    ["https://app.ona.com/api", "https://2130706433/1", false],
    ["https://app.ona.com/api", "https://0/1", false],
    ["https://app.ona.com/api", "https://[::1]/1", false],
    ["https://app.ona.com/api", "https://[::]/1", false],
    ["https://app.ona.com/api", "https://[::ffff:127.0.0.1]/1", false],
    ["https://localhost:8443/api", "http://localhost:8080/1", false],
    ["https://localhost:8443/api", "https://localhost:8443/1", true],
    ["http://127.0.0.1:4000/api", "http://localhost:8080/1", true],
    ["http://127.0.0.1:4000/api", "https://logs.example/1", true],
    ["https://app.ona.com/api", "https://logs.example/1", true],
  ])("with the API at %s, may be sent to %s: %s", (baseUrl, logUrl, isAllowed) => {
    const check = () => checkLogUrl(logUrl, logsToken, baseUrl);
    if (isAllowed) expect(check()).toBe(logUrl);
    else expect(check).toThrow(/the API returned a log address (?:on this machine|that is not https) \(/);
  });

  test.each(["", "two words", "line\nbreak", "ö"])("is not sent if it is %j", async (bad) => {
    const { client, server } = await wire([text(200, "x")]);
    const error = await failureOf(listed(client.readPrebuildLog(server.origin, bad)));
    expect(error.message).toContain("a log token with whitespace or characters that cannot be sent");
    expect(server.requests).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])("follows HTTP %d within the origin", async (status) => {
    const { server, read } = await logOf(redirect(status, "/archive/1?x=1"), text(200, "one\n"));
    expect(await listed(read)).toEqual(["one\n"]);
    expect(server.requests[1]).toMatchObject({
      method: "GET",
      path: "/archive/1?x=1",
      headers: { authorization: `Bearer ${logsToken}` },
    });
  });

  test("does not follow a redirect to another origin, and the error names the address", async () => {
    const other = await WireServer.start(text(200, "x"));
    const { read } = await logOf(redirect(302, `${other.origin}/bucket/1?signature=${logsToken}`));
    const error = await refusal(read);
    const { origin } = other;
    await other.close();
    expect(error.message).toBe(
      `PrebuildLogs: the log server redirected the call: HTTP 302 to ${origin}/bucket/1, which is another origin and was not followed`,
    );
    expect(other.requests).toEqual([]);
  });
});

test("reports a read when it has ended, without its address and text", async () => {
  const attempts: Attempt[] = [];
  const { client, server } = await wire([text(200, "one\n"), page(502), pieces("one\n", "two\n")], {
    onAttempt: (attempt) => attempts.push(attempt),
  });
  const read = () => client.readPrebuildLog(`${server.origin}/logs/1?secret=2`, logsToken);
  await listed(read());
  await refusal(read());
  for await (const piece of read()) if (piece !== "") break;
  await refusal(client.readPrebuildLog("http://logs.example", logsToken));
  const facts = { rpc: "PrebuildLogs", number: 1, durationMs: 0 };
  expect(attempts).toEqual([
    { ...facts, code: "ok" },
    { ...facts, code: "unavailable", origin: "http", httpStatus: 502 },
    { ...facts, code: "canceled", origin: "cancelled" },
  ]);
});

test("reads the simulator's log from start to end", async () => {
  await using simulator = await startSimulator();
  const [prebuild] = simulator.prebuilds;
  if (prebuild === undefined) throw new Error("the seed has no prebuild");
  const client = new OnaClient({ baseUrl: simulator.url, token: () => simulator.token, clock: new FakeClock() });
  const accessToken = await client.createPrebuildLogsToken(prebuild.id);
  const log = (await listed(client.readPrebuildLog(prebuild.logUrl, accessToken))).join("");
  await client.close();
  expect(log).toMatch(/^Starting the prebuild environment\n[^]*\nPrebuild tasks done\n$/);
});
