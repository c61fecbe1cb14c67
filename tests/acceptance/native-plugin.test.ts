/** The contract of the native plugin over gRPC, without a CLI: the packed executable against the simulator. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { quoteForShell } from "../../src/util/text.js";
import { packageVersion } from "../../src/util/version.js";
import { keptBy, NativePlugin, secretOf, unknownMarker } from "../support/native-plugin.js";

let sim: Simulator;
let pair: { projectId: string; environmentClassId: string };

async function simulate(options: SimulatorOptions = {}): Promise<void> {
  sim = await startSimulator({ clock: "real", ...options });
  const [project] = sim.projects;
  pair = { projectId: project?.id ?? "", environmentClassId: project?.environmentClassIds[0] ?? "" };
}
async function restart(options: SimulatorOptions): Promise<void> {
  await sim[Symbol.asyncDispose]();
  await simulate(options);
}
/** Nothing becomes ready or goes by itself. */
const standingStill: SimulatorOptions = { clock: "virtual" };
beforeEach(() => simulate());
afterEach(() => sim[Symbol.asyncDispose]());

const start = (config: Parameters<typeof NativePlugin.start>[0] = {}, env: NodeJS.ProcessEnv = {}) =>
  NativePlugin.start({ apiKey: secretOf(sim.token), baseUrl: sim.url, ...config }, { ONA_API_KEY: "", ...env });

const target = (name: string, type = "ona:index:WarmPool") => ({
  urn: `urn:pulumi:dev::shop::${type}::${name}`,
  name,
  type,
});
const web = target("web");
const rpcs = () => sim.requests.map(({ rpc }) => rpc);

test("a pool lives from check to delete, and nothing is called that isn't needed", async () => {
  await using plugin = await start({ preflight: false });
  const news = { ...pair, minSize: 1, maxSize: 4, adoptExisting: false, waitForReady: false };
  const { inputs, failures } = await plugin.call("check", { ...web, news });
  expect(failures).toEqual([]);
  // Defaults, which generated SDKs set, are left out.
  expect(inputs).toEqual({ ...pair, minSize: 1, maxSize: 4, waitForReady: false });

  const planned = await plugin.call("create", { ...web, properties: inputs, preview: true });
  expect(planned).toMatchObject({ id: "", properties: { ...inputs, phase: unknownMarker, connection: null } });
  expect(rpcs()).toEqual([]);

  const { id, properties: state } = await plugin.call("create", {
    ...web,
    properties: inputs ?? {},
  });
  expect(state).toMatchObject({ ...pair, minSize: 1, maxSize: 4, __managed: ["minSize", "maxSize"], __version: 1 });
  expect(rpcs()).toEqual(["CreateWarmPool"]);

  const same = { ...web, id, olds: state, oldInputs: inputs };
  await expect(plugin.call("diff", { ...same, news: inputs })).resolves.toMatchObject({ changes: 1, diffs: [] });
  const larger = { ...inputs, maxSize: 5 };
  await expect(plugin.call("diff", { ...same, news: larger })).resolves.toMatchObject({
    changes: 2,
    diffs: ["maxSize"],
    replaces: [],
    detailedDiff: { maxSize: { kind: 4, inputDiff: true } },
  });
  const update = { ...same, news: larger };
  const previewed = await plugin.call("update", { ...update, preview: true });
  expect(previewed.properties).toMatchObject({ maxSize: 5, phase: unknownMarker, createdAt: state?.["createdAt"] });
  const updated = await plugin.call("update", { ...update, news: larger });
  expect(updated.properties).toMatchObject({ maxSize: 5 });
  expect(rpcs().filter((rpc) => rpc === "UpdateWarmPool")).toHaveLength(1);

  const elsewhere = { ...inputs, environmentClassId: unknownMarker };
  await expect(plugin.call("diff", { ...same, news: elsewhere })).resolves.toMatchObject({
    replaces: ["environmentClassId"],
    deleteBeforeReplace: true,
    detailedDiff: { environmentClassId: { kind: 5, inputDiff: true } },
  });

  sim.remove(id);
  await using next = await start({ preflight: false });
  await next.call("delete", { ...web, id, properties: updated.properties ?? {} });
  expect(next.said.filter((line) => line.startsWith("WARNING"))).toEqual([
    expect.stringContaining(`warm pool ${id}: the API reported not_found, so there was nothing to delete`),
  ]);
});

