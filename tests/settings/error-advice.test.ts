/** The advice on failed calls is true for whoever made the call. */
import { connectCodes, type ErrorOrigin, OnaError, type OnaErrorFacts } from "../../src/client/errors.js";
import { clientOptions } from "../../src/settings/client-options.js";
import type { Caller } from "../../src/settings/sources.js";

interface Situation {
  readonly caller?: Caller;
  readonly connection?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const failed = (facts: Partial<OnaErrorFacts>): OnaErrorFacts => ({
  rpc: "GetWarmPool",
  code: "internal",
  origin: "api",
  detail: "no",
  ...facts,
});

/** The error that a client with the options of a caller throws. */
function explain(facts: Partial<OnaErrorFacts>, situation: Situation = {}): OnaError {
  const { caller = "provider", connection, config = {}, env = { ONA_API_KEY: "token" } } = situation;
  const sources = { caller, config: (key: string) => config[key], env };
  const options = clientOptions(() => sources, connection, fail);
  return new OnaError(failed(facts)).with(options.explain ?? fail);
}

function fail(): never {
  throw new Error("nothing may be logged, and there must be advice");
}

const callers = ["provider", "program", "cli"] as const;

describe("a rejected token", () => {
  const rejected = { code: "unauthenticated" } as const;

  test.each([
    ["provider", {}, { ONA_TOKEN: "x" }, "ONA_TOKEN"],
    ["provider", { "ona:apiKey": "x" }, { ONA_TOKEN: "x" }, "ona:apiKey"],
    ["program", {}, { ONA_API_KEY: "x" }, "ONA_API_KEY"],
    ["program", { "ona:apiKey": "x" }, {}, "ona:apiKey"],
    ["cli", {}, { GITPOD_API_KEY: "x" }, "GITPOD_API_KEY"],
  ] as const)("is named by its place (%s, %j, %j)", (caller, config, env, source) => {
    expect(explain(rejected, { caller, config, env }).message).toContain(
      `no. Replace the token in ${source}: it is unknown, expired or revoked`,
    );
  });

  const configUse =
    /\. `pulumi refresh`, `pulumi destroy` and `--refresh` use the config of the last `pulumi up` unless you add --run-program$/;

  test("that is in config is replaced there for `up` only, so the provider says what refresh and destroy use", () => {
    const config = { "ona:apiKey": "x" };
    expect(explain(rejected, { config }).message).toMatch(configUse);
    const connections = { "ona:connections": '{"eu":{"apiKey":"x","baseUrl":"https://eu.example"}}' };
    expect(explain(rejected, { config: connections, connection: "eu" }).message).toMatch(configUse);
  });

  test("that is in the environment is replaced for every command, whatever the config of the last `up` is", () => {
    for (const config of [{}, { "ona:baseUrl": "https://a.example" }] as Record<string, string>[])
      expect(explain(rejected, { config }).message).toMatch(/ONA_API_KEY: it is unknown, expired or revoked$/);
  });

  test("a function in the program always sees the current config, so it says nothing about that", () => {
    expect(explain(rejected, { caller: "program" }).message).toMatch(/expired or revoked$/);
  });

  test("a command says that it does not read the stack's config", () => {
    expect(explain(rejected, { caller: "cli" }).message).toMatch(
      /revoked\. This command does not read the stack's config$/,
    );
  });
});

describe.each(callers)("called by the %s", (caller) => {
  const origins: readonly ErrorOrigin[] = [
    "api",
    "http",
    "network",
    "certificate",
    "timeout",
    "unreadable",
    "redirect",
  ];
  const everything = origins.flatMap((origin) =>
    connectCodes.flatMap((code) =>
      [404, 405, 407, 429, 503].flatMap((httpStatus) =>
        ["GetWarmPool", "CreateWarmPool", "GetPrebuild", "PrebuildLogs"].flatMap((rpc) =>
          [{ isPage: true }, { retry: { kind: "after", milliseconds: 5_400_000 } as const }].map((more) =>
            explain(
              { rpc, code, origin, httpStatus, ...more },
              { caller, connection: "eu", env: { ONA_EU_API_KEY: "x", ONA_EU_BASE_URL: "https://eu.example/api" } },
            ),
          ),
        ),
      ),
    ),
  );

  test("no advice ends with a period or makes the message longer than 60 words", () => {
    for (const { message } of everything) {
      expect(message).not.toMatch(/\.$/);
      expect([message, message.split(/\s+/).length <= 60]).toEqual([message, true]);
    }
  });

  test("advice on a connection never names the general settings", () => {
    for (const { message } of everything) expect(message).not.toMatch(/ona:(apiKey|baseUrl)|ONA_(API_KEY|BASE_URL)/);
  });

  test("advice names commands of pulumi and config only to those who have them", () => {
    for (const { message } of everything) {
      if (caller !== "provider") expect(message).not.toMatch(/`pulumi |--run-program/);
      if (caller === "cli") expect(message).not.toContain("ona:");
    }
  });
});

test.each([
  [{ code: "permission_denied" }, /read-only .* Enterprise\)$/],
  [{ code: "unavailable" }, /The API may be down or busy: try again$/],
  [{ code: "unimplemented" }, /Check that ona:baseUrl \(or ONA_BASE_URL\) is the address of an Ona API/],
  [{ code: "failed_precondition" }, /Check that prebuilds are enabled for the project/],
  [{ code: "resource_exhausted" }, /quota, not a rate limit/],
  [{ code: "resource_exhausted", retry: { kind: "after", milliseconds: 5_400_000 } }, /The API asks to wait 1h30m/],
  [{ rpc: "GetPrebuild", code: "not_found" }, /The API removes each prebuild after seven days$/],
  [{ rpc: "CreatePrebuildLogsToken", code: "not_found" }, /The API removes each prebuild after seven days$/],
  [{ rpc: "CreatePrebuild", code: "not_found" }, /Check projectId and environmentClassId, and that the token/],
  [{ rpc: "CreateWarmPool", code: "not_found" }, /Check projectId and environmentClassId, and that the token/],
  [{ code: "not_found" }, /answered not_found: no$/],
  [{ code: "unimplemented", origin: "http", httpStatus: 404 }, /ona:baseUrl .*, which usually ends in \/api$/],
  [{ code: "unknown", origin: "http", httpStatus: 405 }, /does not accept API calls, and nothing was changed.* \/api$/],
  [
    { code: "unknown", origin: "http", httpStatus: 407 },
    /requires authentication.*HTTPS_PROXY=http:\/\/user:password@host:port`$/,
  ],
  [{ code: "unavailable", origin: "http", httpStatus: 429 }, /limits requests: try again later$/],
  [{ code: "unavailable", origin: "http", httpStatus: 502 }, /try again$/],
  [
    { code: "unavailable", origin: "http", httpStatus: 429, retry: { kind: "after", milliseconds: 5_400_000 } },
    /The proxy or gateway in between asks to wait 1h30m before the next try$/,
  ],
  [{ origin: "network" }, /Check ona:baseUrl \(or ONA_BASE_URL\) and the network in between$/],
  [
    { origin: "network", proxy: "all_proxy" },
    /Check the proxy in all_proxy, ona:baseUrl \(or ONA_BASE_URL\) and the network in between$/,
  ],
  [{ code: "unknown", origin: "http", httpStatus: 407, proxy: "https_proxy" }, /`https_proxy=http:\/\/user:password@/],
  [{ origin: "certificate" }, /set NODE_EXTRA_CA_CERTS to its file\. Otherwise check ona:baseUrl/],
  [{ origin: "timeout" }, /Try again, or raise ona:requestTimeout\. `pulumi refresh`.* unless you add --run-program$/],
  [{ origin: "redirect" }, /log in \(SSO\).*set ona:baseUrl \(or ONA_BASE_URL\) to its new address$/],
  [{ origin: "unreadable" }, /could not be read: no$/],
  [{ origin: "unreadable", isPage: true }, /not from the API\. Check ona:baseUrl .* wants users to log in$/],
  [{ rpc: "PrebuildLogs", code: "unauthenticated" }, /The log's token has expired, or is not valid for this log$/],
  [{ rpc: "PrebuildLogs", code: "permission_denied" }, /The log's token has expired/],
  [{ rpc: "PrebuildLogs", origin: "redirect" }, /only sent to the address that the API returned$/],
  [{ rpc: "PrebuildLogs", origin: "network" }, /Check the address of the log and the network in between$/],
  [{ rpc: "PrebuildLogs", code: "not_found" }, /the log server answered not_found: no$/],
] as const)("advises on %j", (facts, message) => {
  expect(explain(facts).message).toMatch(message);
});

const wrongAddress = [
  { origin: "redirect" },
  { origin: "network" },
  { origin: "certificate" },
  { origin: "unreadable", isPage: true },
  { code: "unimplemented" },
  { code: "unimplemented", origin: "http", httpStatus: 404 },
  { code: "unknown", origin: "http", httpStatus: 405 },
] as const;

test.each(wrongAddress)("names only the place that the address is in (%j)", (facts) => {
  const [config, env] = [{ "ona:baseUrl": "https://a.example/api" }, { ONA_API_KEY: "x", ONA_BASE_URL: "https://b" }];
  const { message } = explain(facts, { config, env });
  expect(message).toMatch(
    /ona:baseUrl.*\. `pulumi refresh`, `pulumi destroy` and `--refresh` use the config of the last `pulumi up`/,
  );
  // Config wins over it, so changing it would change nothing.
  expect(message).not.toContain("ONA_BASE_URL");
  expect(explain(facts, { env }).message).toContain("ona:baseUrl (or ONA_BASE_URL)");
  expect(explain(facts, { env }).message).not.toContain("`pulumi refresh`");
});

test("a command cannot raise the timeout, which is in the stack's config", () => {
  expect(explain({ origin: "timeout" }, { caller: "cli" }).message).toMatch(/\. Try again$/);
});

test("the connection is named in the message, without anything that could steer a terminal", () => {
  const env = { ONA_E__31MU_API_KEY: "x", ONA_E__31MU_BASE_URL: "https://eu.example/api" };
  const { message } = explain({}, { connection: "e\u001b[31mu", env });
  expect(message).toMatch(/^GetWarmPool over the connection "e.*u": /);
  expect(message).not.toMatch(/\p{Cc}/u);
});
