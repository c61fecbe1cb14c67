/**
 * Random hostile responses, as a user meets them: through the client, the provider object and a command's output.
 * FUZZ_RUNS and FUZZ_SEED set how many and which ones.
 */
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { toAccountStatus } from "../../src/cli/status/account-status.js";
import { render } from "../../src/cli/status/render.js";
import { formatJson } from "../../src/cli/format.js";
import { createPalette } from "../../src/cli/terminal.js";
import { OnaClient, OnaError } from "../../src/client/index.js";
import * as provider from "../../src/provider.js";
import { detailsOf as poolDetails } from "../../src/warm-pool/state.js";
import { detailsOf as prebuildDetails } from "../../src/prebuild/state.js";
import { LogLines } from "../../src/prebuild/log/lines.js";
import { environmentClassId, poolId, prebuildId, projectId } from "../support/messages.js";
import { FakeClock } from "../support/fake-clock.js";
import { type Reply, WireServer } from "../support/wire-server.js";

const token = "ona_pat_Zm9yLXRoZS1mdXp6LXRlc3Q";
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 200);
const seed = Number(process.env["FUZZ_SEED"] ?? 20_261_128);

/** The largest text of any kind: a log address. */
const maxLength = 4_200;

// Text.

const separator = fc.constantFrom(
  ..."\u001b[0m|\u009b31m|\u001b]0;x\u0007|\u200b|\u00ad|\ufe0f|\u{e0041}|\u0000|\b|\r\n|\u2028| |\u00a0|\ud83d|\u202e|\u3164|".split(
    "|",
  ),
);
const disguisedToken = fc
  .tuple(fc.integer({ min: 0, max: token.length }), separator, fc.boolean())
  .map(([at, between, upper]) => {
    const text = token.slice(0, at) + between + token.slice(at);
    return upper ? text.toUpperCase() : text;
  });
const commandPart = fc.constantFrom(
  ...'::add-mask::x|::set-output name=a::b|##[group]|##vso[task.x]|##teamcity[x]|section_start:1:a|section_end:1:a|--- |+++ |^^^ +++|~~~ |<{%reset%}>|<{%|##|#|[|:|::|vso[|section_|\\n|\\u001b|\\u003a|{"|":1}|["|[token]'.split(
    "|",
  ),
);
const piece = fc.oneof(
  commandPart,
  separator,
  disguisedToken,
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("error: ", "ok", "\n", "\t", "…", "… (7 characters)", "&#27;", "&#95;", "%1b", "\\u005f"),
);
const hostileText = fc
  .tuple(
    fc.array(piece, { maxLength: 8 }),
    fc.constantFrom(1, 1, 1, 1, 1, 40, 3_000),
    fc.constantFrom("", "", "\u200b".repeat(65_500)),
  )
  .map(([pieces, times, filler]) => filler + pieces.join("").repeat(times));

// JSON, as text: some numbers are none in JavaScript.

const rawNumber = fc.oneof(
  fc.constantFrom("1e999", "-1e999", "1.5", "-0", "1e21", "9007199254740993", "2147483648", "1E400", "9".repeat(300)),
  fc.constantFrom("9".repeat(200_000)),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
const json = (value: unknown) => JSON.stringify(value);
const hostileJson = fc.oneof(
  { weight: 6, arbitrary: hostileText.map(json) },
  { weight: 3, arbitrary: rawNumber },
  { weight: 1, arbitrary: rawNumber.map(json) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "null",
      "true",
      "[]",
      "{}",
      '""',
      `[${"0,".repeat(5_000)}0]`,
      `${"[".repeat(20_000)}1${"]".repeat(20_000)}`,
    ),
  },
);

/** An object with most of these properties, which are rarely of another type, and others that nobody knows. */
function objectOf(properties: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const known = Object.entries(properties).map(([name, value]) => {
    const json = value.map((text) => [`${JSON.stringify(name)}:${text}`]);
    const other = hostileJson.map((text) => [`${JSON.stringify(name)}:${text}`]);
    return fc.oneof(
      { weight: 40, arbitrary: json },
      { weight: 1, arbitrary: other },
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
    );
  });
  const unknown = fc.array(
    fc.tuple(hostileText, hostileJson).map(([name, value]) => `${JSON.stringify(name)}:${value}`),
    { maxLength: 1 },
  );
  return fc.tuple(fc.tuple(...known), unknown).map(([parts, others]) => `{${[...parts.flat(), ...others].join(",")}}`);
}

