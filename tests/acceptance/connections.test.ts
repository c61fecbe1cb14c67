/** More than one account: named connections, from the program to the APIs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OperationSummary } from "../../src/testing/engine/index";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index";
import { type Bench, type BenchOptions, fail, startBench, succeed, token } from "../support/warm-pools";

const euToken = "ona-eu-token-91be77a0";
const euOrganization = "5a5c1b2e-7d0f-4c3e-9a52-3f1d2b7c8e90";

type TwoAccounts = Bench & { eu: Simulator };

/** A bench and another account, `eu`, whose token is in the environment. */
async function twoAccounts(options: BenchOptions = {}): Promise<TwoAccounts> {
  const bench = await startBench(options);
  const eu = await startSimulator({ token: euToken, clock: bench.sim.clock, organizationId: euOrganization });
  const env = { ONA_EU_API_KEY: euToken, ONA_EU_BASE_URL: eu.url, ...options.stack?.env };
  for (const [name, value] of Object.entries(env)) bench.stack.setEnv(name, value);
  return {
    ...bench,
    eu,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await eu.close();
    },
  };
}

const pair = ({ project, regular }: Bench) => ({ projectId: project, environmentClassId: regular });
const planned = ({ operations }: OperationSummary, resource: string) =>
  operations.find(({ name }) => name === resource);
const runs = (sim: Simulator) => sim.prebuilds.filter(({ triggeredBy }) => triggeredBy === "MANUAL");
const living = (sim: Simulator) => sim.pools.filter(({ phase }) => phase !== "DELETED");

test("one stack has pools of the same pair in two accounts, and no token is stored or printed", async () => {
  await using bench = await twoAccounts();
  const { sim, eu, stack } = bench;
  const [ours, theirs] = [pair(bench), pair(bench)];
  bench.declare(
    { name: "here", args: { ...ours, maxSize: 3 } },
    { name: "there", args: { ...theirs, maxSize: 4, connection: "eu" } },
  );
  const up = await succeed(stack.up());
  expect(living(sim)).toMatchObject([{ ...ours, maxSize: 3 }]);
  expect(living(eu)).toMatchObject([{ ...theirs, maxSize: 4 }]);
  await succeed(stack.preview({ expectNoChanges: true }));
  await succeed(stack.refresh({ previewOnly: true, expectNoChanges: true }));

  const [pool] = living(eu);
  eu.resize(pool?.id ?? "", { maxSize: 9 });
  const drift = await stack.refresh({ previewOnly: true, expectNoChanges: true });
  expect(drift.exitCode).toBe(7);
  bench.declare(
    { name: "here", args: { ...ours, maxSize: 3 } },
    { name: "there", args: { ...theirs, maxSize: 5, connection: "eu" } },
  );
  await succeed(stack.up());
  expect(living(eu)).toMatchObject([{ id: pool?.id, maxSize: 5 }]);

  const exported = JSON.stringify(await stack.exportDeployment());
  const destroy = await succeed(stack.destroy());
  for (const text of [up.text, drift.text, destroy.text, exported]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(euToken);
  }
  expect([...living(sim), ...living(eu)]).toEqual([]);
});

test("a change of connection deletes the pool in the old account and creates one in the new", async () => {
  await using bench = await twoAccounts();
  const { sim, eu, stack } = bench;
  bench.declare({ name: "web", args: pair(bench) });
  await succeed(stack.up());
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  const preview = await succeed(stack.preview());
  expect(planned(preview, "web")).toMatchObject({
    op: "replace",
    diff: { connection: { before: undefined, after: "eu" } },
  });
  sim.clearRequests();
  await succeed(stack.up());
  expect(sim.requests[0]).toMatchObject({ rpc: "DeleteWarmPool" });
  expect(living(sim)).toEqual([]);
  expect(living(eu)).toMatchObject([pair(bench)]);

  bench.declare({ name: "web", args: pair(bench) });
  await succeed(stack.up());
  expect(living(eu)).toEqual([]);
  expect(living(sim)).toMatchObject([pair(bench)]);
});

