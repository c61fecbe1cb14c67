/** Our messages, simulator, and client agree with the vendor's SDK: its descriptors, its client, and its server stubs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { OnaClient } from "../../src/client/index.js";
import { startSimulator } from "../../src/testing/simulator/index.js";
import { sanitize } from "../../src/util/text.js";
import { older, root, runPython, runScript, serveScript } from "./vendor.js";

const work = mkdtempSync(join(tmpdir(), "pulumi-ona-conformance-"));
const image = join(work, "ours.binpb");

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts/generate.mjs"), "--image", image], { stdio: "inherit" });
}, 300_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the message descriptors", () => {
  test("match the vendor's in every message, field number, type, presence, JSON name, and rule", async () => {
    const { compared, differences } = (await runScript("descriptors.py", [image])) as Comparison;
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(500);
  });

  test("are compared by a script that names each difference", async () => {
    const set = fromBinary(FileDescriptorSetSchema, readFileSync(image));
    const file = set.file.find(({ name }) => name === "gitpod/v1/prebuild.proto");
    const request = file?.messageType.find(({ name }) => name === "CreateWarmPoolRequest");
    const [projectId, , , minSize] = request?.field ?? [];
    if (projectId === undefined || minSize === undefined) throw new Error("CreateWarmPoolRequest has no fields");
    minSize.number = 9;
    minSize.jsonName = "minimum";
    delete projectId.options;
    const changed = join(work, "changed.binpb");
    writeFileSync(changed, toBinary(FileDescriptorSetSchema, set));
    const { differences } = (await runScript("descriptors.py", [changed])) as Comparison;
    const names = differences.map((difference) => difference.split(":")[0]);
    const at = "gitpod.v1.CreateWarmPoolRequest";
    expect(names).toEqual([`${at}.min_size JSON name`, `${at}.min_size number`, `${at}.project_id rule`]);
  });
});

test("the vendor's client calls all fifteen RPCs of the simulator, with errors and pages", async () => {
  const simulator = await startSimulator();
  try {
    const [project] = simulator.projects;
    const args = [simulator.origin, project?.id ?? "", ...(project?.environmentClassIds ?? [])];
    expect(await runScript("drive.py", args, simulator.env)).toEqual({
      "explicit zero": true,
      duplicate: "already_exists",
      "read by GET": true,
      updated: expect.objectContaining({ minSize: 0, maxSize: 5, specVersion: "2" }) as object,
      "pages of pools": true,
      "filtered pools": true,
      gone: "not_found",
      "pool phases": ["WARM_POOL_PHASE_PENDING", "WARM_POOL_PHASE_READY", "WARM_POOL_PHASE_DELETING"],
      "malformed id": "invalid_argument",
      "size out of range": "invalid_argument",
      "prebuild phases": ["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING", "COMPLETED"].map(
        (phase) => `PREBUILD_PHASE_${phase}`,
      ),
      completed: { timeout: 1800, "has completion time": true, "snapshot size": 21_474_836_480 },
      "filtered prebuilds": true,
      "pages of prebuilds": [3, 2, ""],
      log: "Prebuild tasks done",
      "cancel what has ended": "failed_precondition",
      cancelled: "PREBUILD_PHASE_CANCELLING",
      deleted: "not_found",
      "no spec": "invalid_argument",
      identity: ["PRINCIPAL_USER", true],
      project: ["storefront", true],
      "pages of projects": ["storefront", "data-platform"],
      "environment class": ["regular"],
      "unknown token": "unauthenticated",
    });
    // The script also reads the log URL, which is not an RPC.
    const calls = simulator.requests.filter(({ rpc }) => rpc !== "PrebuildLogs");
    expect(new Set(calls.map(({ rpc }) => rpc)).size).toBe(15);
    expect(new Set(calls.map(({ codec }) => codec))).toEqual(new Set(["proto"]));
  } finally {
    await simulator.close();
  }
});

test("the older client of the API reference calls all eleven RPCs of the simulator, with errors and pages", async () => {
  await using simulator = await startSimulator();
  const [project] = simulator.projects;
  const args = [simulator.origin, project?.id ?? "", ...(project?.environmentClassIds ?? [])];
  const env = { GITPOD_API_KEY: simulator.token, GITPOD_BASE_URL: simulator.url };
  expect(await runScript("drive_older.py", args, env, older)).toEqual({
    created: [0, 2, "WARM_POOL_PHASE_PENDING"],
    duplicate: [409, "already_exists"],
    ready: "WARM_POOL_PHASE_READY",
    updated: [0, 5, "2"],
    "pools by pages in the body": true,
    "pools by pages in the query": true,
    "next page": true,
    "filtered pools": true,
    "pools of a server that ignores the query": true,
    gone: [404, "not_found"],
    "malformed id": [400, "invalid_argument"],
    completed: ["PREBUILD_PHASE_COMPLETED", "1800s", "21474836480"],
    "filtered prebuilds": true,
    "prebuilds by pages": 5,
    log: "Prebuild tasks done",
    cancelled: "PREBUILD_PHASE_CANCELLING",
    deleted: [404, "not_found"],
    "unknown token": [401, "unauthenticated"],
  });
  const calls = simulator.requests.filter(({ rpc }) => rpc !== "PrebuildLogs");
  expect(new Set(calls.map(({ rpc }) => rpc)).size).toBe(11);
  expect(new Set(calls.map(({ codec }) => codec))).toEqual(new Set(["json"]));
});

test("the Python example in docs/simulator.md lists the pools", async () => {
  await using simulator = await startSimulator();
  const [project] = simulator.projects;
  const [environmentClassId = ""] = project?.environmentClassIds ?? [];
  const { id } = simulator.createPool({ projectId: project?.id ?? "", environmentClassId, minSize: 1, maxSize: 2 });
  simulator.clock.advance(60_000);
  const [, program = ""] = /```python\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/simulator.md"), "utf8")) ?? [];
  expect(await runPython(["-c", program], simulator.env)).toBe(`${id} WARM_POOL_PHASE_READY\n`);
});

describe("the vendor's server stubs", () => {
  let server: { url: string; stop: () => Promise<void> };
  let client: OnaClient;
  const id = "6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d11";

  beforeEach(async () => {
    server = await serveScript("stubs.py");
    client = new OnaClient({ baseUrl: server.url, token: () => "token", requestTimeoutMs: 20_000, maxRetries: 0 });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  const report = async () => (await (await fetch(`${server.url}/report`)).json()) as Report;

  test("accept every request in the lifecycle of a pool and a prebuild", async () => {
    const pair = { projectId: id, environmentClassId: id };
    await client.createWarmPool({ ...pair, minSize: 0, maxSize: 20 });
    await client.createWarmPool({ ...pair });
    await client.getWarmPool(id);
    await client.updateWarmPool(id, { minSize: 0, maxSize: 1 });
    await client.updateWarmPool(id, { maxSize: 3 });
    await all(client.listWarmPools());
    await all(client.listWarmPools({ projectIds: [id], environmentClassIds: [id] }));
    await client.deleteWarmPool(id);
    await client.createPrebuild({ projectId: id });
    await client.createPrebuild({ ...pair, timeoutSeconds: 7200 });
    await client.getPrebuild(id);
    await all(client.listPrebuilds());
    const filter = { projectIds: [id], phases: ["PREBUILD_PHASE_COMPLETED"], triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] };
    await all(client.listPrebuilds({ ...filter, creatorIds: [id], executorIds: [id] }));
    expect(await client.createPrebuildLogsToken(id)).toBe("secret");
    await client.cancelPrebuild(id);
    await client.deletePrebuild(id);
    await client.getIdentity();
    await client.getProject(id);
    await all(client.listProjects());
    await all(client.listProjects({ projectIds: [id], search: "shop" }));
    await all(client.listEnvironmentClasses());
    const { received } = await report();
    expect(received.filter(({ violations }) => violations.length > 0)).toEqual([]);
    expect(new Set(received.map(({ rpc }) => rpc)).size).toBe(15);
    expect(received[0]?.request).toEqual({ ...pair, minSize: 0, maxSize: 20 });
    expect(received.filter(({ rpc }) => rpc === "UpdateWarmPool")[1]?.request).toEqual({ warmPoolId: id, maxSize: 3 });
  });

  test("report an invalid request, so the test above can fail", async () => {
    await client.updateWarmPool("pool-1", { maxSize: 21 });
    const { received } = await report();
    expect(received[0]?.violations).toEqual([
      "warm_pool_id is not a UUID: 'pool-1'",
      "max_size is not within 1 and 20: 21",
    ]);
  });

  test("send responses that our client reads correctly, value by value", async () => {
    const { pools, prebuilds, identities, projects } = await report();
    const read: unknown[] = [];
    for (let n = 0; n < pools; n++) read.push(await client.getWarmPool(id));
    for (let n = 0; n < prebuilds; n++) read.push(await client.getPrebuild(id));
    for (let n = 0; n < identities; n++) read.push(await client.getIdentity());
    for (let n = 0; n < projects; n++) read.push(await client.getProject(id));
    read.push(...(await all(client.listEnvironmentClasses())));
    const { sent } = await report();
    const messages = sent.flatMap(({ response }) => {
      const { warmPool, prebuild, project, environmentClasses } = response;
      return environmentClasses ?? [warmPool ?? prebuild ?? project ?? response];
    });
    expect(messages).toHaveLength(read.length);
    messages.forEach((message, at) => {
      expect({ at, differences: differences(message, read[at]) }).toEqual({ at, differences: [] });
    });
    expect((await all(client.listWarmPools())).length).toBe(pools);
    expect((await all(client.listPrebuilds())).length).toBe(prebuilds);
    expect((await all(client.listProjects())).length).toBe(projects);
  });
});

interface Comparison {
  compared: number;
  differences: string[];
}

interface Report {
  pools: number;
  prebuilds: number;
  identities: number;
  projects: number;
  received: { rpc: string; request: object; violations: string[] }[];
  sent: {
    rpc: string;
    response: { warmPool?: object; prebuild?: object; project?: object; environmentClasses?: object[] };
  }[];
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The differences between what was sent and what was read. Fields omitted on the wire must read as zero or undefined. */
function differences(sent: unknown, read: unknown, path = ""): string[] {
  if (sent === undefined)
    return isZero(read) ? [] : [`${path}: nothing was sent, but ${JSON.stringify(read)} was read`];
  if (isRecord(sent)) {
    const other = isRecord(read) ? read : {};
    const names = new Set([...Object.keys(sent), ...Object.keys(other)]);
    return [...names].flatMap((name) => differences(sent[name], other[name], `${path}.${name}`));
  }
  const same = read === sent || (sent === "" && read === undefined) || String(read) === asRead(sent);
  return same ? [] : [`${path}: ${JSON.stringify(sent)} was sent, but ${JSON.stringify(read)} was read`];
}

/** A value as the client gives it: enums without their prefix, and texts cleaned. */
function asRead(value: unknown): string {
  return sanitize(
    String(value).replace(/^(WARM_POOL_PHASE|PREBUILD_PHASE|PREBUILD_TRIGGER|PRINCIPAL|PROJECT_PHASE)_/, ""),
  );
}

function isZero(value: unknown): boolean {
  if (isRecord(value)) return Object.values(value).every(isZero);
  return (
    value === undefined || value === 0 || value === "" || value === "0" || value === false || value === "UNSPECIFIED"
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