test("Read tells its four cases apart, and imports by id or by the names of project and class", async () => {
  const pool = sim.createPool({ ...pair, minSize: 2, maxSize: 3 });
  await using plugin = await start();
  const managed = { inputs: { ...pair, minSize: 2, maxSize: 3 }, properties: { __managed: ["minSize", "maxSize"] } };
  const imported = await plugin.call("read", { ...web, id: pool.id.toUpperCase() });
  expect(imported).toMatchObject({ id: pool.id, ...managed });
  const [project] = sim.projects;
  const names = `${project?.name}/${project?.environmentClasses[0]?.name}`;
  for (const text of [names, `${pair.projectId}/${pair.environmentClassId}`])
    await expect(plugin.call("read", { ...web, id: text })).resolves.toMatchObject({ id: pool.id, ...managed });
  await expect(plugin.call("read", { ...web, id: "100 % nötig" })).rejects.toThrow('"100 % nötig" is not a warm pool');

  const got = await plugin.call("read", { ...web, id: pool.id, properties: {}, inputs: {} });
  expect(got.inputs).toEqual({});
  expect(got.properties).not.toHaveProperty("__managed");
  expect(got.properties).not.toHaveProperty("phase");
  const again = await plugin.call("read", { ...web, id: pool.id, properties: got.properties ?? {}, inputs: {} });
  expect(again).toMatchObject({ inputs: {}, properties: got.properties });

  sim.resize(pool.id, { minSize: 1, maxSize: 9 });
  const [inputs, properties] = [
    { ...pair, minSize: 2 },
    { ...imported.properties, __managed: ["minSize"] },
  ];
  const refreshed = await plugin.call("read", { ...web, id: pool.id, properties, inputs });
  expect(refreshed).toMatchObject({ inputs: { ...pair, minSize: 1 }, properties: { minSize: 1, maxSize: 9 } });
  expect(refreshed.inputs).not.toHaveProperty("maxSize");

  sim.remove(pool.id);
  await expect(plugin.call("read", { ...web, id: pool.id, properties, inputs })).resolves.toMatchObject({ id: "" });
  await expect(plugin.call("read", { ...web, id: pool.id })).rejects.toThrow(`There is no warm pool ${pool.id}.`);
});

test("state of the dynamic provider is no change, and loses only what that provider kept for itself", async () => {
  const pool = sim.createPool({ ...pair, minSize: 1, maxSize: 4 });
  await using plugin = await start();
  const { properties = {} } = await plugin.call("read", { ...web, id: pool.id });
  const ofDynamic = { __provider: "exports.handler = …", __timeouts: { delete: "1h" } };
  const inputs = { ...pair, minSize: 1, maxSize: 4 };
  const moved = { ...web, id: pool.id, olds: { ...properties, ...ofDynamic }, oldInputs: { ...inputs, ...ofDynamic } };
  const checked = await plugin.call("check", { ...web, olds: moved.oldInputs, news: inputs });
  await expect(plugin.call("diff", { ...moved, news: checked.inputs ?? {} })).resolves.toMatchObject({ changes: 1 });
  const before = rpcs();
  const updated = await plugin.call("update", { ...moved, news: inputs });
  expect(updated.properties).toEqual(properties);
  expect(rpcs()).toEqual(before);
});