test("a change of connection starts a new prebuild before it deletes the old one", async () => {
  await using bench = await twoAccounts();
  const { sim, eu, stack } = bench;
  const args = pair(bench);
  bench.declare({ kind: "Prebuild", name: "build", args: { ...args, connection: "eu" } });
  await succeed(stack.up());
  expect(runs(eu)).toHaveLength(1);
  bench.declare({ kind: "Prebuild", name: "build", args });
  expect(planned(await succeed(stack.up()), "build")).toMatchObject({ op: "replace" });
  expect(runs(eu)).toMatchObject([{ phase: "DELETED" }]);
  expect(runs(sim)).toHaveLength(1);
  await succeed(stack.preview({ expectNoChanges: true }));
  await succeed(stack.refresh({ previewOnly: true, expectNoChanges: true }));
});

test("two connections to one account cannot both have the pool of a pair", async () => {
  await using bench = await twoAccounts({ stack: { env: { ONA_AGAIN_API_KEY: euToken }, parallel: 1 } });
  bench.stack.setEnv("ONA_AGAIN_BASE_URL", bench.eu.url);
  bench.declare(
    { name: "one", args: { ...pair(bench), connection: "eu" } },
    { name: "two", args: { ...pair(bench), connection: "again" }, after: ["one"] },
  );
  expect(await fail(bench.stack.up())).toContain("already have a warm pool");
  expect(living(bench.eu)).toHaveLength(1);
});

test("without the token of the old connection nothing is deleted or lost, and the error says what is missing", async () => {
  await using bench = await twoAccounts();
  const { sim, eu, stack } = bench;
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  await succeed(stack.up());
  const [{ id } = { id: "" }] = living(eu);
  stack.setEnv("ONA_EU_API_KEY", undefined);
  for (const operation of [() => stack.refresh(), () => stack.destroy()]) {
    expect(await fail(operation())).toContain(
      'No Ona API token for the connection "eu". Set the environment variable ONA_EU_API_KEY',
    );
  }
  bench.declare({ name: "web", args: pair(bench) });
  expect(await fail(stack.up())).toContain('No Ona API token for the connection "eu"');
  expect(stack.state.find(({ urn }) => urn.endsWith("::web"))).toMatchObject({ id });
  expect(living(eu)).toMatchObject([{ id }]);
  expect(living(sim)).toEqual([]);
});

test("a connection that is not configured is refused at preview without any call", async () => {
  await using bench = await twoAccounts({
    stack: { config: { "ona:connections": '{"us":{"baseUrl":"https://us.invalid/api"}}' } },
  });
  bench.declare({ name: "web", args: { ...pair(bench), connection: "ue" } });
  const result = await bench.stack.preview();
  expect(result.exitCode).toBe(1);
  expect(result.text).toContain(
    'The connection "ue" is not configured (ona:connections has us; did you mean "us"?). ona:connections in Pulumi.<stack>.yaml replaces',
  );
  bench.declare({ name: "web", args: { ...pair(bench), connection: 7 } });
  expect(await fail(bench.stack.preview())).toContain("connection must be the name of a connection");
  expect(bench.calls()).toEqual([]);
});

test.each([
  ["ONA_EU_API_KEY", 'No Ona API token for the connection "eu". Set the environment variable ONA_EU_API_KEY, or run'],
  ["ONA_EU_BASE_URL", 'The connection "eu" has a token (ONA_EU_API_KEY) but no address, so the token is not sent'],
])("a connection without %s is refused at preview, and the general settings are not used", async (variable, said) => {
  await using bench = await twoAccounts({ stack: { env: { [variable]: undefined } } });
  bench.declare(
    { name: "a", args: { ...pair(bench), connection: "eu", adoptExisting: true } },
    { kind: "Prebuild", name: "b", args: { ...pair(bench), connection: "eu" } },
  );
  const preview = await bench.stack.preview();
  expect(preview.exitCode).toBe(1);
  expect(preview.text).toContain(said);
  expect(await fail(bench.stack.up())).toContain(said);
  expect([...bench.calls(), ...bench.eu.requests]).toEqual([]);
});

