/** Where the settings come from, and the errors about bad ones. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../support/prebuild-stack";
import { type Bench, fail, startBench, succeed, token } from "../support/warm-pools";

const web = (bench: Bench, opts: object = {}) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular },
  opts: { ...opts },
});
const without = { ONA_API_KEY: undefined, ONA_BASE_URL: undefined };

test("config wins over the environment, and a secret token stays a secret", async () => {
  await using bench = await startBench({
    stack: { env: { ONA_API_KEY: "wrong", ONA_BASE_URL: "https://ona.invalid/api" } },
  });
  bench.stack.setConfig("ona:apiKey", { value: token, secret: true });
  bench.stack.setConfig("ona:baseUrl", { value: bench.sim.url, secret: false });
  bench.declare(web(bench));
  const { text } = await succeed(bench.stack.up());
  expect(text).not.toContain(token);
  expect(text).not.toContain("plain text");
  expect(JSON.stringify(await bench.stack.exportDeployment())).not.toContain(token);
  await succeed(bench.stack.destroy());
});

test("a plain token in config causes a warning", async () => {
  await using bench = await startBench({ stack: { env: { ONA_API_KEY: undefined } } });
  bench.stack.setConfig("ona:apiKey", { value: token, secret: false });
  bench.declare(web(bench));
  expect((await succeed(bench.stack.preview())).text).toContain(
    "ona:apiKey is stored as plain text in the stack's config",
  );
});

test("a misspelled setting in config causes a warning that suggests the right one", async () => {
  await using bench = await startBench();
  bench.stack.setConfig("ona:apikey", { value: "x", secret: true });
  bench.stack.setConfig("ona:region", { value: "eu", secret: false });
  bench.declare(web(bench));
  const { text } = await succeed(bench.stack.preview());
  expect(text).toContain("ona:apikey is not a setting of pulumi-ona. Did you mean ona:apiKey?");
  expect(text).not.toContain("ona:region");
});

test("a stack of pools and prebuilds warns once about a missing token", async () => {
  await using bench = await startBench({ stack: { env: { ONA_API_KEY: undefined } } });
  bench.declare(web(bench), build(bench));
  const { text } = await succeed(bench.stack.preview());
  expect(text.match(/warning: `pulumi up` will fail: No Ona API token\./g)).toHaveLength(1);
});

test("only the provider warns about a Node.js that is too old, once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "old-node-"));
  const preload = join(folder, "old.cjs");
  writeFileSync(preload, 'Object.defineProperty(process, "version", { value: "v20.20.0" });');
  await using bench = await startBench({ stack: { env: { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` } } });
  bench.declare(web(bench), build(bench));
  const { text } = await succeed(bench.stack.preview());
  expect(text.match(/pulumi-ona needs Node\.js 22\.19 or newer, but this process runs v20\.20\.0\. /g)).toHaveLength(1);
  rmSync(folder, { recursive: true, force: true });
});

test("without a token a preview warns and `up` fails before anything is sent", async () => {
  await using bench = await startBench({ stack: { env: { ONA_API_KEY: undefined } } });
  bench.declare(web(bench));
  expect((await succeed(bench.stack.preview())).text).toContain(
    "warning: `pulumi up` will fail: No Ona API token. Set the environment variable ONA_API_KEY",
  );
  expect(await fail(bench.stack.up())).toContain("No Ona API token. Set the environment variable ONA_API_KEY");
  expect(bench.calls()).toEqual([]);
});

test("a preview warns about an unusable token and an address without /api, and `up` sends nothing", async () => {
  const env = { ...without, ONA_TOKEN: `Bearer ${token}`, ONA_BASE_URL: "https://app.ona.com" };
  await using bench = await startBench({ stack: { env } });
  bench.declare(web(bench), build(bench));
  const { text } = await succeed(bench.stack.preview());
  const why = 'ONA_TOKEN starts with "Bearer", which is not part of the token. Remove it.';
  expect(text.match(/warning: `pulumi up` will fail: .*/g)).toEqual([`warning: \`pulumi up\` will fail: ${why}`]);
  expect(text).toContain(
    "warning: ONA_BASE_URL is https://app.ona.com, but the address of the API usually ends in /api: https://app.ona.com/api",
  );
  const failed = await bench.stack.up();
  expect(failed.exitCode).toBe(1);
  expect(failed.text).toContain(why);
  expect(failed.text).not.toContain(token);
});