describe("a pool of the dynamic provider with a connection", () => {
  beforeEach(() => restart({ timings: { poolReady: 50, poolDrain: 50 } }));

  const moved = async (plugin: NativePlugin) => {
    const pool = sim.createPool({ ...pair, minSize: 1, maxSize: 4 });
    const { properties = {} } = await plugin.call("read", { ...web, id: pool.id });
    const inputs = { ...pair, minSize: 1, maxSize: 4 };
    const stored = { connection: "eu" };
    return { id: pool.id, olds: { ...properties, ...stored }, oldInputs: { ...inputs, ...stored }, inputs };
  };

  test("is no change with an explicit provider, whose account reads, updates, and deletes it", async () => {
    await using plugin = await start();
    const urn = "urn:pulumi:dev::shop::pulumi:providers:ona::eu";
    await plugin.call("configure", { args: { apiKey: sim.token, baseUrl: sim.url }, name: "eu", urn });
    const { id, olds, oldInputs, inputs } = await moved(plugin);
    const same = { ...web, id, olds, oldInputs };
    await expect(plugin.call("diff", { ...same, news: inputs })).resolves.toMatchObject({ changes: 1, replaces: [] });
    const larger = { ...inputs, maxSize: 5 };
    await expect(plugin.call("diff", { ...same, news: larger })).resolves.toMatchObject({ diffs: ["maxSize"] });

    const refreshed = await plugin.call("read", { ...web, id, properties: olds, inputs: oldInputs });
    expect(refreshed).toMatchObject({ inputs, properties: { connection: null } });
    const updated = await plugin.call("update", { ...same, news: larger });
    expect(updated.properties).toMatchObject({ maxSize: 5, connection: null });
    await plugin.call("delete", { ...web, id, properties: olds });
    expect(sim.pools[0]).toMatchObject({ id, maxSize: 5, phase: "DELETED" });
    expect(plugin.said.filter((line) => line.startsWith("WARNING"))).toEqual([]);
  });

  test("is replaced with the default provider, and a warning says how to keep it", async () => {
    await using plugin = await start({}, { ONA_EU_API_KEY: sim.token, ONA_EU_BASE_URL: sim.url });
    const { inputs, ...old } = await moved(plugin);
    const diff = await plugin.call("diff", { ...web, ...old, news: inputs });
    expect(diff).toMatchObject({ replaces: ["connection"], deleteBeforeReplace: true });
    expect(plugin.said.filter((line) => line.startsWith("WARNING"))).toEqual([
      expect.stringContaining(
        'It had the connection "eu", so it is replaced. To keep it, set its option `provider` to an explicit provider with the token and address of "eu".',
      ),
    ]);
  });
});

describe("a first Ctrl+C", () => {
  beforeEach(() => restart(standingStill));

  test("ends a create, which keeps its id as a partial failure, and the next update continues", async () => {
    await using plugin = await start();
    const inputs = { ...pair, waitForReady: true };
    const creating = keptBy(plugin.call("create", { ...web, properties: inputs }));
    await plugin.hears(/^INFO~: PENDING/);
    await plugin.call("cancel", {});
    const kept = await creating;
    expect(kept).toMatchObject({ id: sim.pools[0]?.id, properties: { phase: "PENDING", __unfinished: true } });
    expect(kept.reasons).toEqual([expect.stringContaining("but the wait was interrupted. It stays in state")]);
    expect(rpcs()).not.toContain("DeleteWarmPool");

    const { id, properties = {} } = kept;
    const same = { ...web, id, olds: properties, oldInputs: inputs, news: inputs };
    const unfinished = { changes: 2, diffs: ["phase"], detailedDiff: { phase: { kind: 4, inputDiff: false } } };
    await expect(plugin.call("diff", same)).resolves.toMatchObject(unfinished);
    sim.clock.advance(10_000);
    const updated = await plugin.call("update", same);
    expect(updated.properties).toMatchObject({ phase: "READY" });
    expect(updated.properties).not.toHaveProperty("__unfinished");
  });

  test("ends a delete, and the pool stays in state", async () => {
    const pool = sim.createPool(pair);
    sim.clock.advance(10_000);
    await using plugin = await start();
    const deleting = plugin.call("delete", { ...web, id: pool.id, properties: { ...pair, __managed: [] } });
    const refused = expect(deleting).rejects.toThrow("was not deleted before the interrupt. It stays in state.");
    await plugin.hears(/^INFO~: DELETING/);
    await plugin.call("cancel", {});
    await refused;
  });

  test("is not what Cancel means when nothing runs, as at the end of each command", async () => {
    await using plugin = await start();
    await plugin.call("cancel", {});
    const { id } = await plugin.call("create", { ...web, properties: { ...pair, waitForReady: false } });
    expect(sim.pools[0]?.id).toBe(id);
  });
});

