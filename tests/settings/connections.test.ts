/** Named connections: where their settings are found, and errors about those that are not. */
import fc from "fast-check";
import { type ConfigSources, findSetting, readSettings, readToken } from "../../src/settings/settings.js";
import { describeConnectionProblem, nameSettings } from "../../src/settings/connections.js";
import { refusal } from "../support/refusals.js";

/** Sources with this `ona:connections`, other config keys (without `ona:`) and variables. */
function sources(
  connections: unknown,
  env: ConfigSources["env"] = {},
  config: Record<string, string> = {},
): ConfigSources {
  const text = typeof connections === "string" ? connections : connections && JSON.stringify(connections);
  const all: Record<string, unknown> = { ...config, connections: text };
  return { caller: "provider", config: (key) => all[key.replace("ona:", "")] as string | undefined, env };
}

describe("the token of a connection", () => {
  const everything = {
    ONA_EU_API_KEY: "from-env",
    ONA_EU_BASE_URL: "https://eu.example/api",
    ONA_API_KEY: "general",
    ONA_US_API_KEY: "of-another",
  };

  test.each([
    [{ eu: { apiKey: "from-config" } }, everything, "from-config"],
    [{ eu: { apiKey: "  " } }, everything, "from-env"],
    [{ eu: {} }, everything, "from-env"],
    [undefined, everything, "from-env"],
    ["", everything, "from-env"],
  ])("with ona:connections %j and environment %j is %s", (connections, env, token) => {
    expect(readToken(sources(connections, env), "eu")).toBe(token);
    const source = token === "from-config" ? "ona:connections.eu.apiKey" : "ONA_EU_API_KEY";
    expect(findSetting(sources(connections, env), "eu", "apiKey")?.source).toBe(source);
  });

  test("is never the general one or that of another connection", () => {
    const others = { ONA_API_KEY: "general", ONA_TOKEN: "general", ONA_US_API_KEY: "of-another" };
    const told = sources({ us: { apiKey: "of-another" } }, others, { apiKey: "general" });
    expect(findSetting(told, "eu", "apiKey")?.source).toBeUndefined();
    expect(refusal(() => readToken(told, "eu"))).toBe(
      'The connection "eu" is not configured (ona:connections has us). ' +
        "ona:connections in Pulumi.<stack>.yaml replaces all of ona:connections in Pulumi.yaml. " +
        "Set the environment variables ONA_EU_API_KEY and ONA_EU_BASE_URL, or run `pulumi config set --path ona:connections.eu.baseUrl ADDRESS` " +
        "and `pulumi config set --secret --path ona:connections.eu.apiKey`. " +
        "`pulumi refresh`, `pulumi destroy` and `--refresh` use the config of the last `pulumi up` unless you add --run-program.",
    );
  });

  test.each([
    [{}, {}, "environment variables ONA_EU_API_KEY and ONA_EU_BASE_URL, or"],
    [{ baseUrl: "https://eu.example/api" }, {}, "environment variable ONA_EU_API_KEY, or"],
    [{}, { ONA_EU_BASE_URL: "https://eu.example/api" }, "environment variable ONA_EU_API_KEY, or"],
  ])("is reported as missing if the connection is configured (%j, %j)", (eu, env, variables) => {
    const message = refusal(() => readToken(sources({ eu }, env), "eu"));
    expect(message).toMatch(/^No Ona API token for the connection "eu"\. /);
    expect(message).toContain(`Set the ${variables} run \`pulumi config set`);
  });

  test("that cannot be sent is named by its setting and not shown", () => {
    const message = refusal(() =>
      readToken(sources({ eu: { apiKey: "se cret", baseUrl: "https://eu.example" } }), "eu"),
    );
    expect(message).toBe(
      "ona:connections.eu.apiKey is not a token: it contains whitespace or characters that cannot be sent.",
    );
  });
});

