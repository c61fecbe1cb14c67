/** The message of a failed call, and what callers may conclude from it. */
import {
  connectCodes,
  isNotFound,
  isOutcomeUnknown,
  isTransient,
  OnaError,
  type OnaClient,
} from "../../src/client/index.js";
import type { OnaErrorFacts } from "../../src/client/errors.js";
import { actionable, connectError, retryInfo, statusOf } from "../support/connect-errors.js";
import { poolId } from "../support/messages.js";
import { closeWires, failureOf, listed, token, wire } from "../support/wire-client.js";
import { message, page, type Reply, reset, text } from "../support/wire-server.js";

afterEach(closeWires);

/** The error of a single attempt with this response. */
async function answered(
  reply: Reply,
  call: (client: OnaClient) => Promise<unknown> = (client) => client.getWarmPool(poolId),
): Promise<OnaError> {
  const { client } = await wire([reply], { maxRetries: 0 });
  return failureOf(call(client));
}

test.each(connectCodes)("keeps the Connect code %s and the API's message", async (code) => {
  const error = await answered(connectError(code, "said so"));
  expect(error).toMatchObject({ code, origin: "api", httpStatus: statusOf[code], detail: "said so", attempts: 1 });
  expect(error.message).toContain(`GetWarmPool: the Ona API answered ${code}: said so`);
});

test("recognizes a Connect error with any HTTP status", async () => {
  await expect(answered(connectError("not_found", "no", { status: 500 }))).resolves.toMatchObject({
    code: "not_found",
    origin: "api",
    httpStatus: 500,
  });
});

test.each([
  [400, "internal"],
  [401, "unauthenticated"],
  [403, "permission_denied"],
  [404, "unimplemented"],
  [429, "unavailable"],
  [500, "unknown"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "unavailable"],
  [405, "unknown"],
  [407, "unknown"],
  [418, "unknown"],
  [204, "unknown"],
] as const)("maps HTTP %d without a Connect error to %s", async (status, code) => {
  const error = await answered(page(status, "Gateway says no"));
  expect(error).toMatchObject({ code, origin: "http", httpStatus: status });
  if (status !== 204) expect(error.message).toContain(`HTTP ${status} without an error from the Ona API (${code})`);
  if (status !== 204) expect(error.message).toContain("Gateway says no");
});

test.each([
  ["a page without text", text(404, "<html><body></body></html>"), "an HTML page"],
  ["plain text", text(404, "no such route"), "no such route"],
  ["another kind of JSON", text(404, '{"error":"x"}'), '{"error":"x"}'],
  ["a code that Connect does not have", text(404, '{"code":"gone","message":"m"}'), "gone"],
  ["a numeric code", text(404, '{"code":5,"message":"m"}'), "5"],
  ["a code and a message that is not a string", text(404, '{"code":"not_found","message":{}}'), "not_found"],
  ["null", text(404, "null"), "null"],
  ["nothing", text(404, ""), "unimplemented"],
])("treats a 404 with %s as a wrong URL and never as a missing object", async (_what, reply, said) => {
  const error = await answered(reply);
  expect(isNotFound(error)).toBe(false);
  expect(error.origin).toBe("http");
  expect(error.message).toContain(said);
});

test.each([
  ["its title", "<title lang=en>Sign in\n to  Corp</title><h1>Welcome</h1>", "Sign in to Corp"],
  [
    "its text if there is no title",
    "<h1>502</h1>\n<p class='a > b'>The gateway <b>is</b> busy.</p>",
    "502 b'>The gateway is busy.",
  ],
  ["its text if the title is empty", "<title> </title><p>Busy", "Busy"],
  [
    "no script, style or comment",
    "<p>Log<script>var p='x</p>'</script><style>p{}</style><!-- <p>not this --> in",
    "Log in",
  ],
  ["nothing of an unclosed script", "<p>Log in<script>var secret", "Log in"],
  [
    "characters instead of entities",
    "<p>Bad &amp; broken&nbsp;&#8211; &#x2716; &unheard; &lt;b&gt;",
    "Bad & broken – ✖ &unheard; <b>",
  ],
  ["one printable line", "<p>red \u001b[31m\r\nline&#7;", "red  line"],
])("summarizes a page by %s", async (_what, body, said) => {
  expect((await answered(text(502, body, { "content-type": "text/html" }))).detail).toBe(said);
});

test("truncates a page's text", async () => {
  expect((await answered(text(502, `<p>${"x".repeat(500)}`))).detail).toBe(`${"x".repeat(200)}… (500 characters)`);
});

