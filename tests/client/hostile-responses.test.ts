/** What a hostile server can put into responses: text, numbers, sizes and encodings. */
import { actionable, connectError } from "../support/connect-errors.js";
import { poolId, prebuildId, projectId } from "../support/messages.js";
import { closeWires, failureOf, listed, token, wire } from "../support/wire-client.js";
import { message, redirect, type Reply, text } from "../support/wire-server.js";

afterEach(closeWires);

/** The token with something between its halves. */
const split = (separator: string) => `${token.slice(0, 9)}${separator}${token.slice(9)}`;

const disguises: readonly (readonly [string, string])[] = [
  ["as it is", token],
  ["in upper case", token.toUpperCase()],
  ["behind marks that it completes to a command", `##${token}`],
  ["with an escape sequence in it", split("\u001b[0m")],
  ["with an 8-bit escape sequence in it", split("\u009b1m")],
  ["with a title in it", split("\u001b]0;x\u0007")],
  ["with control characters in it", split("\u0000\b")],
  ["with a line break in it", split("\r\n")],
  ["with characters without width in it", split("\u200b\u2060\ufeff\u00ad\ufe0f\u{e0041}\u3164")],
  ["with half a character in it", split("\ud83d")],
  ["with spaces in it", split("  \u00a0\u3000")],
  ["in base64", btoa(`Bearer ${token}`)],
  ["at the end of what is shown", `${"x".repeat(990)}${token}`],
  ["at the end of what is read", `${"\u200b".repeat(65_526)}${token}`],
];

/** Whether a text has the token, or enough of it to be of use, wherever whitespace was put into it. */
function hasToken(shown: string): boolean {
  const text = shown.replace(/\s/g, "").toLowerCase();
  return [token, btoa(`Bearer ${token}`).slice(10)].some((form) => text.includes(form.slice(0, 12).toLowerCase()));
}

describe.each(disguises)("the token %s", (_how, disguise) => {
  test.each<readonly [string, Reply]>([
    ["a message", connectError("internal", `you sent Bearer ${disguise}!`)],
    ["a message for users", connectError("internal", "x", { details: [actionable(disguise)] })],
    ["a page", text(500, `<p>Request with ${disguise.replace("_", "&#95;")}`)],
    ["a text", text(500, JSON.stringify({ error: disguise }))],
    ["a redirect", redirect(307, `https://elsewhere.example/${encodeURIComponent(disguise.toWellFormed())}`)],
  ])("does not show in the error of %s", async (_where, reply) => {
    const { client } = await wire([reply], { maxRetries: 0 });
    const error = await failureOf(client.getWarmPool(poolId));
    for (const shown of [error.message, error.detail, error.userMessage ?? "", error.stack ?? ""])
      expect(hasToken(shown)).toBe(false);
  });

  test("does not show in a response", async () => {
    const metadata = { projectId: disguise, createdAt: disguise, organizationId: disguise };
    const status = {
      failureMessage: disguise,
      warningMessage: disguise,
      logUrl: `https://x/${disguise}`,
      phase: disguise,
    };
    const { client } = await wire([message({ prebuild: { id: disguise, metadata, status } })]);
    const prebuild = await client.getPrebuild(prebuildId);
    expect(prebuild.status?.failureMessage).toBeDefined();
    expect(hasToken(JSON.stringify(prebuild))).toBe(false);
  });
});

test.each<readonly [string, Reply]>([
  ["HTML entities", text(500, `<p>${token.replaceAll("_", "&#95;")}</p>`)],
  ["JSON escapes", text(500, token.replaceAll("_", String.raw`\u005f`))],
  ["percent-encoding", redirect(307, `https://elsewhere.example/${token.replaceAll("_", "%5F")}`)],
])("an error hides a token with %s in it", async (_how, reply) => {
  const { client } = await wire([reply], { maxRetries: 0 });
  expect((await failureOf(client.getWarmPool(poolId))).message).toContain("[token]");
});