const id = fc.oneof(
  fc.constantFrom(poolId, prebuildId, projectId, environmentClassId.toUpperCase()).map(json),
  hostileText.map((text) => json(`${text}x`)),
);
const time = fc.oneof(fc.constant(json("2026-03-01T12:00:00.123456789Z")), hostileText.map(json));
const count = fc.constantFrom("0", "3", '"4"');
const message = hostileText.map(json);
const phase = (prefix: string) =>
  fc.oneof(
    fc.constantFrom("READY", "COMPLETED", "FAILED", "DELETING").map((name) => json(prefix + name)),
    hostileText.map((name) => json(prefix + name)),
  );
const subject = objectOf({ id, principal: phase("PRINCIPAL_") });
const metadata = objectOf({
  organizationId: id,
  projectId: id,
  environmentClassId: id,
  runnerId: id,
  createdAt: time,
  updatedAt: time,
  creator: subject,
  executor: subject,
  triggeredBy: phase("PREBUILD_TRIGGER_"),
});
const pool = objectOf({
  id,
  metadata,
  spec: objectOf({ specVersion: count, desiredSize: count, snapshotId: id, minSize: count, maxSize: count }),
  status: objectOf({
    phase: phase("WARM_POOL_PHASE_"),
    failureMessage: message,
    runningInstances: count,
    stoppedInstances: count,
    desiredSize: count,
  }),
});
const prebuild = objectOf({
  id,
  metadata,
  spec: objectOf({
    timeout: fc.constantFrom("3600s", "1e9s", `${"9".repeat(150)}s`, "-1s").map(json),
    specVersion: count,
  }),
  status: objectOf({
    phase: phase("PREBUILD_PHASE_"),
    failureMessage: message,
    warningMessage: message,
    completionTime: time,
    logUrl: hostileText.map((text) => json(`https://logs.example/${text}`)),
    environmentId: id,
    snapshotCompletionPercentage: count,
    snapshotSizeBytes: count,
  }),
});
const page = (name: string, item: fc.Arbitrary<string>) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.array(item, { maxLength: 3 }), hostileText.map(json))
        .map(([items, next]) => `{${json(name)}:[${items.join(",")}],"pagination":{"nextToken":${next}}}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(130_000, 1_000).map((length) => `{${json(name)}:[${"0,".repeat(length)}0]}`),
    },
  );
const detail = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("google.rpc.RetryInfo", "gitpod.v1.ActionableErrorDetails", "x"),
      fc.uint8Array({ maxLength: 20 }),
      hostileText,
    )
    .map(([type, bytes, text]) => json({ type, value: Buffer.concat([bytes, userMessage(text)]).toString("base64") })),
  hostileJson,
);
const connectError = fc
  .tuple(
    fc.constantFrom("internal", "unavailable", "not_found", "resource_exhausted", "odd"),
    hostileJson,
    fc.oneof(
      { weight: 9, arbitrary: fc.array(detail, { maxLength: 3 }).map((details) => details.join(",")) },
      { weight: 1, arbitrary: fc.constant(`${"{},".repeat(130_000)}{}`) },
    ),
  )
  .map(([code, said, details]) => `{"code":${json(code)},"message":${said},"details":[${details}]}`);

/** Field 2 of a message, as the user message of an error has it. */
function userMessage(text: string): Buffer {
  const bytes = Buffer.from(text.slice(0, 60));
  return Buffer.concat([Buffer.of(0x12, bytes.length & 0x7f), bytes]);
}

// Responses.

const calls = [
  "GetWarmPool",
  "GetPrebuild",
  "ListWarmPools",
  "ListPrebuilds",
  "CreatePrebuildLogsToken",
  "PrebuildLogs",
] as const;
type Call = (typeof calls)[number];

const bodyOf: Readonly<Record<Call, fc.Arbitrary<string>>> = {
  GetWarmPool: pool.map((text) => `{"warmPool":${text}}`),
  GetPrebuild: prebuild.map((text) => `{"prebuild":${text}}`),
  ListWarmPools: page("warmPools", pool),
  ListPrebuilds: page("prebuilds", prebuild),
  CreatePrebuildLogsToken: objectOf({ accessToken: hostileText.map(json) }),
  PrebuildLogs: fc.array(hostileText, { maxLength: 5 }).map((lines) => lines.join("\n")),
};

type Encode = (text: string) => Uint8Array;
const encoding: fc.Arbitrary<Encode> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Encode>((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Encode>(
      (text) => Buffer.from(text, "utf16le"),
      (text) => Buffer.from(text, "latin1"),
      (text) => Buffer.from(`\ufeff${text}`),
      (text) => Buffer.from(text).subarray(0, text.length / 2),
      () => Buffer.alloc(50_000, 0xff),
    ),
  },
);

interface Hostile {
  readonly call: Call;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const headerText = hostileText.map((text) => encodeURI(text.slice(0, 2_000).toWellFormed()));
const location = fc.oneof(
  headerText.map((text) => `https://elsewhere.example/${text}`),
  headerText.map((text) => `file:///${text}`),
  fc.constantFrom("/again", "::", `https://${token}.example/`, "data:text/plain,::add-mask::x"),
);