test("a create that finds a pool says how to import it, and which option to set if it is being replaced", async () => {
  const { id } = sim.createPool(pair);
  await using plugin = await start();
  const create = () => plugin.call("create", { ...web, properties: pair });
  await expect(create()).rejects.toThrow(/already have a warm pool: .*set the option `deleteBeforeReplace: true`\.$/);
  await expect(create()).rejects.toThrow(`import it with \`pulumi import ona:index:WarmPool web ${id}\`.`);
  const urn = "urn:pulumi:dev::shop::pulumi:providers:ona::eu";
  await plugin.call("configure", { args: { apiKey: sim.token, baseUrl: sim.url }, name: "eu", urn });
  await expect(create()).rejects.toThrow(`web ${id} --provider ${quoteForShell(`eu=${urn}`)}\`.`);
});

test("a preview says what adopting does to a pool, except to one that is about to be replaced", async () => {
  const pool = sim.createPool({ ...pair, minSize: 1, maxSize: 2 });
  await using plugin = await start();
  const properties = { ...pair, adoptExisting: true, maxSize: 5 };
  const preview = { ...web, properties, preview: true };
  await plugin.call("create", preview);
  const line = expect.stringContaining(`warm pool ${pool.id}: \`pulumi up\` adopts the existing warm pool`) as string;
  expect(plugin.said).toEqual([line]);
  const olds = { ...pair, environmentClassId: pair.projectId, __managed: [] };
  await plugin.call("diff", { ...web, id: pool.id, olds, oldInputs: olds, news: properties });
  await plugin.call("create", preview);
  expect(plugin.said).toHaveLength(1);
});

