/** The address of the API and the token: Pulumi config before the environment, and no error that shows the token. */
import fc from "fast-check";
import {
  type ConfigSources,
  defaultBaseUrl,
  findBaseUrlProblem,
  findProxyProblem,
  findTokenProblem,
  findSetting,
  readSettings,
  readToken,
} from "../../src/settings/settings.js";
import { refusal } from "../support/refusals.js";

/** Sources that have these config keys (without `ona:`) and variables. */
function sources(config: Readonly<Record<string, string>>, env: ConfigSources["env"] = {}): ConfigSources {
  return { caller: "provider", config: (key) => config[key.replace("ona:", "")], env };
}

test("all settings but the token have defaults", () => {
  expect(readSettings(sources({}))).toEqual({
    baseUrl: "https://app.ona.com/api",
    requestTimeoutMs: 60_000,
    maxRetries: 5,
    preflight: true,
  });
});

describe("the address", () => {
  const everything = {
    ONA_BASE_URL: "https://b.example/api",
    ONA_HOST: "c.example",
    GITPOD_BASE_URL: "https://d.example/api",
  };

  test.each([
    [{ baseUrl: "https://a.example/api" }, everything, "https://a.example/api"],
    [{}, everything, "https://b.example/api"],
    [{}, { ...everything, ONA_BASE_URL: undefined }, "https://c.example/api"],
    [{}, { GITPOD_BASE_URL: "https://d.example/api" }, "https://d.example/api"],
    [{ baseUrl: "  " }, { ONA_BASE_URL: "", ONA_HOST: " ", GITPOD_BASE_URL: "" }, defaultBaseUrl],
  ])("with config %j and environment %j is %s", (config, env, baseUrl) => {
    expect(readSettings(sources(config, env)).baseUrl).toBe(baseUrl);
  });

  test.each([
    ["c.example", "https://c.example/api"],
    ["https://c.example", "https://c.example/api"],
    ["https://c.example//", "https://c.example/api"],
    ["c.example:8443", "https://c.example:8443/api"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000/api"],
  ])("gets /api appended to an ONA_HOST of %s", (host, baseUrl) => {
    expect(readSettings(sources({}, { ONA_HOST: host })).baseUrl).toBe(baseUrl);
  });

  test.each([
    ["https://a.example/api/", "https://a.example/api"],
    ["https://a.example/api///", "https://a.example/api"],
    ["https://a.example", "https://a.example"],
    [" https://A.Example/api ", "https://a.example/api"],
    ["https://a.example/api?", "https://a.example/api"],
    ["https://a.example/api#", "https://a.example/api"],
    ["http://localhost:8080/api", "http://localhost:8080/api"],
    ["http://127.8.9.1:8080", "http://127.8.9.1:8080"],
    ["http://[::1]:8080/api", "http://[::1]:8080/api"],
  ])("%s is normalized to %s", (baseUrl, taken) => {
    expect(readSettings(sources({ baseUrl })).baseUrl).toBe(taken);
  });

  test.each([
    ["http://app.ona.com/api", /^ona:baseUrl must start with https:\/\//],
    ["http://localhost.evil.example", /must start with https/],
    ["http://127.0.0.1.evil.example", /must start with https/],
    ["http://10.0.0.1", /must start with https/],
    ["ftp://a.example", /must start with https/],
    ["app.ona.com", /is not a URL/],
    ["//app.ona.com", /is not a URL/],
    ["https://user:password@a.example", /without user, query or fragment/],
    ["https://a.example/?x=1", /without user, query or fragment/],
    ["https://a.example/#x", /without user, query or fragment/],
  ])("is refused if it is %s", (baseUrl, why) => {
    expect(refusal(() => readSettings(sources({ baseUrl })))).toMatch(why);
  });

  test("is not in its error, since it may contain a password", () => {
    const said = refusal(() => readSettings(sources({}, { ONA_BASE_URL: "https://u:hunter2@a.example" })));
    expect(said).toMatch(/^ONA_BASE_URL must/);
    expect(said).not.toContain("hunter2");
  });
});

describe("an address without /api", () => {
  test.each([
    [{ baseUrl: "https://app.ona.com" }, {}, "ona:baseUrl is https://app.ona.com,"],
    [{ baseUrl: "https://app.ona.com/" }, {}, "ona:baseUrl is https://app.ona.com,"],
    [{}, { ONA_BASE_URL: "https://app.gitpod.io" }, "ONA_BASE_URL is https://app.gitpod.io,"],
    [{}, { GITPOD_BASE_URL: "https://corp.gitpod.io" }, "GITPOD_BASE_URL is https://corp.gitpod.io,"],
    [
      { connections: '{"eu":{"baseUrl":"https://eu.ona.com"}}' },
      {},
      "ona:connections.eu.baseUrl is https://eu.ona.com,",
    ],
  ])("of the vendor's host causes a warning (%j, %j)", (config, env, said) => {
    const doubt = findBaseUrlProblem(sources(config, env), "connections" in config ? "eu" : undefined) ?? "";
    expect(doubt.startsWith(said)).toBe(true);
    expect(doubt).toMatch(/the address of the API usually ends in \/api: https:\/\/[a-z.]+\/api$/);
  });

  test.each([
    [{}, {}],
    [{ baseUrl: "https://app.ona.com/api" }, { ONA_BASE_URL: "https://app.ona.com" }],
    [{ baseUrl: "https://app.ona.com/other" }, {}],
    [{}, { ONA_HOST: "app.ona.com" }],
    [{ baseUrl: "https://ona.example" }, {}],
    [{ baseUrl: "https://notona.com" }, {}],
    [{ baseUrl: "https://ona.com.example" }, {}],
    [{ baseUrl: "http://127.0.0.1:8080" }, {}],
  ])("of another host, or with a path, causes no warning (%j, %j)", (config, env) => {
    expect(findBaseUrlProblem(sources(config, env))).toBeUndefined();
  });
});

describe("a proxy in the environment", () => {
  test("that cannot work is reported by its variable and not shown", () => {
    const said = findProxyProblem(sources({}, { HTTPS_PROXY: "http://user:hun/ter2@proxy.example" }));
    expect(said).toMatch(/^HTTPS_PROXY is not the address of a proxy\./);
    expect(said).not.toContain("hun");
  });

  test.each([{ HTTPS_PROXY: "proxy.example:3128" }, { ALL_PROXY: "socks4://p", NO_PROXY: ".ona.com" }, {}])(
    "that works or is not used causes no warning (%j)",
    (env) => expect(findProxyProblem(sources({}, env))).toBeUndefined(),
  );
});

describe("ona:requestTimeout", () => {
  test.each([
    ["90", 90_000],
    ["90s", 90_000],
    ["1.5", 1_500],
    ["10m", 600_000],
    ["1", 1_000],
    [" 30 ", 30_000],
    ["", 60_000],
  ])("may be %j, which is %d ms", (requestTimeout, milliseconds) => {
    expect(readSettings(sources({ requestTimeout })).requestTimeoutMs).toBe(milliseconds);
  });

  test.each(["0", "0.9", "999ms", "601", "10m1s", "-5", "soon", "1e2", "Infinity", "0x10"])(
    "must not be %j",
    (requestTimeout) => {
      expect(refusal(() => readSettings(sources({ requestTimeout })))).toMatch(/^ona:requestTimeout must be/);
    },
  );
});

describe("ona:maxRetries", () => {
  test.each([
    ["0", 0],
    ["10", 10],
    [" 3 ", 3],
    ["", 5],
  ])("may be %j, which is %d", (maxRetries, retries) => {
    expect(readSettings(sources({ maxRetries })).maxRetries).toBe(retries);
  });

  test.each(["-1", "11", "1.5", "many", "NaN"])("must not be %j", (maxRetries) => {
    expect(refusal(() => readSettings(sources({ maxRetries })))).toMatch(/^ona:maxRetries must be/);
  });
});

describe("ona:preflight", () => {
  test.each([
    ["true", true],
    [" false ", false],
    ["", true],
  ])("may be %j, which is %s", (preflight, isOn) => {
    expect(readSettings(sources({ preflight })).preflight).toBe(isOn);
  });

  test.each(["no", "0", "False"])("must not be %j", (preflight) => {
    expect(refusal(() => readSettings(sources({ preflight })))).toBe("ona:preflight must be true or false.");
  });
});

describe("the token", () => {
  const everything = { ONA_API_KEY: "b", ONA_TOKEN: "c", GITPOD_API_KEY: "d" };

  test.each([
    [{ apiKey: "a" }, everything, "a"],
    [{}, everything, "b"],
    [{}, { ...everything, ONA_API_KEY: " " }, "c"],
    [{}, { GITPOD_API_KEY: "d" }, "d"],
    [{}, { ONA_API_KEY: " padded\n" }, "padded"],
  ])("with config %j and environment %j is %s", (config, env, token) => {
    expect(readToken(sources(config, env))).toBe(token);
    expect(findTokenProblem(sources(config, env))).toBeUndefined();
  });

  test.each([
    [{ apiKey: "a" }, everything, "ona:apiKey"],
    [{ apiKey: " " }, everything, "ONA_API_KEY"],
    [{}, { ONA_TOKEN: "c", GITPOD_API_KEY: "d" }, "ONA_TOKEN"],
    [{}, { GITPOD_API_KEY: "d" }, "GITPOD_API_KEY"],
    [{}, {}, undefined],
  ])("with config %j and environment %j is from %s", (config, env, source) => {
    expect(findSetting(sources(config, env), undefined, "apiKey")?.source).toBe(source);
  });

  test.each([
    ["Bearer s3cret", /^ONA_TOKEN starts with "Bearer", which is not part of the token\. Remove it\.$/],
    ["bearer\ts3cret", /starts with "Bearer"/],
    ["Authorization: Bearer s3cret", /starts with "Bearer"/],
    ['"s3cret"', /^ONA_TOKEN starts or ends with a quotation mark, which is not part of the token\. Remove it\.$/],
    ["'s3cret'", /quotation mark/],
    ["`s3cret`", /quotation mark/],
    ["\u201cs3cret\u201d", /quotation mark/],
    ['s3cret"', /quotation mark/],
    ['"Bearer s3cret"', /quotation mark/],
    ["s3c ret", /contains whitespace or characters that cannot be sent/],
  ])("copied as %s is refused with the reason and not shown", (ONA_TOKEN, why) => {
    const said = refusal(() => readToken(sources({}, { ONA_TOKEN })));
    expect(said).toMatch(why);
    expect(said).not.toContain("s3c");
    expect(findTokenProblem(sources({}, { ONA_TOKEN }))).toBe(said);
  });

  test.each(["Bearer", "bearer-of-news", "it's"])("may be %s", (apiKey) => {
    expect(readToken(sources({ apiKey }))).toBe(apiKey);
  });

  test("that is missing is reported with the names of its settings", () => {
    expect(findSetting(sources({}), undefined, "apiKey")?.source).toBeUndefined();
    expect(refusal(() => readToken(sources({}, { ONA_API_KEY: "" })))).toMatch(
      /ONA_API_KEY.*pulumi config set --secret ona:apiKey.*--run-program/,
    );
  });

  test("that cannot be sent in a header is refused and not shown", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (part) => {
        const apiKey = `sec${part}ret`;
        fc.pre(!/^[\x21-\x7e]+$/.test(apiKey));
        const said = refusal(() => readToken(sources({ apiKey })));
        expect(said).toBe("ona:apiKey is not a token: it contains whitespace or characters that cannot be sent.");
      }),
    );
  });
});