const response: fc.Arbitrary<Hostile> = fc.constantFrom(...calls).chain((call) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        call: fc.constant(call),
        status: fc.constant(200),
        headers: fc.constant({}),
        body: fc.tuple(encoding, bodyOf[call]).map(([encode, text]) => encode(text)),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        call: fc.constant(call),
        status: fc.constantFrom(200, 400, 401, 403, 404, 407, 409, 429, 500, 502, 503, 599),
        headers: fc.oneof(
          fc.constant({}),
          fc.constantFrom("text/html", "application/json").map((type) => ({ "content-type": type })),
          headerText.map((text) => ({
            "retry-after": text,
            "ratelimit-retryafter": text,
            date: text,
            "content-encoding": text,
          })),
        ),
        body: fc
          .tuple(
            encoding,
            fc.oneof(
              connectError,
              hostileText,
              hostileText.map((text) => `<title>${text}</title><p>${text}`),
              hostileJson,
            ),
          )
          .map(([encode, text]) => encode(text)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        call: fc.constant(call),
        status: fc.constantFrom(301, 302, 307, 308),
        headers: location.map((to) => ({ location: to })),
        body: fc.constant(new Uint8Array()),
      }),
    },
  ),
);

// What must never be seen.

const harmful =
  /##(?:vso|teamcity)?\[|section_(?:start|end):\d|<\{%|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|^\s*::[a-z]/iu;
const heading = /^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)/;

function expectHarmless(text: string, isLogLine = false): void {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  const problem = harmful.exec(text)?.[0] ?? (isLogLine ? undefined : heading.exec(text)?.[0]);
  expect({ problem, in: problem === undefined ? "" : shown }).toEqual({ problem: undefined, in: "" });
  expect(text.replace(/\s/g, "").toLowerCase()).not.toContain(token.toLowerCase());
  expect(text.length).toBeLessThanOrEqual(maxLength);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") expect(Number.isSafeInteger(value)).toBe(true);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function expectError(error: unknown): void {
  if (!(error instanceof OnaError)) throw error;
  for (const text of [error.message, error.detail, error.userMessage ?? "", error.stack?.split("\n    at ")[0] ?? ""])
    expectHarmless(text);
}