describe("the configuration", () => {
  test("is checked by name, comes back as it came, and never replaces", async () => {
    await using plugin = await start();
    const news = { apiKey: secretOf("x"), requestTimeout: "soon", baseURL: "https://ona.example/api" };
    await expect(plugin.call("checkConfig", { news })).resolves.toMatchObject({
      inputs: news,
      failures: [
        { property: "requestTimeout", reason: expect.stringContaining("must be seconds or a duration") as string },
      ],
    });
    expect(plugin.said).toEqual([expect.stringContaining("Did you mean ona:baseUrl?")]);
    const unknown = { apiKey: unknownMarker, requestTimeout: unknownMarker };
    await expect(plugin.call("checkConfig", { news: unknown })).resolves.toMatchObject({ failures: [] });
    await expect(plugin.call("checkConfig", { news: { refreshBeforeUpdate: "yes" } })).resolves.toMatchObject({
      failures: [{ property: "refreshBeforeUpdate", reason: "ona:refreshBeforeUpdate must be true or false." }],
    });
    const [old, now] = [{ baseUrl: "https://ona.example/api" }, { baseUrl: unknownMarker, apiKey: secretOf("y") }];
    const changed = { changes: 2, replaces: [] };
    await expect(plugin.call("diffConfig", { oldInputs: old, news: now })).resolves.toMatchObject(changed);
    await expect(plugin.call("diffConfig", { oldInputs: {}, news: old })).resolves.toMatchObject(changed);
    await expect(plugin.call("diffConfig", { oldInputs: now, news: now })).resolves.toMatchObject(changed);
    const [inState, given] = [
      { maxRetries: "3", ...old },
      { ...old, maxRetries: 3 },
    ];
    const same = { changes: 1 };
    await expect(plugin.call("diffConfig", { oldInputs: inState, news: given })).resolves.toMatchObject(same);
  });

  test("of an explicit provider is an account of its own, and values that are no strings come as JSON or as they are", async () => {
    await using plugin = await start({ maxRetries: 0, requestTimeout: "90", refreshBeforeUpdate: "true" });
    const properties = { ...pair, waitForReady: false };
    await expect(plugin.call("create", { ...web, properties })).resolves.toMatchObject({ refreshBeforeUpdate: true });
  });

  test("may be the environment's, and a refused token says what to replace", async () => {
    const env = { ONA_API_KEY: "not-the-token", ONA_BASE_URL: sim.url };
    await using plugin = await NativePlugin.start({}, env);
    await expect(plugin.call("create", { ...web, properties: pair })).rejects.toThrow(
      "Replace the token in ONA_API_KEY: it is unknown, expired or revoked",
    );
  });

  test("of an explicit provider is what errors name, and not the stack's config", async () => {
    await using plugin = await start();
    const name = "eu";
    await expect(plugin.call("checkConfig", { news: { maxRetries: 99 }, name })).resolves.toMatchObject({
      failures: [
        { property: "maxRetries", reason: expect.stringContaining("maxRetries of the provider eu must") as string },
      ],
    });
    const news = { baseUrl: sim.url };
    await expect(plugin.call("checkConfig", { news, name })).resolves.toMatchObject({ failures: [] });
    await plugin.call("configure", { args: { apiKey: "not-the-token", ...news }, name });
    await expect(plugin.call("create", { ...web, properties: pair })).rejects.toThrow(
      "Replace the token in apiKey of the provider eu: it is",
    );
  });

  test("of an explicit provider is never mixed with the environment's, which may be of another account", async () => {
    const [name, env] = ["eu", { ONA_API_KEY: sim.token, ONA_BASE_URL: sim.url }];
    for (const [news, property] of [
      [{ apiKey: secretOf("other") }, "apiKey"],
      [{ baseUrl: "https://ona.example/api" }, "baseUrl"],
    ] as const) {
      await using plugin = await NativePlugin.start({}, env);
      const failure = {
        property,
        reason: expect.stringMatching(/ is set without .* not sent\. Set both\.$/) as string,
      };
      await expect(plugin.call("checkConfig", { news, name })).resolves.toMatchObject({ failures: [failure] });
      const unknown = { apiKey: unknownMarker, baseUrl: unknownMarker, ...news };
      await expect(plugin.call("checkConfig", { news: unknown, name })).resolves.toMatchObject({ failures: [] });
      // A refresh doesn't check what is in state.
      await plugin.call("configure", { args: news, name });
      await expect(plugin.call("read", { ...web, id: randomUUID() })).rejects.toThrow("is set without");
    }
    expect(rpcs()).toEqual([]);
    for (const args of [{}, { apiKey: secretOf(sim.token), baseUrl: sim.url }]) {
      await using plugin = await NativePlugin.start({}, env);
      await expect(plugin.call("checkConfig", { news: args, name })).resolves.toMatchObject({ failures: [] });
      await plugin.call("configure", { args, name });
      await expect(plugin.call("read", { ...web, id: randomUUID() })).rejects.toThrow("There is no warm pool");
    }
  });

  test("without a token is a warning at Check", async () => {
    await using plugin = await NativePlugin.start({}, { ONA_API_KEY: "", ONA_TOKEN: "", GITPOD_API_KEY: "" });
    await plugin.call("check", { ...web, news: pair });
    expect(plugin.said).toEqual([expect.stringContaining("WARNING: `pulumi up` will fail: No Ona API token")]);
  });
});