test("the error about a rejected token names its setting", async () => {
  await using bench = await startBench({ stack: { env: { ONA_API_KEY: undefined, ONA_TOKEN: "revoked" } } });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toContain("Replace the token in ONA_TOKEN: it is unknown, expired or revoked");
});

test.each([
  ["ona:baseUrl", "http://app.ona.com/api", "ona:baseUrl must start with https://"],
  ["ona:baseUrl", "not a url", "ona:baseUrl is not a URL"],
  ["ona:requestTimeout", "0.5", "ona:requestTimeout must be seconds or a duration"],
  ["ona:maxRetries", "11", "ona:maxRetries must be a whole number from 0 to 10"],
])("%s = %s is refused at preview, by name", async (key, value, said) => {
  await using bench = await startBench();
  bench.stack.setConfig(key, { value, secret: false });
  bench.declare(web(bench));
  expect(await fail(bench.stack.preview())).toContain(said);
});

test("a preview warns about a proxy that cannot work, and `up` names its variable and never its password", async () => {
  const env = { ONA_BASE_URL: "https://ona.invalid/api", HTTPS_PROXY: "http://user:hun/ter2@proxy.invalid" };
  await using bench = await startBench({ stack: { env } });
  bench.declare(web(bench), build(bench));
  const { text } = await succeed(bench.stack.preview());
  expect(text.match(/warning: `pulumi up` will fail: HTTPS_PROXY is not the address of a proxy\./g)).toHaveLength(1);
  const failed = await bench.stack.up();
  expect(failed.exitCode).toBe(1);
  expect(failed.text).toContain("HTTPS_PROXY is not the address of a proxy.");
  expect(text + failed.text).not.toContain("hun");
});

test("a proxy without a scheme is used, and an error names its variable", async () => {
  const env = { ONA_BASE_URL: "https://ona.invalid/api", HTTPS_PROXY: undefined, all_proxy: "127.0.0.1:9" };
  await using bench = await startBench({ stack: { env } });
  bench.stack.setConfig("ona:maxRetries", { value: "0", secret: false });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toMatch(
    /could not connect to the Ona API: connect ECONNREFUSED 127\.0\.0\.1:9\. Check the proxy in all_proxy, ona:baseUrl/,
  );
});

test("ONA_TOKEN and ONA_HOST of the vendor's CLI work too", async () => {
  await using bench = await startBench({ stack: { env: without } });
  await using other = await startBench({
    stack: { env: { ...without, ONA_TOKEN: token, ONA_HOST: bench.sim.origin } },
  });
  // The other bench's clock stands still for this simulator.
  other.declare({ name: "web", args: { ...web(bench).args, waitForReady: false } });
  await succeed(other.stack.up());
  expect(bench.sim.pools).toHaveLength(1);
});

test("a redirect to another origin is not followed, and the error names the address and ona:baseUrl", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreateWarmPool", redirect: { to: "https://elsewhere.invalid/api" } });
  bench.declare(web(bench));
  const error = await fail(bench.stack.up());
  expect(error).toContain("https://elsewhere.invalid/api");
  expect(error).toContain("ona:baseUrl");
});

test("a changed delete timeout updates only the state, and changed create and update timeouts change nothing", async () => {
  await using bench = await startBench();
  bench.declare(web(bench, { customTimeouts: { create: "10m" } }));
  await succeed(bench.stack.up());
  bench.declare(web(bench, { customTimeouts: { create: "15m", update: "5m" } }));
  bench.calls();
  await succeed(bench.stack.up({ expectNoChanges: true }));
  bench.declare(web(bench, { customTimeouts: { delete: "1h" } }));
  expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ update: 1 });
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  expect(bench.calls()).toEqual([]);
});

test("a program that moves to another folder finds the package, because the provider starts in the program's own", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
process.chdir("/");
const { WarmPool } = require("pulumi-ona");
const { args } = JSON.parse(require("fs").readFileSync(__dirname + "/declared.json", "utf8"))[0];
new WarmPool("web", args);`,
    },
  });
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  expect((await succeed(bench.stack.preview())).changeSummary).toEqual({ create: 2 });
});
