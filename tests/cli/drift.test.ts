/** `pulumi-ona drift` against the simulator: its API calls, output and exit status. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { findingKinds } from "../../src/cli/drift/findings.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { type Exported, stackExport } from "../support/stack-export.js";
import { pulumiOna } from "../support/fake-io.js";

const docs = join(__dirname, "../../docs");
const schema = JSON.parse(readFileSync(join(docs, "drift.schema.json"), "utf8")) as object;
const gone = "0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11";
const hostile = "no capacity\u001b[2J\u009b31m | \u202e`x` <b>*y*</b> @all";

let simulator: Simulator;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drift-"));
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: SimulatorOptions = {}) {
  simulator = await startSimulator({ token: "ona-test-token-3f9c1d7a", ...options });
  const [project] = simulator.projects;
  const [regular = "", large = ""] = project?.environmentClassIds ?? [];
  const pair = { projectId: project?.id ?? "", environmentClassId: regular };
  const pool = simulator.createPool({ ...pair, minSize: 1, maxSize: 4 });
  simulator.clock.advance(60_000);
  const web: Exported = {
    name: "web",
    id: pool.id,
    inputs: { ...pair, minSize: 1, maxSize: 4 },
    outputs: { __managed: ["minSize", "maxSize"] },
  };
  return { pool, pair, large, web };
}

const drift = (args: readonly string[], resources: readonly Exported[], env: Record<string, string | undefined> = {}) =>
  pulumiOna(["drift", "-", ...args], {
    env: { ...simulator.env, ...env },
    stdin: JSON.stringify(stackExport(resources)),
  });

test("exits 0 without drift, after list calls only", async () => {
  const { web } = await start();
  const { exitStatus, stdout, stderr } = await drift([], [web]);
  expect({ exitStatus, stderr }).toEqual({ exitStatus: 0, stderr: "" });
  expect(stdout).toMatch(
    /^No drift\.\nCompared 1 warm pool and 0 prebuilds in fleet\/prod with 1 warm pool and \d prebuilds in the account\.\n$/,
  );
  expect(simulator.requests.map(({ rpc }) => rpc).sort()).toEqual(["ListPrebuilds", "ListWarmPools"]);
  expect(simulator.requests[0]?.body).toMatchObject({ pagination: { pageSize: 100 } });
});

test("exits 7 after a manual resize and names the size", async () => {
  const { web, pool } = await start();
  simulator.resize(pool.id, { maxSize: 9 });
  const { exitStatus, stdout } = await drift([], [web]);
  expect(exitStatus).toBe(7);
  expect(stdout).toContain("maxSize 4 => 9");
  expect(stdout).not.toContain("minSize");
});

test("reads a pool that lists omit before reporting it as gone", async () => {
  const { web } = await start();
  const { exitStatus, stdout } = await drift([], [web, { ...web, name: "api", id: gone }]);
  expect(exitStatus).toBe(7);
  expect(stdout).toMatch(/gone +WarmPool api/);
  const [get, ...more] = simulator.requests.filter(({ rpc }) => rpc.startsWith("Get"));
  expect(get?.body).toEqual({ warmPoolId: gone });
  expect(more).toEqual([]);
});

test.each([
  ["DELETED", { deletedPool: "deleted", listDeleted: "shown" }],
  ["not_found", { deletedPool: "not_found", listDeleted: "hidden" }],
] as const)("reports a pool as gone when the API returns %s", async (_answer, unknowns) => {
  const { web, pool } = await start({ unknowns });
  simulator.remove(pool.id);
  const { exitStatus, stdout } = await drift([], [web]);
  expect(exitStatus).toBe(7);
  expect(stdout).toMatch(/gone +WarmPool web/);
});

test.each(["ListWarmPools", "ListPrebuilds", "GetWarmPool"] as const)(
  "exits 1, prints nothing and reports no drift when %s fails",
  async (rpc) => {
    const { web } = await start();
    simulator.fault({ rpc, error: { code: "permission_denied", message: "not yours" }, times: "always" });
    const { exitStatus, stdout, stderr } = await drift(["--json"], [{ ...web, id: gone }]);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^${rpc}: the Ona API answered permission_denied: not yours\\. .*\\n$`));
  },
);

test.each([
  ["allowed", {}],
  ["refused, so that only lists show its organization", { identityCalls: "unimplemented" }],
] as const)(
  "exits 1 if a pool belongs to another organization than the token, whose identity is %s",
  async (_case, unknowns) => {
    const { web } = await start({ unknowns });
    const owner = "11111111-2222-4333-8444-555555555555";
    const other = { ...web, id: gone, outputs: { ...web.outputs, organizationId: owner } };
    const { exitStatus, stdout, stderr } = await drift([], [web, other]);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
    const organization = simulator.pools[0]?.organizationId;
    expect(stderr).toContain(
      `The warm pool ${gone} was not found, but it belongs to organization ${owner} and the token to organization ${organization}.`,
    );
  },
);

test("treats a proxy's 404 page as a failure, not as a pool that is gone", async () => {
  const { web } = await start();
  simulator.fault({ rpc: "GetWarmPool", html: { status: 404 }, times: "always" });
  expect(await drift([], [{ ...web, id: gone }])).toMatchObject({ exitStatus: 1, stdout: "" });
});

test("reports unhealthy and unmanaged pools without changing the exit status, unless --strict is given", async () => {
  const { web, pool, pair, large } = await start();
  simulator.degrade(pool.id, "no capacity");
  simulator.createPool({ ...pair, environmentClassId: large, minSize: 1, maxSize: 2 });
  const relaxed = await drift([], [web]);
  expect(relaxed.exitStatus).toBe(0);
  expect(relaxed.stdout).toMatch(
    /^Other findings\nunmanaged[\s\S]*\ndegraded +WarmPool web +the runner reports a problem: no capacity/,
  );
  expect(relaxed.stdout).toContain("No drift. 2 other findings.");
  expect(await drift(["--strict"], [web])).toMatchObject({ exitStatus: 7, stdout: relaxed.stdout });
});

test("takes ages from the server's clock and lets users set the limits", async () => {
  const { web, pair } = await start({ snapshots: false });
  expect((await drift([], [web])).stdout).not.toContain("pending");
  simulator.clock.advance(5_000);
  expect((await drift(["--pending-for", "1m"], [web])).stdout).toContain("has been PENDING for 1m without a snapshot");
  simulator.clock.advance(30 * 60_000);
  expect((await drift([], [web])).stdout).toContain("has been PENDING for 31m without a snapshot");
  simulator.completePrebuild(pair.projectId, pair.environmentClassId);
  simulator.clock.advance(60_000);
  const aWeek = ["--expires-within", "168h"];
  expect((await drift(aWeek, [web])).stdout).toMatch(/expiring .*will be removed in 16(8h|7h59m)/);
  expect((await drift([], [web])).stdout).toMatch(/^No drift\.\n/);
});

test("counts every pool of the account across pages", async () => {
  const environmentClasses = Array.from({ length: 130 }, () => ({}));
  const { pair, web } = await start({ projects: [{ environmentClasses }] });
  for (const id of simulator.projects[0]?.environmentClassIds.slice(1) ?? []) {
    simulator.createPool({ projectId: pair.projectId, environmentClassId: id, minSize: 1, maxSize: 1 });
  }
  const { stdout } = await drift(["--json"], [web]);
  const { account, findings } = JSON.parse(stdout) as { account: object; findings: { kind: string }[] };
  expect(account).toEqual({ warmPools: 130, prebuilds: 130 });
  expect(findings.filter(({ kind }) => kind === "unmanaged")).toHaveLength(129);
});

describe("the report", () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const valid = ajv.compile(schema);

  async function everything() {
    const { web, pool, pair, large } = await start();
    simulator.resize(pool.id, { maxSize: 9 });
    simulator.degrade(pool.id, hostile);
    simulator.createPool({ ...pair, environmentClassId: large, minSize: 1, maxSize: 2 });
    const failed = simulator.createPrebuild(pair);
    simulator.failPrebuild(failed.id, hostile);
    return [web, { ...web, name: "a|b `c` @all", id: gone }];
  }

  test("--json follows docs/drift.schema.json, and no server text in it controls the terminal", async () => {
    const { stdout, exitStatus } = await drift(["--json"], await everything());
    expect(exitStatus).toBe(7);
    const document: unknown = JSON.parse(stdout);
    valid(document);
    expect(valid.errors).toBeNull();
    expect(document).toMatchObject({
      schemaVersion: 1,
      drift: true,
      stacks: [{ source: "-", stack: "prod", project: "fleet", warmPools: 2 }],
    });
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(stdout).toContain("no capacity | `x` <b>*y*</b> @all");
  });

  test("the schema rejects other documents", () => {
    expect(valid({ schemaVersion: 2 })).toBe(false);
    expect(valid({ schemaVersion: 1, drift: true, findings: [{}] })).toBe(false);
  });

  test("the schema and docs/drift.md list every kind of finding", () => {
    expect(JSON.stringify(schema)).toContain(JSON.stringify(findingKinds));
    const page = readFileSync(join(docs, "drift.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, kind]) => kind);
    expect(rows).toEqual([...findingKinds]);
  });

  test("the table and --markdown contain nothing that controls a terminal or becomes markup", async () => {
    const resources = await everything();
    const table = await drift([], resources);
    expect(table.stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    const { stdout, exitStatus } = await drift(["--markdown"], resources);
    expect(exitStatus).toBe(7);
    const rows = stdout.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row.match(/\|/g)).toHaveLength(6);
    expect(stdout).toContain("WarmPool `a¦b 'c' @all` in `fleet/prod`");
    expect(stdout).toContain(": `no capacity ¦ 'x' <b>*y*</b> @all` |");
  });

  test("the table fits the terminal and has colors unless NO_COLOR is set", async () => {
    const stdin = JSON.stringify(stackExport(await everything()));
    const run = (env: object) =>
      pulumiOna(["drift", "-"], { env: { ...simulator.env, ...env }, stdin, terminal: [90, 24] });
    const plain = (await run({ NO_COLOR: "1" })).stdout;
    expect(plain).not.toContain("\u001b");
    expect(
      Math.max(
        ...plain
          .split("\n")
          .slice(0, -2)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(90);
    expect((await run({})).stdout).toContain("\u001b[31mchanged");
  });
});

test("reports several stacks together, and no pool that one of them manages as unmanaged", async () => {
  const { web, pair, large } = await start();
  const api = simulator.createPool({ ...pair, environmentClassId: large, minSize: 1, maxSize: 2 });
  const files = {
    "dev.json": [web],
    "prod.json": [{ ...web, name: "api", id: api.id, inputs: {}, outputs: { __managed: [] } }],
  };
  for (const [name, resources] of Object.entries(files)) {
    writeFileSync(join(folder, name), JSON.stringify(stackExport(resources, { stack: name.slice(0, -5) })));
  }
  const paths = Object.keys(files).map((name) => join(folder, name));
  const { exitStatus, stdout } = await pulumiOna(["drift", ...paths], { env: simulator.env });
  expect(exitStatus).toBe(0);
  expect(stdout).toContain("2 warm pools and 0 prebuilds in fleet/dev, fleet/prod");
});

test("needs no secret in a state, uses an exported one, and never prints one", async () => {
  const { web } = await start();
  const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  for (const format of [[], ["--json"], ["--markdown"]]) {
    const sealed = { ...signature, ciphertext: "hush" };
    const { stdout } = await drift(format, [{ ...web, inputs: { ...web.inputs, maxSize: sealed } }]);
    expect(stdout).toMatch(/maxSize could\s+not\s+be\s+compared:\s+encrypted\s+in\s+the\s+state/);
    expect(stdout).not.toMatch(/hush|1b470612/);
    const secret = { ...signature, plaintext: '"hush"' };
    const compared = await drift(format, [{ ...web, inputs: { ...web.inputs, maxSize: secret } }]);
    expect(compared.exitStatus).toBe(7);
    expect(compared.stdout).toContain("maxSize is not as declared, which is a secret");
    expect(compared.stdout).not.toMatch(/hush|1b470612/);
  }
});

test("never prints the token, not even in the call log", async () => {
  const { web } = await start();
  simulator.revokeToken("ona-test-token-3f9c1d7a");
  const { exitStatus, stdout, stderr } = await drift([], [web], { ONA_LOG: "debug" });
  expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
  expect(stderr).toMatch(/^debug: ona List\w+: unauthenticated/);
  expect(stderr).toContain("This command does not read the stack's config");
  expect(stderr).not.toContain("ona-test-token-3f9c1d7a");
});