test("Check names the property that is wrong, and the resources that declare one pool", async () => {
  await using plugin = await start();
  const check = (name: string, news: object) => plugin.call("check", { ...target(name), news: { ...pair, ...news } });
  await expect(check("web", { minSize: 21 })).resolves.toMatchObject({ failures: [{ property: "minSize" }] });
  await expect(check("web", { minSize: unknownMarker })).resolves.toMatchObject({
    inputs: { minSize: unknownMarker },
    failures: [],
  });
  await expect(check("other", {})).resolves.toMatchObject({
    failures: [
      { property: "environmentClassId", reason: expect.stringMatching(/^web and other declare a warm pool/) as string },
    ],
  });
});

test("an object that another resource of the program keeps is not deleted with the old one", async () => {
  const pool = sim.createPool(pair);
  await using plugin = await start();
  const olds = { ...pair, __managed: [] };
  const renamed = target("renamed");
  await plugin.call("check", { ...renamed, olds: pair, news: pair });
  await plugin.call("diff", { ...renamed, id: pool.id, olds, oldInputs: pair, news: pair });
  await plugin.call("delete", { ...web, id: pool.id, properties: olds });
  expect(plugin.said).toEqual([expect.stringContaining("another resource of this stack has it")]);
  expect(rpcs()).not.toContain("DeleteWarmPool");
});

test("functions answer objects, keep tokens secret, and fail as Pulumi's own do", async () => {
  await restart(standingStill);
  const run = sim.createPrebuild({ ...pair });
  const pool = sim.createPool(pair);
  await using plugin = await start();
  const invoke = async (name: string, args: object) => {
    const { return: result, failures } = await plugin.call("invoke", { tok: `ona:index:${name}`, args: { ...args } });
    return failures.length === 0 ? result : failures.map(({ property, reason }) => `${property}|${reason}`);
  };
  expect(await invoke("getWarmPool", pair)).toMatchObject({ id: pool.id, phase: "PENDING" });
  expect(await invoke("getLatestPrebuild", { ...pair, environmentClassId: run.id })).toEqual({});
  expect(await invoke("getLatestPrebuild", pair)).toMatchObject({ prebuild: { phase: "COMPLETED" } });
  expect(await invoke("getPrebuildLogsToken", { prebuildId: run.id })).toEqual({
    token: secretOf(expect.any(String) as never),
  });
  expect(await invoke("getProjects", {})).toMatchObject({ projects: [{}, {}] });
  expect(await invoke("getIdentity", {})).toMatchObject({ principal: expect.any(String) as never });
  expect(await invoke("getWarmPool", {})).toEqual([
    "|getWarmPool takes either id, or projectId and environmentClassId",
  ]);
  await expect(invoke("getNothing", {})).rejects.toThrow("has no function ona:index:getNothing");
});

