/** Neither the token nor the token of a log is in anything that is printed, stored or sent about resources, whatever the server says. */
import { inspect } from "node:util";
import { OnaClient, OnaError } from "../../src/client/index.js";
import { type Host, hosts, isOurType } from "../support/hosts.js";
import { type Bench, fail, startBench, succeed, token } from "../support/warm-pools.js";

/** What the simulator's tokens for logs begin with. */
const logToken = "ona_sim_logs";

const program = `
const ona = require("pulumi-ona");
const { pool, run } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0];
new ona.WarmPool("web", pool);
const build = new ona.Prebuild("build", run);
const logToken = ona.getPrebuildLogsTokenOutput({ prebuildId: build.id });
module.exports = { logToken: logToken.apply((result) => result.token ?? result) };
`;

/** All that a stack shows, keeps and sends about its resources. */
interface Witness {
  readonly traffic: string[];
  readonly said: string[];
}

async function secretBench(witness: Witness, host: Host = "dynamic"): Promise<Bench> {
  const bench = await startBench({
    host,
    files: { "index.js": program },
    stack: {
      env: { ONA_LOG: "debug", ONA_API_KEY: undefined },
      config: { "ona:apiKey": { value: token, secret: true } },
      onOutput: (text) => witness.said.push(text),
      // Only the configuration has the token, and only a function of the plugin returns the log token.
      onProviderCall: (call) => /Config|Invoke/.test(call.method) || witness.traffic.push(JSON.stringify(call)),
    },
  });
  bench.stack.setConfig("ona:apiKey", { value: token, secret: true });
  return bench;
}

const pair = (bench: Bench) => ({ projectId: bench.project, environmentClassId: bench.regular });

async function expectNothingTold(bench: Bench, { traffic, said }: Witness): Promise<void> {
  const deployment = await bench.stack.exportDeployment();
  const resources = bench.stack.state.filter(({ type }) => isOurType(type));
  expect(traffic.length).toBeGreaterThan(4);
  for (const text of [...traffic, said.join(""), JSON.stringify(deployment), JSON.stringify(resources)]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(logToken);
  }
}

test.each(hosts)(
  "no secret shows through a whole lifecycle with a streamed log, a log token as output and the debug log (%s)",
  async (host) => {
    const witness: Witness = { traffic: [], said: [] };
    await using bench = await secretBench(witness, host);
    const declare = (more: object = {}, trigger = 1) =>
      bench.declare({
        name: "both",
        args: {},
        ...{ pool: { ...pair(bench), ...more }, run: { ...pair(bench), triggers: trigger, logs: "stream" } },
      });
    declare();
    await succeed(bench.stack.up());
    expect(bench.stack.outputs()["logToken"]).toMatchObject({
      value: expect.stringContaining(logToken) as string,
      secret: true,
    });
    bench.sim.nextPrebuild({ end: "failed", log: "no space left\n" });
    declare({ maxSize: 5 }, 2);
    await fail(bench.stack.up());
    await succeed(bench.stack.refresh());
    const { text } = await succeed(bench.stack.preview());
    expect(witness.said.join("")).toContain("no space left");
    expect(witness.said.join("")).toContain("debug: ona PrebuildLogs: ok");
    expect(text).not.toContain(token);
    await expectNothingTold(bench, witness);
    await succeed(bench.stack.destroy());
    await expectNothingTold(bench, witness);
  },
);

test("no secret shows if the server repeats the tokens in errors, pages and redirects", async () => {
  const witness: Witness = { traffic: [], said: [] };
  await using bench = await secretBench(witness);
  const declared = { pool: pair(bench), run: { ...pair(bench), triggers: 1 } };
  bench.declare({ name: "both", args: {}, ...declared });
  await succeed(bench.stack.up());
  const repeated = `${token} and ${token}`;
  const answers = [
    { error: { code: "internal", message: repeated } },
    { error: { code: "permission_denied", actionable: { userMessage: repeated } } },
    { html: { status: 403, body: `<title>${repeated}</title>` } },
    { html: { status: 401, body: `${"x".repeat(190)}${token}` } },
    { redirect: { to: `https://elsewhere.invalid/${token}/api` } },
  ] as const;
  for (const answer of answers) {
    bench.sim.fault({ rpc: "GetWarmPool", ...answer });
    await fail(bench.stack.refresh());
    bench.sim.clearFaults();
  }
  await expectNothingTold(bench, witness);
});

test("an error contains no token at any depth", async () => {
  await using bench = await startBench();
  const client = new OnaClient({ baseUrl: bench.sim.url, token: () => token, maxRetries: 0 });
  const faults = [
    { error: { code: "internal", message: token } },
    { reset: "before" },
    { truncated: true },
    { invalidJson: true },
    { redirect: { to: `https://elsewhere.invalid/${token}` } },
  ] as const;
  for (const fault of faults) {
    bench.sim.fault({ rpc: "ListWarmPools", ...fault });
    const error = await client
      .listWarmPools()
      .next()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OnaError);
    expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(token);
    expect(JSON.stringify(error)).not.toContain(token);
    expect(error).not.toHaveProperty("cause");
  }
  await client.close();
});