test("reads a page quickly even if it is made to be slow", async () => {
  const bodies = ["<title", "<script>", "<!--", "</script ", "&#1", "<a "].map((part) => `<p>${part.repeat(200_000)}`);
  const begun = performance.now();
  for (const body of bodies) await answered(text(502, body));
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test("accepts a Connect error without message and details", async () => {
  const error = await answered(text(404, '{"code":"not_found","message":null,"details":null}'));
  expect(isNotFound(error)).toBe(true);
  expect(error.message).toBe("GetWarmPool: the Ona API answered not_found");
});

test("shows and keeps the API's message for users", async () => {
  const details = [retryInfo(1), actionable("Ask your admin to enable warm pools.")];
  const error = await answered(connectError("failed_precondition", "precondition", { details }));
  expect(error.userMessage).toBe("Ask your admin to enable warm pools.");
  expect(error.message).toMatch(/failed_precondition: precondition\. Ask your admin to enable warm pools$/);
});

test("shows a message for users only once if it repeats the message", async () => {
  const error = await answered(connectError("internal", "same", { details: [actionable("same")] }));
  expect(error.message).toBe("GetWarmPool: the Ona API answered internal: same");
});

test.each([
  ["an unknown type", { type: "x.y.Z", value: "AAAA" }],
  ["bytes that are not a message", { type: "gitpod.v1.ActionableErrorDetails", value: "/////w" }],
  ["no base64", { type: "gitpod.v1.ActionableErrorDetails", value: "?!" }],
  ["padded base64", { type: "google.rpc.RetryInfo", value: "CgA=" }],
  ["a debug field", { ...actionable(""), debug: { any: ["thing"] } }],
])("keeps the error if a detail has %s", async (_what, detail) => {
  const error = await answered(connectError("aborted", "said", { details: [detail] }));
  expect(error).toMatchObject({ code: "aborted", origin: "api", detail: "said", userMessage: undefined });
});

test("does not double the period of the API's sentence", async () => {
  const error = await answered(connectError("unavailable", "Down for a while."));
  expect(error.with(() => ({ advice: "Come back later" })).message).toBe(
    "GetWarmPool: the Ona API answered unavailable: Down for a while. Come back later",
  );
});

describe("an error never contains the token", () => {
  test.each([
    ["a message", connectError("internal", `you sent Bearer ${token}!`)],
    ["a user message", connectError("internal", "x", { details: [actionable(`${token} is bad`)] })],
    ["a page's title", page(500, `Request with ${token}`)],
    ["a page's text", text(500, `headers: authorization=Bearer ${token}`)],
    ["a page's text with markup", text(500, `<p>Request with <b>${token}</b> refused`)],
    ["a page's text with an entity in it", text(500, `<p>Request with ${token.replace("_", "&#95;")}`)],
    ["a page's text that is truncated within it", text(500, `<p>${"x ".repeat(95)}${token.replace("_", "&#x5f;")}`)],
    ["a page with HTTP 200", page(200, `Hello ${token}`)],
    ["a text that is truncated within it", text(500, `${"x".repeat(180)}${token}`)],
    ["a redirect elsewhere", text(302, "", { location: `https://login.example/${token}/?t=${token}` })],
    ["a body that is not JSON", text(200, `{"token":"${token}"`)],
    ["a body of another shape", message({ [token]: token, warmPool: token })],
  ])("even if the server repeats it in %s", async (_where, reply) => {
    const error = await answered(reply);
    const shown = [error.message, error.detail, error.userMessage, error.stack].join("\n");
    for (let length = 12; length <= token.length; length++) expect(shown).not.toContain(token.slice(0, length));
  });

  test("even if reading it fails", async () => {
    const { client, server } = await wire([], {
      token: () => {
        throw new TypeError("no token");
      },
    });
    await expect(client.getWarmPool(poolId)).rejects.toThrow(new TypeError("no token"));
    expect(server.requests).toHaveLength(0);
  });
});

test("removes what could steer a terminal from the server's text", async () => {
  const hostile = "red \u001b[31m, back \r\n\u0008 gone, \u009b2J, \u202e reordered, \u2028 line";
  const error = await answered(connectError("internal", hostile, { details: [actionable(hostile)] }));
  expect(error.message.replace(/ +/g, " ")).toContain("red , back gone, , reordered, line");
  for (const shown of [error.message, error.detail, error.userMessage ?? ""]) {
    expect(shown).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  }
});

test("truncates an endless message", async () => {
  const error = await answered(connectError("internal", "x".repeat(5_000)));
  expect(error.detail).toBe(`${"x".repeat(1_000)}… (5000 characters)`);
  expect(error.message.length).toBeLessThan(1_200);
});

const facts = (overrides: Partial<OnaErrorFacts>): OnaErrorFacts => ({
  rpc: "CreateWarmPool",
  code: "unavailable",
  origin: "api",
  detail: "",
  ...overrides,
});

describe("whether a failed request may have taken effect", () => {
  const undecided = [
    "canceled",
    "unknown",
    "deadline_exceeded",
    "aborted",
    "internal",
    "unavailable",
    "data_loss",
  ] as const;

  test.each(connectCodes)("is decided by the API's code %s", (code) => {
    expect(isOutcomeUnknown(new OnaError(facts({ code })))).toBe((undecided as readonly string[]).includes(code));
  });

  test.each([
    ["a broken connection", { origin: "network", sent: true }, true],
    ["a connection that was never made", { origin: "network", sent: false }, false],
    ["a time-out", { origin: "timeout", code: "deadline_exceeded" }, true],
    ["an unreadable answer", { origin: "unreadable", code: "internal" }, true],
    ["a call that we stopped", { origin: "cancelled", code: "canceled" }, true],
    ["a redirect", { origin: "redirect", code: "unimplemented" }, false],
    ["a proxy's 502", { origin: "http", code: "unavailable" }, true],
    ["a proxy's 403", { origin: "http", code: "permission_denied" }, false],
    ["a proxy's 405", { origin: "http", code: "unknown", httpStatus: 405 }, false],
    ["a proxy's 407", { origin: "http", code: "unknown", httpStatus: 407 }, false],
    ["a proxy's 429", { origin: "http", code: "unavailable", httpStatus: 429 }, false],
    ["a proxy's 503", { origin: "http", code: "unavailable", httpStatus: 503 }, true],
    ["a proxy's 500", { origin: "http", code: "unknown", httpStatus: 500 }, true],
    ["the API's unavailable with 429", { origin: "api", code: "unavailable", httpStatus: 429 }, true],
  ] as const)("is decided by %s", (_what, overrides, expected) => {
    expect(isOutcomeUnknown(new OnaError(facts(overrides)))).toBe(expected);
  });

  test("is not known from other errors", () => {
    expect(isOutcomeUnknown(new Error("x"))).toBe(false);
  });
});

test.each([
  [{ code: "unavailable" }, true],
  [{ code: "resource_exhausted" }, true],
  [{ code: "internal", origin: "unreadable" }, true],
  [{ code: "unavailable", origin: "network" }, true],
  [{ code: "deadline_exceeded", origin: "timeout" }, true],
  [{ code: "unauthenticated" }, false],
  [{ code: "permission_denied" }, false],
  [{ code: "not_found" }, false],
  [{ code: "unimplemented", origin: "http" }, false],
  [{ code: "unavailable", origin: "redirect" }, false],
  [{ code: "unavailable", origin: "http", httpStatus: 429 }, true],
  [{ code: "unknown", origin: "http", httpStatus: 500 }, true],
  [{ code: "unknown", origin: "http", httpStatus: 405 }, false],
  [{ code: "unknown", origin: "http", httpStatus: 407 }, false],
  [{ code: "canceled", origin: "cancelled" }, false],
] as const)("tells whether a read that failed with %j may succeed later: %s", (overrides, expected) => {
  expect(isTransient(new OnaError(facts(overrides)))).toBe(expected);
});

test.each([
  [{}, true],
  [{ origin: "http", httpStatus: 404 }, false],
  [{ origin: "unreadable" }, false],
  [{ code: "unimplemented" }, false],
] as const)("takes only the API's own not_found as a missing object (%j: %s)", (overrides, gone) => {
  expect(isNotFound(new OnaError(facts({ code: "not_found", ...overrides })))).toBe(gone);
  expect(isNotFound(new Error("not_found"))).toBe(false);
});

test("deleting a missing object succeeds", async () => {
  const { client, server } = await wire([connectError("not_found"), connectError("not_found")]);
  await expect(client.deleteWarmPool(poolId)).resolves.toBe(false);
  await expect(client.deletePrebuild(poolId)).resolves.toBeUndefined();
  expect(server.requests).toHaveLength(2);
});

test("a repeated delete that finds nothing may have deleted the object at first", async () => {
  const { client } = await wire([reset, connectError("not_found")]);
  await expect(client.deleteWarmPool(poolId)).resolves.toBe(true);
});

test("a delete fails on a 404 that is not a Connect error", async () => {
  const { client } = await wire([page(404)]);
  expect((await failureOf(client.deleteWarmPool(poolId))).code).toBe("unimplemented");
});

test("adds the connection and the advice of the caller, which sees the facts", async () => {
  const seen: OnaErrorFacts[] = [];
  const explain = (facts: OnaErrorFacts) => {
    seen.push(facts);
    return { connection: "eu", advice: "Do this" };
  };
  const { client } = await wire([page(200, "Log in"), connectError("not_found", "no")], { explain, maxRetries: 0 });
  const { message } = await failureOf(client.getWarmPool(poolId));
  expect(message).toBe(
    'GetWarmPool over the connection "eu": the response could not be read: an HTML page: Log in. Do this',
  );
  await failureOf(listed(client.readPrebuildLog("http://logs.example", "t")));
  expect(seen).toMatchObject([
    { rpc: "GetWarmPool", isPage: true },
    { rpc: "PrebuildLogs", origin: "unreadable" },
  ]);
});