test("List answers the ids that match a query, page by page", async () => {
  await restart(standingStill);
  const [first, second] = sim.projects;
  const pools = sim.projects.flatMap(({ id: projectId, environmentClassIds }) =>
    environmentClassIds.map((environmentClassId) => sim.createPool({ projectId, environmentClassId })),
  );
  const ids = pools.map(({ id }) => id).sort();
  expect(ids).toHaveLength(4);
  await using plugin = await start();
  const list = async (request: object) =>
    (await plugin.stream("list", { token: web.type, ...request })).map(({ response }) => response);
  const result = (id: string) => ({ case: "result", value: expect.objectContaining({ id, name: "" }) as object });
  const after = (continuationToken = "") => ({
    case: "continuation",
    value: expect.objectContaining({ continuationToken }) as object,
  });
  const results = ids.map(result);

  await expect(list({})).resolves.toEqual(results);
  await expect(list({ limit: 3n })).resolves.toEqual(results.slice(0, 3));
  await expect(list({ pageSize: 2n })).resolves.toEqual([...results.slice(0, 2), after(ids[1])]);
  await expect(list({ pageSize: 2n, continuationToken: ids[1] })).resolves.toEqual(results.slice(2));
  await expect(list({ pageSize: 2n, limit: 2n })).resolves.toEqual(results.slice(0, 2));

  const ofFirst = pools.filter(({ projectId }) => projectId === first?.id).map(({ id }) => id);
  await expect(list({ query: { projectId: secretOf(first?.id.toUpperCase() ?? "") } })).resolves.toEqual(
    ofFirst.sort().map(result),
  );
  await expect(list({ query: { projectId: second?.id ?? "", phase: unknownMarker } })).resolves.toEqual([
    expect.objectContaining({ case: "computed" }),
  ]);
  await expect(list({ query: { phase: "READY" } })).resolves.toEqual([]);
  // The API filters, so that a large account takes one call.
  const filtersOf = async (request: object) => {
    sim.clearRequests();
    await list(request);
    return sim.requests.map(({ body }) => (body as { filter?: object }).filter);
  };
  const ofClass = { environmentClassId: pair.environmentClassId };
  await expect(filtersOf({ query: ofClass })).resolves.toMatchObject([
    { environmentClassIds: [ofClass.environmentClassId] },
  ]);
  const failed = { token: "ona:index:Prebuild", query: { phase: "failed" } };
  await expect(filtersOf(failed)).resolves.toMatchObject([{ phases: ["PREBUILD_PHASE_FAILED"] }]);
  const before = rpcs();
  await expect(list({ query: { projectId: "x" } })).rejects.toThrow(/^[^[]*projectId must be a UUID such as/);
  await expect(list({ query: { environmentClassId: "x" } })).rejects.toThrow("environmentClassId must be a UUID");
  expect(rpcs()).toEqual(before);

  const run = sim.createPrebuild(pair);
  const runs = await list({ token: "ona:index:Prebuild", query: { projectId: pair.projectId } });
  expect(runs).toContainEqual(result(run.id));
  await expect(list({ token: "ona:index:Nothing" })).rejects.toThrow("has no resource ona:index:Nothing");
});

test("a prebuild's secrets are unwrapped, and its log and result are told to the engine", async () => {
  await using plugin = await start();
  const build = target("build", "ona:index:Prebuild");
  const news = { projectId: pair.projectId, triggers: [secretOf("hash")], waitForCompletion: false };
  const { inputs } = await plugin.call("check", { ...build, news });
  expect(inputs).toMatchObject({ triggers: ["hash"] });
  const { id, properties } = await plugin.call("create", { ...build, properties: inputs ?? {} });
  expect(properties).toMatchObject({ triggers: ["hash"], phase: "PENDING", connection: null });
  const diff = {
    ...build,
    id,
    olds: properties ?? {},
    oldInputs: inputs ?? {},
    news: { ...inputs, triggers: ["other"] },
  };
  await expect(plugin.call("diff", diff)).resolves.toMatchObject({
    replaces: ["triggers"],
    deleteBeforeReplace: false,
    detailedDiff: { triggers: { kind: 5 } },
  });
});

test("calls are logged through the engine, and the engine has every line before the response", async () => {
  await using plugin = await start({}, { ONA_LOG: "debug" });
  await plugin.call("create", { ...web, properties: { ...pair, waitForReady: false } });
  expect(plugin.said).toEqual([expect.stringMatching(/^INFO: debug: ona CreateWarmPool: ok/)]);
});

test("the plugin says which release it is and has its schema beside it", async () => {
  await using plugin = await start();
  await expect(plugin.call("getPluginInfo", {})).resolves.toMatchObject({ version: packageVersion });
  const { schema } = await plugin.call("getSchema", {});
  expect(JSON.parse(schema)).toMatchObject({ name: "ona", version: packageVersion });
});

test("the plugin ends after its engine was killed", async () => {
  await using plugin = await start();
  const exited = once(plugin.process, "exit");
  plugin.engine.forceShutdown();
  await exited;
});