test("the engine stores a secret of the stack's config encrypted", async () => {
  await using bench = await startBench({ stack: { env: { ONA_API_KEY: undefined } } });
  bench.stack.setConfig("ona:apiKey", { value: token, secret: true });
  bench.declare({ name: "web", args: pair(bench) });
  await succeed(bench.stack.up());
  const stored = JSON.stringify(await bench.stack.exportDeployment());
  expect(stored).toContain("ona:apiKey");
  expect(stored).not.toContain(token);
  expect(JSON.stringify(bench.stack.state)).toContain(token);
});

const hostile = "\u001b]0;owned\u0007\u001b[2K\r\u202e\u0000\u009b31m\nerror: forged\u2028warning: forged";

/** Texts with commands to CI systems where a line starts, or anywhere in it. */
const commands = [
  "+++ Deploy\n^^^ +++ ##[add-mask]production ##\u200b#\u001b[0m[add-mask]production",
  "one\r\n::add-mask::production ##<{%reset%}>[add-mask]production",
  "##vso[task.setvariable variable=PATH]/tmp ##teamcity[buildStop comment='x']",
  "\u2028section_start:1700000000:build",
  String.raw`{"::add-mask::production":"a\n::group::b","c":"\u001b]8;;x"}`,
] as const;

/** A line that a CI system, a terminal or the engine would act on. */
const harmful =
  /##(?:vso|teamcity)?\[|section_(?:start|end):\d|<\{%|[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}]|^\s*::[a-z]|^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)/imu;

function expectHarmless(text: string): void {
  expect(harmful.exec(text)?.[0]).toBeUndefined();
}

/** All strings in a value, each as a line of its own: `pulumi stack output` prints one alone. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

test.each(hosts)(
  "no text of the server is a command to a CI system, in output or in state, nor has it the token (%s)",
  async (host) => {
    const witness: Witness = { traffic: [], said: [] };
    await using bench = await secretBench(witness, host);
    const split = (separator: string) => token.slice(0, 8) + separator + token.slice(8);
    const tokens = [`Bearer ${token}`, split("\u001b[0m"), split("\u200b"), split("\r\n"), `##${token}`];
    const texts = [...commands, tokens.join(" ")];
    const run = { ...pair(bench), logs: "onFailure" };
    while (texts.length > 0) {
      const [ofRun = "", ofPool = ofRun] = texts.splice(0, 2);
      bench.declare({ name: "both", args: {}, ...{ pool: pair(bench), run: { ...run, triggers: texts.length } } });
      bench.sim.nextPrebuild({ end: "failed", message: ofRun, log: `${ofPool}\n  ${ofRun}\n` });
      expect(await fail(bench.stack.up())).toContain("FAILED: ");
      const [pool] = bench.sim.pools;
      bench.sim.degrade(pool?.id ?? "", ofPool);
      await succeed(bench.stack.refresh());
      const state = bench.stack.state.filter(({ type }) => isOurType(type));
      const messages = state.map(({ outputs }) => (outputs as Record<string, unknown>)["failureMessage"]);
      // A failed run that another one replaces stays in state too, until it is deleted.
      expect(messages.length).toBeGreaterThanOrEqual(2);
      expect(messages).toEqual(messages.map(() => expect.any(String) as string));
      for (const each of stringsIn(state.map(({ outputs }) => outputs))) expectHarmless(each);
    }
    expectHarmless(witness.said.join(""));
    expect(witness.said.join("")).toContain("[token]");
    await expectNothingTold(bench, witness);
    expect(witness.said.join("").replace(/\s/g, "")).not.toContain(token);
  },
);

test.each(["GetWarmPool", "GetPrebuild"] as const)("a server's text in %s cannot control a terminal", async (rpc) => {
  await using bench = await startBench({ files: { "index.js": program } });
  bench.declare({ name: "both", args: {}, ...{ pool: pair(bench), run: pair(bench) } });
  await succeed(bench.stack.up());
  for (const error of [
    { code: "internal", message: hostile },
    { code: "permission_denied", actionable: { userMessage: hostile } },
  ] as const) {
    bench.sim.fault({ rpc, error });
    const { text } = await bench.stack.refresh();
    expect(text).toContain("forged");
    expect(text).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]|^(?:error|warning): forged/m,
    );
    bench.sim.clearFaults();
  }
});

test("the failure message of a prebuild cannot control a terminal", async () => {
  await using bench = await startBench({ files: { "index.js": program } });
  const declared = { pool: { ...pair(bench), waitForReady: true }, run: { ...pair(bench), logs: "stream" } };
  bench.declare({ name: "both", args: {}, ...declared });
  bench.sim.nextPrebuild({ end: "failed", message: hostile, log: `${hostile}\n` });
  const { text } = await bench.stack.up();
  expect(text).toContain("forged");
  expect(text).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]|^(?:error|warning): forged/m,
  );
});