test("a response that is too large to parse is unreadable", async () => {
  const { client } = await wire([message(`{"long":1234567890123456,"x":"${String.raw`\"`.repeat(7_000_000)}"}`)]);
  const error = await failureOf(client.getWarmPool(poolId));
  expect(error).toMatchObject({ origin: "unreadable", detail: "it is nested too deeply, or too large" });
});

test("an error says what is wrong with a response that is not HTTP, without repeating it", async () => {
  const { client } = await wire([(response) => void response.socket?.end(`::add-mask::x\r\n${token}`)]);
  const error = await failureOf(client.createPrebuildLogsToken(prebuildId));
  expect(error.message).toBe(
    "CreatePrebuildLogsToken: lost the connection to the Ona API: Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)",
  );
});

test("a token of a log does not show in later responses", async () => {
  const secret = "ona_logs_c2VjcmV0";
  const { client } = await wire([
    message({ accessToken: secret }),
    message({ prebuild: { id: prebuildId, status: { failureMessage: `bad ${secret}` } } }),
  ]);
  await client.createPrebuildLogsToken(prebuildId);
  expect((await client.getPrebuild(prebuildId)).status?.failureMessage).toBe("bad [token]");
  expect(client.hideSecrets(`${secret} and ${token}`)).toBe("[token] and [token]");
});

test("the API's token does not show if a log is the first that a client reads", async () => {
  const { client, server } = await wire([redirect(307, `https://elsewhere.example/${token}`)]);
  const error = await failureOf(listed(client.readPrebuildLog(server.origin, "ona_logs_c2VjcmV0")));
  expect(error.message).toContain("HTTP 307 to https://elsewhere.example/[token], which is another origin");
});

test("a text is one line that is no command, and an enum's prefix cannot hide one", async () => {
  const hostile = "x\r\n::add-mask::y\u2028##[group]z";
  const { client } = await wire([
    message({
      warmPool: {
        id: poolId.toUpperCase(),
        metadata: { projectId: projectId.toUpperCase() },
        status: { failureMessage: hostile, phase: "WARM_POOL_PHASE_::error::x" },
      },
    }),
  ]);
  expect(await client.getWarmPool(poolId)).toMatchObject({
    id: poolId,
    metadata: { projectId },
    status: { failureMessage: "x : :add-mask::y # #[group]z", phase: ": :error::x" },
  });
});

const sizes = (value: string) => `{"warmPool":{"id":"${poolId}","spec":{"minSize":${value}}}}`;
const bytes = (value: string) => `{"prebuild":{"id":"${prebuildId}","status":{"snapshotSizeBytes":${value}}}}`;

test.each([
  "1.5",
  "1e21",
  "1e999",
  "-1e999",
  "2147483648",
  "-2147483649",
  '"2147483648"',
  '"1.5"',
  '""',
  '" 1"',
  "true",
  "{}",
])("refuses the size %s, and names it", async (value) => {
  const { client } = await wire([message(sizes(value))]);
  const error = await failureOf(client.getWarmPool(poolId));
  expect(error).toMatchObject({
    origin: "unreadable",
    detail: "unexpected warmPool.spec.minSize (not a whole number of 32 bits)",
  });
});

test.each([
  ["3", 3],
  ["3.0", 3],
  ['"-2147483648"', -2_147_483_648],
  ["2147483647", 2_147_483_647],
  ["-0", 0],
])("reads the size %s", async (value, size) => {
  const { client } = await wire([message(sizes(value))]);
  expect((await client.getWarmPool(poolId)).spec.minSize).toBe(size);
});

test.each(["1.5", "1e21", `"${"9".repeat(21)}"`, `"${"9".repeat(1_000_000)}"`, "9".repeat(1_000_000), '"0x10"', "[]"])(
  "refuses the 64-bit number %.20s, and names it",
  async (value) => {
    const { client } = await wire([message(bytes(value))]);
    const error = await failureOf(client.getPrebuild(prebuildId));
    expect(error).toMatchObject({
      origin: "unreadable",
      detail: "unexpected prebuild.status.snapshotSizeBytes (not a whole number of 64 bits)",
    });
  },
);

test.each(['"18446744073709551615"', "18446744073709551615", '"0018446744073709551615"'.replace("00", "")])(
  "reads the 64-bit number %s exactly",
  async (value) => {
    const { client } = await wire([message(bytes(value))]);
    expect((await client.getPrebuild(prebuildId)).status?.snapshotSizeBytes).toBe("18446744073709551615");
  },
);

const nested = (depth: number) => `${"[".repeat(depth)}1234567890123456${"]".repeat(depth)}`;

test.each<readonly [string, Reply]>([
  ["a body that is nested deeply", message(nested(100_000))],
  ["a page that is nested deeply", message(`{"warmPools":${nested(100_000)}}`)],
  ["an error that is nested deeply", text(500, nested(100_000))],
  ["a body of zeros", message(`[${"0,".repeat(130_000)}0]`)],
  ["UTF-16", (response) => void response.writeHead(200).end(Buffer.from(sizes("1"), "utf16le"))],
  ["bytes that are not UTF-8", (response) => void response.writeHead(200).end(Buffer.alloc(100_000, 0xff))],
  ["a body in an encoding that was not requested", text(200, "x", { "content-encoding": "br" })],
])("reports %s as an unreadable response", async (_what, reply) => {
  const { client } = await wire([reply], { maxRetries: 0 });
  const error = await failureOf(listed(client.listWarmPools()));
  expect(["unreadable", "http"]).toContain(error.origin);
  expect(error.message.length).toBeLessThan(1_500);
});

test("reports an error with 130,000 details as what it is", async () => {
  const details = Array.from({ length: 130_000 }, () => ({ type: "google.rpc.RetryInfo", value: "" }));
  const { client } = await wire([connectError("invalid_argument", "no", { details })]);
  expect(await failureOf(client.getWarmPool(poolId))).toMatchObject({ origin: "api", code: "invalid_argument" });
});

test("keeps one buffer of a body that comes byte by byte", async () => {
  const body = Buffer.from(
    JSON.stringify({ warmPool: { id: poolId, status: { failureMessage: "ö".repeat(100_000) } } }),
  );
  const inBytes: Reply = (response) => {
    response.writeHead(200);
    for (const byte of body.subarray(0, 500)) response.write(Buffer.of(byte));
    response.end(body.subarray(500));
  };
  const { client } = await wire([inBytes]);
  expect((await client.getWarmPool(poolId)).status.failureMessage).toMatch(/^ö+… \(100000 characters\)$/);
});

test.each([
  ["file:///etc/passwd", "HTTP 307 to file:, which is another origin and was not followed"],
  ["data:text/html,x", "HTTP 307 to data:, which is another origin and was not followed"],
])("names a redirect to %s by its scheme", async (location, detail) => {
  const { client } = await wire([redirect(307, location)]);
  expect(await failureOf(client.getWarmPool(poolId))).toMatchObject({ origin: "redirect", detail });
});