let server: WireServer;
let client: OnaClient;
let printed: string[];
beforeAll(async () => {
  server = await WireServer.start();
  client = new OnaClient({
    baseUrl: server.origin,
    token: () => token,
    maxRetries: 0,
    clock: new FakeClock({ passing: 30_000 }),
  });
});
afterAll(async () => {
  await client.close();
  await server.close();
});
beforeEach(() => {
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => jest.restoreAllMocks());

function reply({ status, headers, body }: Hostile): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Makes the call, and returns what it gives: the messages, or the lines of a log. */
async function make(call: Call): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  if (call === "GetWarmPool") return [await client.getWarmPool(poolId)];
  if (call === "GetPrebuild") return [await client.getPrebuild(prebuildId)];
  if (call === "ListWarmPools") for await (const each of client.listWarmPools()) found.push(each);
  if (call === "ListPrebuilds") for await (const each of client.listPrebuilds()) found.push(each);
  // It is a secret, so it need not be harmless.
  if (call === "CreatePrebuildLogsToken")
    expect((await client.createPrebuildLogsToken(prebuildId)).length).toBeLessThanOrEqual(4_096);
  if (call === "PrebuildLogs") {
    const lines = new LogLines((text) => client.hideSecrets(text));
    for await (const chunk of client.readPrebuildLog(`${server.origin}/log`, "ona_logs_of_the_fuzz_test"))
      found.push(...lines.push(chunk));
    const rest = lines.rest();
    if (rest !== undefined) found.push(rest);
  }
  return found;
}

const canvas = { palette: createPalette({ env: { NO_COLOR: "1" }, screen: undefined }), unicode: true };

test("no response, however hostile, puts a token, a control character or a command into results, errors or output", async () => {
  let results = 0;
  await fc.assert(
    fc.asyncProperty(response, async (hostile) => {
      const before = server.requests.length;
      server.queue(reply(hostile));
      try {
        const found = await make(hostile.call);
        results += found.length;
        for (const text of stringsIn(found)) expectHarmless(text, hostile.call === "PrebuildLogs");
        const warmPools =
          hostile.call.endsWith("WarmPool") || hostile.call === "ListWarmPools"
            ? found.map((each) => poolDetails(each as Parameters<typeof poolDetails>[0]))
            : [];
        const prebuilds =
          hostile.call.endsWith("Prebuild") || hostile.call === "ListPrebuilds"
            ? found.map((each) => prebuildDetails(each as Parameters<typeof prebuildDetails>[0]))
            : [];
        for (const text of stringsIn([warmPools, prebuilds])) expectHarmless(text);
        const status = toAccountStatus({ warmPools, prebuilds, now: 1_772_366_400_000 });
        for (const width of [40, Infinity])
          for (const line of render(status, { ...canvas, width })) expectHarmless(line);
        for (const line of formatJson(status).split("\n")) expectHarmless(line);
      } catch (error) {
        expectError(error);
      }
      // The call, a page that follows, and redirects: whatever else the server says, there are no more requests.
      expect(server.requests.length - before).toBeLessThanOrEqual(2);
      server.clear();
    }),
    { numRuns, seed },
  );
  // The responses are not so hostile that all of them are refused.
  expect(results).toBeGreaterThan(numRuns / 5);
}, 600_000);

test("no response to a refresh puts any of these into state or output", async () => {
  const config: Readonly<Record<string, string>> = {
    "ona:apiKey": token,
    "ona:baseUrl": server.origin,
    "ona:maxRetries": "0",
  };
  const providers = { GetWarmPool: provider.warmPool, GetPrebuild: provider.prebuild };
  const state = { projectId, environmentClassId, __managed: [], __provider: "the stub", __version: 1 };
  for (const each of Object.values(providers)) await each.configure({ config: { get: (key) => config[key] } });
  let read = 0;
  await fc.assert(
    fc.asyncProperty(
      response.filter(
        // Rate limits take real time here.
        ({ call, status, body }) =>
          call.startsWith("Get") &&
          status !== 429 &&
          status !== 503 &&
          !Buffer.from(body).includes("resource_exhausted"),
      ),
      async (hostile) => {
        server.queue(reply(hostile));
        try {
          const result = await providers[hostile.call as "GetWarmPool"].read(
            hostile.call === "GetWarmPool" ? poolId : prebuildId,
            state,
          );
          if (result.props !== undefined) read++;
          for (const text of stringsIn([result.props, result.inputs])) expectHarmless(text);
        } catch (error) {
          if (!(error instanceof Error) || error.stack !== error.message) throw error;
          expectHarmless(error.message);
        }
        for (const line of printed.splice(0)) expectHarmless(line);
        server.clear();
      },
    ),
    { numRuns: Math.ceil(numRuns / 3), seed },
  );
  expect(read).toBeGreaterThan(numRuns / 30);
}, 600_000);