test("an address in the project's config is lost to a token in the stack's, and the token is then sent nowhere", async () => {
  await using bench = await twoAccounts({
    stack: { env: { ONA_EU_API_KEY: undefined, ONA_EU_BASE_URL: undefined } },
    files: {
      "Pulumi.yaml":
        "name: pools\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\nconfig: { ona:connections: { value: { eu: { baseUrl: 'https://eu.example/api' } } } }\n",
      "Pulumi.dev.yaml": "config: { ona:connections: { eu: { apiKey: token-of-eu } } }\n",
    },
  });
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  const { exitCode, text } = await bench.stack.preview();
  expect(exitCode).toBe(1);
  expect(text).toContain(
    'The connection "eu" has a token (ona:connections.eu.apiKey) but no address, so the token is not sent. ' +
      "ona:connections in Pulumi.<stack>.yaml replaces all of ona:connections in Pulumi.yaml. " +
      "Set the environment variable ONA_EU_BASE_URL, or run `pulumi config set --path ona:connections.eu.baseUrl ADDRESS` " +
      "and `pulumi config set --secret --path ona:connections.eu.apiKey`",
  );
  expect(await fail(bench.stack.up())).toContain("but no address");
  expect(bench.calls()).toEqual([]);
});

test("a refresh or destroy over a connection that has lost its address sends its token nowhere", async () => {
  await using bench = await twoAccounts();
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  await succeed(bench.stack.up());
  bench.stack.setEnv("ONA_EU_BASE_URL", undefined);
  bench.calls();
  for (const operation of [() => bench.stack.refresh(), () => bench.stack.destroy()])
    expect(await fail(operation())).toContain("but no address, so the token is not sent");
  expect(bench.calls()).toEqual([]);
  expect(living(bench.eu)).toHaveLength(1);
});

test("an API error names the connection and its settings", async () => {
  await using bench = await twoAccounts({ stack: { env: { ONA_EU_API_KEY: "expired" } } });
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  const error = await fail(bench.stack.up());
  expect(error).toContain('CreateWarmPool over the connection "eu": the Ona API answered unauthenticated');
  expect(error).toContain("Replace the token in ONA_EU_API_KEY: it is unknown, expired or revoked");
  expect(error).not.toContain("ONA_API_KEY");
});

test("config wins over the environment, and a secret part makes all of ona:connections secret", async () => {
  await using bench = await twoAccounts({ stack: { env: { ONA_EU_API_KEY: "wrong", ONA_EU_BASE_URL: undefined } } });
  const { eu, stack } = bench;
  const value = JSON.stringify({ eu: { apiKey: euToken, baseUrl: eu.url } });
  stack.setConfig("ona:connections", { value, secret: true });
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  const { text } = await succeed(stack.up());
  expect(living(eu)).toHaveLength(1);
  expect(text).not.toContain("plain text");
  expect(text + JSON.stringify(await stack.exportDeployment())).not.toContain(euToken);

  stack.setConfig("ona:connections", { value, secret: false });
  expect((await succeed(stack.preview())).text).toContain(
    "A token in ona:connections is stored as plain text in the stack's config",
  );
});

