import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiCall, createStack, type StackOptions } from "../../../../src/testing/engine/index.js";
import { collectCalls } from "../../../../src/testing/engine/host/api-calls.js";

const open = (options: StackOptions) => createStack({ reuseProcesses: true, ...options });

const call = (rpc: string): ApiCall => ({ rpc, body: {}, status: 200, code: undefined });
const rpcs = (calls: readonly ApiCall[]) => calls.map(({ rpc }) => rpc);

/** A server that is not our simulator, but has the parts that a stack uses. */
async function startApi() {
  const requests: ApiCall[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/clock") return void response.end(JSON.stringify({ now: Date.now() }));
    requests.push(call(String(request.url)));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    simulator: { env: { API: url }, clock: { url: `${url}/clock` }, requests },
    [Symbol.dispose]: () => void server.close(),
  };
}

test("each result has the API calls of its own operation", async () => {
  using api = await startApi();
  const { simulator } = api;
  await using stack = await open({
    program: `exports.answered = fetch(process.env.API + "/" + process.env.CALL).then(({ status }) => status);`,
    nodeModules: "node_modules",
    simulator,
    env: { CALL: "first" },
  });
  expect((await stack.up()).calls).toEqual([call("/first")]);
  simulator.requests.push(call("somebody else's"));
  stack.setEnv("CALL", "second");
  expect(rpcs((await stack.preview()).calls)).toEqual(["/second"]);
  expect((await stack.refresh()).calls).toEqual([]);
});

test("collects calls after the requests were cleared, with their final status", () => {
  const requests = [call("old")];
  const simulator = { env: {}, clock: { url: "" }, requests };
  const noted = collectCalls(simulator);
  requests.splice(0);
  const open = { ...call("new"), status: undefined as number | undefined };
  requests.push(open);
  open.status = 503;
  expect(noted()).toEqual([{ ...call("new"), status: 503 }]);
  expect(collectCalls(undefined)()).toEqual([]);
});

test("puts the stack's processes on the simulator's clock, unless the clock is real", async () => {
  using api = await startApi();
  const program = `exports.preload = process.env.PULUMI_ONA_CLOCK_URL ?? "none";`;
  for (const [clock, url] of [
    [{}, api.simulator.clock.url],
    [{ clock: "real" as const }, "none"],
  ] as const) {
    await using stack = await open({ program, nodeModules: "node_modules", simulator: api.simulator, ...clock });
    expect((await stack.preview()).outputs["preload"]?.value).toBe(url);
  }
});

test("ignores the project's own token and address with a simulator, so that no test reaches the real API", async () => {
  using api = await startApi();
  const program = {
    "index.js": `
      const config = new (require("@pulumi/pulumi").Config)("ona");
      for (const key of ["apiKey", "baseUrl", "maxRetries"]) exports[key] = config.get(key) ?? "none";`,
    "Pulumi.dev.yaml":
      "config:\n  ona:baseUrl: https://ona.example/api\n  ona:maxRetries: 3\n  ona:apiKey: { secure: encrypted with another passphrase }\n",
  };
  const options = { program, nodeModules: "node_modules", simulator: api.simulator };
  await using stack = await open(options);
  expect((await stack.preview()).outputs).toMatchObject({
    apiKey: { value: "none" },
    baseUrl: { value: "none" },
    maxRetries: { value: "3" },
  });
  await using other = await open({ ...options, config: { "ona:apiKey": "the test's" } });
  expect((await other.preview()).outputs).toMatchObject({ apiKey: { value: "the test's" } });
});

describe("with a simulator, createStack", () => {
  const program = (yaml: string) => ({
    "index.js": `
      const connections = new (require("@pulumi/pulumi").Config)("ona").getSecret("connections");
      exports.connections = connections ?? "none";
      exports.variables = Object.keys(process.env).filter((name) => /^ONA_EU_/.test(name));`,
    "Pulumi.dev.yaml": yaml,
  });
  const encrypted =
    "config:\n  ona:connections: { eu: { apiKey: { secure: of another passphrase }, baseUrl: https://eu.example } }\n";

  test("leads the project's own connections to the simulator without decrypting them", async () => {
    using api = await startApi();
    const { simulator } = api;
    const env = { ...simulator.env, ONA_API_KEY: "simulated", ONA_BASE_URL: "http://127.0.0.1:9/api" };
    await using stack = await open({
      program: program(encrypted),
      nodeModules: "node_modules",
      simulator: { ...simulator, env },
    });
    const { outputs } = await stack.preview();
    const simulated = { eu: { apiKey: "simulated", baseUrl: env.ONA_BASE_URL } };
    expect(outputs["connections"]).toEqual({ value: JSON.stringify(simulated), secret: true });
  });

  test("leaves a connection without an address if the stack's object drops the project's", async () => {
    using api = await startApi();
    const { simulator } = api;
    const env = { ...simulator.env, ONA_API_KEY: "simulated", ONA_BASE_URL: "http://127.0.0.1:9/api" };
    const files = {
      ...program("config:\n  ona:connections: { eu: { apiKey: { secure: of another passphrase } } }\n"),
      "Pulumi.yaml":
        "name: test\nruntime: nodejs\nconfig:\n  ona:connections: { value: { eu: { baseUrl: 'https://eu.example' }, us: {} } }\n",
    };
    await using stack = await open({
      program: files,
      nodeModules: "node_modules",
      simulator: { ...simulator, env },
    });
    const { outputs } = await stack.preview();
    expect(outputs["connections"]?.value).toBe(JSON.stringify({ eu: { apiKey: "simulated" } }));
  });

  test("uses the connections of the test", async () => {
    using api = await startApi();
    const given = '{"us":{"apiKey":"the test\'s"}}';
    await using stack = await open({
      program: program(encrypted),
      nodeModules: "node_modules",
      simulator: api.simulator,
      config: { "ona:connections": given },
    });
    expect((await stack.preview()).outputs["connections"]?.value).toBe(given);
  });

  test("ignores connections in the environment, unless the test sets them", async () => {
    using api = await startApi();
    process.env["ONA_EU_API_KEY"] = process.env["ONA_EU_BASE_URL"] = "the real one";
    try {
      const options = { program: program("config: {}\n"), nodeModules: "node_modules" };
      await using stack = await open({ ...options, simulator: api.simulator });
      expect((await stack.preview()).outputs["variables"]?.value).toEqual([]);
      await using other = await open({ ...options, simulator: api.simulator, env: { ONA_EU_API_KEY: "given" } });
      expect((await other.preview()).outputs["variables"]?.value).toEqual(["ONA_EU_API_KEY"]);
      await using real = await open(options);
      expect((await real.preview()).outputs["variables"]?.value).toHaveLength(2);
    } finally {
      delete process.env["ONA_EU_API_KEY"];
      delete process.env["ONA_EU_BASE_URL"];
    }
  });
});