describe("the address of a connection", () => {
  const token = { ONA_EU_API_KEY: "of-eu" };

  test.each([
    [{ baseUrl: "https://eu.example/api/" }, { ONA_EU_BASE_URL: "https://env.example/api" }, "https://eu.example/api"],
    [{ baseUrl: " " }, { ONA_EU_BASE_URL: "https://env.example/api" }, "https://env.example/api"],
    [undefined, { ONA_EU_BASE_URL: "https://env.example/api" }, "https://env.example/api"],
  ])("with %j in ona:connections and environment %j is %s", (eu, env, baseUrl) => {
    const told = sources(eu && { eu }, { ...token, ...env }, { baseUrl: "https://all.example/api" });
    expect(readSettings(told, "eu").baseUrl).toBe(baseUrl);
  });

  test.each([
    ["in config", { eu: { apiKey: "of-eu" } }, {}, {}],
    ["in the environment", undefined, token, {}],
    ["next to a general address in config", { eu: { apiKey: "of-eu" } }, {}, { baseUrl: "https://all.example/api" }],
    ["next to a general address in the environment", undefined, { ...token, ONA_BASE_URL: "https://all.example" }, {}],
    ["next to another connection", { us: { baseUrl: "https://us.example/api" } }, token, {}],
  ])("must be its own, so a token alone is refused (%s)", (_where, connections, env, config) => {
    const told = sources(connections, env, config);
    const source = connections !== undefined && "eu" in connections ? "ona:connections.eu.apiKey" : "ONA_EU_API_KEY";
    for (const read of [readSettings, readToken]) {
      expect(refusal(() => read(told, "eu"))).toContain(
        `The connection "eu" has a token (${source}) but no address, so the token is not sent. `,
      );
    }
  });

  test("that is missing is explained by what Pulumi replaces, and the advice sets token and address", () => {
    expect(describeConnectionProblem(sources({ eu: { apiKey: "of-eu" } }), "eu")).toBe(
      'The connection "eu" has a token (ona:connections.eu.apiKey) but no address, so the token is not sent. ' +
        "ona:connections in Pulumi.<stack>.yaml replaces all of ona:connections in Pulumi.yaml. " +
        "Set the environment variable ONA_EU_BASE_URL, or run `pulumi config set --path ona:connections.eu.baseUrl ADDRESS` " +
        "and `pulumi config set --secret --path ona:connections.eu.apiKey`",
    );
    const cli = { ...sources(undefined, token), caller: "cli" } as const;
    expect(refusal(() => readSettings(cli, "eu"))).toBe(
      'The connection "eu" has a token (ONA_EU_API_KEY) but no address, so the token is not sent. ' +
        "Set the environment variable ONA_EU_BASE_URL. This command does not read the stack's config.",
    );
  });

  test("must not be plain http, and the error names the setting", () => {
    const told = sources({ eu: { baseUrl: "http://eu.example/api" } }, token);
    expect(refusal(() => readSettings(told, "eu"))).toContain("ona:connections.eu.baseUrl must start with https://");
    expect(refusal(() => readSettings(sources(undefined, { ...token, ONA_EU_BASE_URL: "nowhere" }), "eu"))).toContain(
      "ONA_EU_BASE_URL is not a URL",
    );
  });

  test("is the general one if no connection is named", () => {
    const told = sources({ eu: { baseUrl: "https://eu.example/api" } }, { ONA_EU_BASE_URL: "https://eu.example/api" });
    expect(readSettings(told).baseUrl).toBe("https://app.ona.com/api");
  });
});

test("timeout and retries are those of the general settings", () => {
  const eu = { apiKey: "of-eu", baseUrl: "https://eu.example/api" };
  const told = sources({ eu }, {}, { requestTimeout: "90s", maxRetries: "2" });
  expect(readSettings(told, "eu")).toMatchObject({ requestTimeoutMs: 90_000, maxRetries: 2 });
});

test.each([
  ["eu", "ONA_EU_API_KEY", "ona:connections.eu.apiKey"],
  ["eu-west.1", "ONA_EU_WEST_1_API_KEY", 'ona:connections["eu-west.1"].apiKey'],
  ["Team Two", "ONA_TEAM_TWO_API_KEY", 'ona:connections["Team Two"].apiKey'],
  ["straße", "ONA_STRASSE_API_KEY", 'ona:connections["straße"].apiKey'],
  ["eu-west", "ONA_EU_WEST_API_KEY", "ona:connections.eu-west.apiKey"],
])("the settings of %s are called %s and %s", (name, variable, config) => {
  expect(nameSettings(name).apiKey).toEqual({ config, variable });
});