test("get and the functions use the account of their connection", async () => {
  await using bench = await twoAccounts({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { pool, prebuild, projectId, environmentClassId } = JSON.parse(require("fs").readFileSync("ids.json", "utf8"));
const connection = "eu";
module.exports = async () => {
  const shared = ona.WarmPool.get("shared", pool, { connection });
  const build = ona.Prebuild.get("build", prebuild, { connection: pulumi.output(connection), protect: true });
  return {
    shared: shared.maxSize, over: shared.connection, build: build.projectId,
    byId: (await ona.getWarmPool({ id: pool, connection })).id,
    byPair: (await ona.getWarmPool({ projectId, environmentClassId, connection })).id,
    pools: [(await ona.getWarmPools({ connection })).warmPools.length, (await ona.getWarmPools()).warmPools.length],
    one: (await ona.getPrebuild({ id: prebuild, connection })).id,
    manual: [(await ona.getPrebuilds({ connection, triggeredBy: ["MANUAL"] })).prebuilds.length, (await ona.getPrebuilds({ triggeredBy: ["MANUAL"] })).prebuilds.length],
    latest: (await ona.getLatestPrebuild({ projectId, connection }))?.id,
    outputs: pulumi.all([
      ona.getWarmPoolOutput({ id: shared.id, connection: shared.connection }).id,
      ona.getWarmPoolsOutput({ connection }).warmPools.length,
      ona.getPrebuildOutput({ id: build.id, connection: build.connection }).id,
      ona.getPrebuildsOutput({ connection }).prebuilds.length,
      ona.getLatestPrebuildOutput({ projectId, connection }).id,
      ona.getPrebuildLogsToken({ prebuildId: build.id, connection }).apply((text) => text.length > 0),
    ]),
  };
};`,
    },
  });
  const { eu, stack, folder } = bench;
  const { id: pool } = eu.createPool({ ...pair(bench), minSize: 1, maxSize: 6 });
  const { id: prebuild } = eu.createPrebuild(pair(bench));
  eu.clock.advance(3_600_000);
  writeFileSync(join(folder, "ids.json"), JSON.stringify({ pool, prebuild, ...pair(bench) }));
  const { outputs, text } = await succeed(stack.up());
  expect(outputs).toMatchObject({
    shared: { value: 6 },
    over: { value: "eu" },
    build: { value: bench.project },
    byId: { value: pool },
    byPair: { value: pool },
    pools: { value: [1, 0] },
    one: { value: prebuild },
    manual: { value: [1, 0] },
    latest: { value: prebuild },
    outputs: { secret: true },
  });
  expect(text).not.toContain(euToken);
  bench.calls();
  await succeed(stack.refresh({ previewOnly: true, expectNoChanges: true }));
  expect(bench.calls()).toEqual([]);
  eu.resize(pool, { maxSize: 7 });
  expect(await stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
});

test("a function with a connection that is not configured says how to configure it", async () => {
  await using bench = await twoAccounts({
    files: {
      "index.js": `module.exports = async () => ({ p: await require("pulumi-ona").getWarmPools({ connection: "ue" }) });`,
    },
  });
  const error = await fail(bench.stack.preview());
  expect(error).toContain(
    'The connection "ue" is not configured. Set the environment variables ONA_UE_API_KEY and ONA_UE_BASE_URL, or run',
  );
  expect(error).not.toContain("at async");
});

test("a component passes its connection to all its resources", async () => {
  await using bench = await twoAccounts({
    files: {
      "index.js": `
const { ProjectWarmPools } = require("pulumi-ona");
const { projectId, environmentClassId } = JSON.parse(require("fs").readFileSync("ids.json", "utf8"));
new ProjectWarmPools("web", { projectId, connection: "eu", prebuild: { waitForCompletion: false }, pools: { regular: { environmentClassId, waitForReady: false } } });`,
    },
  });
  writeFileSync(join(bench.folder, "ids.json"), JSON.stringify(pair(bench)));
  await succeed(bench.stack.up());
  expect(living(bench.eu)).toMatchObject([pair(bench)]);
  expect(runs(bench.eu)).toMatchObject([pair(bench)]);
  expect(bench.calls()).toEqual([]);
});

test("adoptExisting checks the account of the connection, in a preview too", async () => {
  await using bench = await twoAccounts();
  const { id } = bench.eu.createPool({ ...pair(bench), minSize: 1, maxSize: 6 });
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu", adoptExisting: true, maxSize: 2 } });
  expect((await succeed(bench.stack.preview())).text).toContain("adopts the existing warm pool");
  await succeed(bench.stack.up());
  expect(living(bench.eu)).toMatchObject([{ id, maxSize: 2 }]);
  expect(bench.calls()).toEqual([]);
});

test("prebuilds and their pools in two accounts are waited for concurrently", async () => {
  await using bench = await twoAccounts();
  for (const connection of [undefined, "eu"]) {
    bench.declare(
      { kind: "Prebuild", name: "build", args: { ...pair(bench), connection } },
      { name: "web", args: { ...pair(bench), connection, waitForReady: true }, after: ["build"] },
    );
    await succeed(bench.stack.up());
  }
  expect(runs(bench.eu)).toMatchObject([{ phase: "COMPLETED" }]);
  expect(living(bench.eu)).toMatchObject([{ phase: "READY" }]);
});

test("a preview warns that a pool cannot be deleted through its old connection without a token", async () => {
  await using bench = await twoAccounts();
  bench.declare({ name: "web", args: { ...pair(bench), connection: "eu" } });
  await succeed(bench.stack.up());
  bench.stack.setEnv("ONA_EU_API_KEY", undefined);
  bench.declare({ name: "web", args: pair(bench) });
  expect((await succeed(bench.stack.preview())).text).toContain(
    '`pulumi up` must delete it through its old connection, but cannot: No Ona API token for the connection "eu"',
  );
});

test("a refresh with the token of an account that shows nothing explains why nothing is found", async () => {
  await using bench = await twoAccounts();
  bench.eu.setUnknowns({ identityCalls: "permission_denied" });
  bench.declare({ name: "web", args: pair(bench) });
  await succeed(bench.stack.up());
  for (const { id } of bench.eu.prebuilds) bench.eu.remove(id);
  bench.stack.setEnv("ONA_API_KEY", euToken);
  bench.stack.setEnv("ONA_BASE_URL", bench.eu.url);
  const { text } = await succeed(bench.stack.refresh({ previewOnly: true }));
  expect(text).toContain(
    "the API reported not_found, so it is removed from state. If it should exist, check that the token and address are for the account that owns it",
  );
});

test.each([
  ["its identity", "allowed", () => undefined],
  ["the pools that it shows", "permission_denied", (bench: TwoAccounts) => void bench.eu.createPool(pair(bench))],
  ["the prebuilds that it shows", "unimplemented", () => undefined],
] as const)(
  "with the token of another organization, as %s tells, nothing leaves state",
  async (_what, identityCalls, prepare) => {
    await using bench = await twoAccounts();
    bench.eu.setUnknowns({ identityCalls });
    const { id: prebuildId } = bench.eu.completePrebuild(bench.project, bench.large);
    prepare(bench);
    bench.declare(
      { name: "web", args: { ...pair(bench), minSize: 1, maxSize: 2 } },
      { kind: "Prebuild", name: "nightly", args: { projectId: bench.project } },
    );
    await succeed(bench.stack.up());
    const before = await bench.stack.exportDeployment();
    bench.stack.setEnv("ONA_API_KEY", euToken);
    bench.stack.setEnv("ONA_BASE_URL", bench.eu.url);
    const says = /belongs to organization [-0-9a-f]+ and the token to organization [-0-9a-f]+/;
    expect(await fail(bench.stack.refresh())).toMatch(says);
    expect(await fail(bench.stack.destroy())).toMatch(says);
    bench.declare(
      { name: "web", args: { ...pair(bench), minSize: 1, maxSize: 3 } },
      { kind: "Prebuild", name: "nightly", args: { projectId: bench.project } },
    );
    expect(await fail(bench.stack.up())).toMatch(says);
    const ids = ({ deployment }: typeof before) =>
      (deployment["resources"] as { id?: string }[]).map(({ id }) => id).filter((id) => id !== undefined);
    expect(ids(await bench.stack.exportDeployment()).sort()).toEqual(ids(before).sort());
    expect(living(bench.eu).every(({ phase }) => phase !== "DELETING")).toBe(true);
    expect(bench.eu.prebuild(prebuildId).phase).toBe("COMPLETED");
    // A refresh, a destroy, and an up: each is a process with two missing objects.
    expect(bench.eu.requests.filter(({ rpc }) => rpc === "GetAuthenticatedIdentity")).toHaveLength(3);
  },
);

test("the connection's name may be an output that is unknown in a preview", async () => {
  await using bench = await twoAccounts();
  const [otherClass = ""] = bench.sim.projects[1]?.environmentClassIds ?? [];
  bench.declare(
    { name: "first", args: { ...pair(bench), connection: "eu" } },
    {
      name: "second",
      args: { projectId: bench.otherProject, environmentClassId: otherClass },
      from: { connection: ["first", "connection"] },
    },
  );
  await succeed(bench.stack.preview());
  await succeed(bench.stack.up());
  expect(living(bench.eu)).toHaveLength(2);
});

test("a preview does not check for a pool to adopt while the account is unknown", async () => {
  await using bench = await twoAccounts();
  const [otherClass = ""] = bench.sim.projects[1]?.environmentClassIds ?? [];
  bench.declare(
    { name: "first", args: pair(bench) },
    {
      name: "second",
      args: { projectId: bench.otherProject, environmentClassId: otherClass, adoptExisting: true },
      from: { connection: ["first", "runnerId"] },
    },
  );
  const { text, calls } = await succeed(bench.stack.preview());
  expect(calls.map(({ rpc }) => rpc).sort()).toEqual(["GetProject", "ListEnvironmentClasses"]);
  expect(text).not.toContain("to adopt");
});