test("the variables of any name can be set in a shell and are not the general ones", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (name) => {
      const { apiKey, baseUrl } = nameSettings(name);
      for (const { variable } of [apiKey, baseUrl]) expect(variable).toMatch(/^ONA_[A-Z0-9_]+_(API_KEY|BASE_URL)$/);
    }),
  );
});

describe("a connection is configured", () => {
  const [apiKey, baseUrl] = ["x", "https://eu.example"];

  test.each([
    [{ eu: { apiKey, baseUrl } }, {}],
    [{ eu: { apiKey } }, { ONA_EU_BASE_URL: baseUrl }],
    [{ eu: { baseUrl } }, { ONA_EU_API_KEY: apiKey }],
    [{ us: {} }, { ONA_EU_API_KEY: apiKey, ONA_EU_BASE_URL: baseUrl }],
  ])("by %j and %j", (connections, env) =>
    expect(describeConnectionProblem(sources(connections, env), "eu")).toBeUndefined(),
  );

  test("or the error says how to do it and which others there are", () => {
    const told = sources({ us: {}, asia: {} }, { ONA_API_KEY: "x", ONA_EU_API_KEY: " " });
    expect(describeConnectionProblem(told, "eu")).toMatch(
      /^The connection "eu" is not configured \(ona:connections has us, asia\)\. .*Set the environment variables/,
    );
    expect(describeConnectionProblem(sources(undefined), "eu")).toMatch(
      /^The connection "eu" is not configured\. Set the environment variables ONA_EU_API_KEY and ONA_EU_BASE_URL, or run/,
    );
  });

  test("or the error suggests a similar name", () => {
    expect(describeConnectionProblem(sources({ "eu-west": {}, us: {} }), "eu-wets")).toContain(
      '(ona:connections has eu-west, us; did you mean "eu-west"?)',
    );
  });

  test("or the error has commands that a shell passes on as they are", () => {
    expect(describeConnectionProblem(sources(undefined), "it's.eu")).toContain(
      "`pulumi config set --secret --path 'ona:connections[\"it'\\''s.eu\"].apiKey'`",
    );
  });

  test("only by own properties of the config", () => {
    expect(describeConnectionProblem(sources({}), "constructor")).toContain("is not configured");
    expect(
      describeConnectionProblem(sources('{"__proto__":{"apiKey":"x","baseUrl":"https://a.example"}}'), "__proto__"),
    ).toBeUndefined();
  });
});

describe("a malformed ona:connections", () => {
  const secret = "s3cret-value";
  test.each([
    [`["${secret}"]`, "ona:connections must be an object"],
    [`"${secret}"`, "ona:connections must be an object"],
    [`${secret}{`, "ona:connections must be an object"],
    [{ us: secret }, "ona:connections.us must be an object"],
    [{ us: null }, "ona:connections.us must be an object"],
    [{ us: { apikey: secret } }, "ona:connections.us.apikey is not a setting: a connection has apiKey and baseUrl"],
    [{ us: { apiKey: [secret] } }, "ona:connections.us.apiKey must be a string"],
    [{ us: { baseUrl: 7 } }, "ona:connections.us.baseUrl must be a string"],
    [
      { "a-b": {}, "a.b": {} },
      '"a-b" and "a.b" in ona:connections have the same environment variable, ONA_A_B_API_KEY',
    ],
    [{ eu: {}, EU: {} }, '"eu" and "EU" in ona:connections have the same environment variable, ONA_EU_API_KEY'],
  ])("%j is refused for every connection and its values are not shown", (connections, said) => {
    for (const read of [
      () => readToken(sources(connections, { ONA_EU_API_KEY: "x" }), "eu"),
      () => readSettings(sources(connections, { ONA_EU_API_KEY: "x" }), "eu"),
      () => describeConnectionProblem(sources(connections, { ONA_EU_API_KEY: "x" }), "eu"),
    ]) {
      const message = refusal(read);
      expect(message).toContain(said);
      expect(message).not.toContain(secret);
    }
  });
});
