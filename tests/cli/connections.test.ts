/** Several accounts on the command line: each command uses the account of the right connection. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import type { ImportFile } from "../../src/testing/engine/state/import-file.js";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import { type Exported, exportOfImport, stackExport } from "../support/stack-export.js";
import { pulumiOna } from "../support/fake-io.js";

const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/drift.schema.json"), "utf8")) as object;
const euToken = "ona-eu-token-91be77a0";
const absent = "0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11";

let here: Simulator;
let eu: Simulator;
let folder: string;
beforeEach(async () => {
  [here, eu] = await Promise.all([startSimulator(), startSimulator({ token: euToken })]);
  folder = mkdtempSync(join(tmpdir(), "connections-"));
});
afterEach(async () => {
  await Promise.all([here.close(), eu.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A value that Pulumi has encrypted. */
const encrypted = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A pool of the first project and class, and the resource that declares it. */
function pool(simulator: Simulator, name: string, connection?: string) {
  const [project] = simulator.projects;
  const [environmentClassId = ""] = project?.environmentClassIds ?? [];
  const pair = { projectId: project?.id ?? "", environmentClassId };
  const { id } = simulator.createPool({ ...pair, minSize: 1, maxSize: 4 });
  simulator.clock.advance(60_000);
  const inputs = { ...pair, minSize: 1, maxSize: 4, ...(connection === undefined ? {} : { connection }) };
  const resource: Exported = { name, id, inputs, outputs: { __managed: ["minSize", "maxSize"] } };
  return { id, pair, resource };
}

/** A pool of the second class, and the resource that declares it. */
function sibling(simulator: Simulator, name: string): Exported {
  const [project] = simulator.projects;
  const inputs = {
    projectId: project?.id ?? "",
    environmentClassId: project?.environmentClassIds[1] ?? "",
    maxSize: 2,
  };
  return { name, id: simulator.createPool(inputs).id, inputs, outputs: { __managed: ["maxSize"] } };
}

const urnOf = (type: string, name: string) => `urn:pulumi:prod::fleet::${type}::${name}`;

const env = () => ({ ...here.env, ONA_EU_API_KEY: euToken, ONA_EU_BASE_URL: eu.url });
const run = (
  args: readonly string[],
  resources: readonly Exported[] = [],
  more: Record<string, string | undefined> = {},
) => pulumiOna(args, { env: { ...env(), ...more }, stdin: JSON.stringify(stackExport(resources)) });

describe("drift", () => {
  test("compares each resource with the account of its connection", async () => {
    const [ours, theirs] = [pool(here, "web"), pool(eu, "web-eu", "eu")];
    const resources = [ours.resource, theirs.resource];
    const quiet = await run(["drift", "-"], resources);
    expect(quiet).toMatchObject({ exitStatus: 0, stderr: "" });
    expect(quiet.stdout).toMatch(
      /^No drift\.\nCompared 2 warm pools .* with 2 warm pools and \d+ prebuilds in 2 accounts\.\n$/,
    );

    eu.resize(theirs.id, { maxSize: 9 });
    const later = eu.clock.advance(3_600_000);
    const { exitStatus, stdout } = await run(["drift", "-", "--json"], resources);
    expect(exitStatus).toBe(7);
    const report = JSON.parse(stdout) as { findings: object[]; account: object; checkedAt: string };
    // The report is as old as the oldest of the accounts.
    expect(Date.parse(report.checkedAt)).toBeLessThan(later - 1_800_000);
    expect(new Ajv2020({ strict: true, allowUnionTypes: true }).validate(schema, report)).toBe(true);
    expect(report.findings).toMatchObject([
      { kind: "changed", id: theirs.id, connection: "eu", changes: [{ property: "maxSize", declared: 4, actual: 9 }] },
    ]);
    expect(report.account).toMatchObject({ warmPools: 2 });
    expect((await run(["drift", "-"], resources)).stdout).toContain("connection eu");
    expect((await run(["drift", "-", "--markdown"], resources)).stdout).toContain("(connection `eu`)");
    expect(stdout).not.toContain(euToken);
  });

  test("compares resources of the native provider, and those of an explicit provider with the connection of its name", async () => {
    const [ours, theirs] = [pool(here, "web"), pool(eu, "web-eu")];
    const provider = (name: string, inputs: object): Exported => ({
      name,
      id: `id-${name}`,
      inputs,
      fields: { type: "pulumi:providers:ona", urn: urnOf("pulumi:providers:ona", name) },
    });
    const native = (resource: Exported, name: string): Exported => {
      const type = "ona:index:WarmPool";
      const ref = `${urnOf("pulumi:providers:ona", name)}::id-${name}`;
      return { ...resource, fields: { type, urn: urnOf(type, resource.name), provider: ref } };
    };
    const providers = [
      // The engine's own default provider has what the stack's config sets.
      provider("default_0_1_0", { apiKey: encrypted }),
      provider("eu", { apiKey: encrypted, baseUrl: eu.url }),
      // Without a token of its own, it uses the environment's.
      provider("slow", { maxRetries: "9" }),
    ];
    const other = sibling(here, "api");
    const resources = [
      ...providers,
      native(ours.resource, "default_0_1_0"),
      native(theirs.resource, "eu"),
      native(other, "slow"),
    ];
    const quiet = await run(["drift", "-"], resources);
    expect(quiet).toMatchObject({ exitStatus: 0, stderr: "" });
    expect(quiet.stdout).toMatch(
      /^No drift\.\nCompared 3 warm pools .* with 3 warm pools and \d+ prebuilds in 2 accounts/,
    );

    eu.resize(theirs.id, { maxSize: 9 });
    const { exitStatus, stdout } = await run(["drift", "-", "--json"], resources);
    expect(exitStatus).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ kind: "changed", id: theirs.id, connection: "eu" }] });
  });

  test("does not call an account in which it manages nothing, and needs no token for it", async () => {
    const { resource } = pool(eu, "web-eu", "eu");
    expect(await run(["drift", "-"], [resource], { ONA_API_KEY: undefined })).toMatchObject({ exitStatus: 0 });
    expect(here.requests).toEqual([]);
  });

  test("reads what an account's lists omit from that account, and reports what is gone", async () => {
    const ours = pool(here, "web");
    const { stdout } = await run(
      ["drift", "-", "--json"],
      [ours.resource, { name: "lost", id: absent, inputs: { ...ours.pair, connection: "eu" } }],
    );
    const { findings } = JSON.parse(stdout) as { findings: { kind: string }[] };
    expect(findings.filter(({ kind }) => kind === "gone")).toMatchObject([{ id: absent, connection: "eu" }]);
    expect(eu.requests.map(({ rpc }) => rpc)).toContain("GetWarmPool");
    expect(here.requests.map(({ rpc }) => rpc)).not.toContain("GetWarmPool");
  });

  test("names the connection in the command that imports an unmanaged pool", async () => {
    const { resource } = pool(eu, "web-eu", "eu");
    const [, second] = eu.projects;
    const other = eu.createPool({
      projectId: second?.id ?? "",
      environmentClassId: second?.environmentClassIds[0] ?? "",
      minSize: 0,
      maxSize: 1,
    });
    const { stdout } = await run(["drift", "-", "--json"], [resource]);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [
        {
          kind: "unmanaged",
          id: other.id,
          connection: "eu",
          reason: expect.stringContaining(`pulumi-ona import --pool ${other.id} --connection eu`) as string,
        },
      ],
    });
  });

  test("counts an account once if two connections lead to it", async () => {
    const ours = pool(here, "web");
    const [, second] = here.projects;
    const pairOfSecond = { projectId: second?.id ?? "", environmentClassId: second?.environmentClassIds[0] ?? "" };
    const other = here.createPool({ ...pairOfSecond, minSize: 0, maxSize: 1 });
    const third = here.createPool({
      ...pairOfSecond,
      environmentClassId: second?.environmentClassIds[1] ?? "",
      minSize: 0,
      maxSize: 1,
    });
    const again: Exported = { name: "again", id: other.id, inputs: { ...pairOfSecond, connection: "again" } };
    const same: Exported = { ...ours.resource, name: "same", inputs: { ...ours.resource.inputs, connection: "again" } };
    const { stdout } = await run(["drift", "-", "--json"], [ours.resource, again, same], {
      ONA_AGAIN_API_KEY: here.token,
      ONA_AGAIN_BASE_URL: here.url,
    });
    const { findings, account } = JSON.parse(stdout) as { findings: { kind: string; id: string }[]; account: object };
    expect(account).toMatchObject({ warmPools: 3 });
    expect(findings.map(({ kind, id }) => ({ kind, id }))).toEqual([
      { kind: "managedTwice", id: ours.id },
      { kind: "unmanaged", id: third.id },
    ]);
  });

  test("--connection finds unmanaged pools of another account", async () => {
    const { resource } = pool(here, "web");
    const other = pool(eu, "web");
    const { stdout } = await run(["drift", "-", "--json", "--connection", "eu"], [resource]);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ kind: "unmanaged", id: other.id, connection: "eu" }] });
  });

  test("prints nothing if the token of one connection is missing", async () => {
    const [ours, theirs] = [pool(here, "web"), pool(eu, "web-eu", "eu")];
    expect(await run(["drift", "-"], [ours.resource, theirs.resource], { ONA_EU_API_KEY: undefined })).toEqual({
      exitStatus: 1,
      stdout: "",
      stderr:
        'No Ona API token for the connection "eu". Set the environment variable ONA_EU_API_KEY. This command does not read the stack\'s config.\n',
    });
  });

  test("reports a connection that is encrypted in the state", async () => {
    const { resource } = pool(eu, "web-eu");
    const inputs = { ...resource.inputs, connection: encrypted };
    expect(await run(["drift", "-"], [{ ...resource, inputs }])).toMatchObject({
      exitStatus: 1,
      stderr:
        "Standard input: the connection of WarmPool web-eu is encrypted, so its account is unknown. " +
        "Export the state with `pulumi stack export --show-secrets`.\n",
    });
    const shown = { ...resource.inputs, connection: { ...encrypted, plaintext: '"eu"' } };
    expect(await run(["drift", "-"], [{ ...resource, inputs: shown }])).toMatchObject({ exitStatus: 0, stderr: "" });
  });

  test("accepts an encrypted connection output, which may be null", async () => {
    const { resource } = pool(here, "web");
    const outputs = { ...resource.outputs, connection: encrypted };
    expect(await run(["drift", "-"], [{ ...resource, outputs }])).toMatchObject({ exitStatus: 0, stderr: "" });
  });
});

describe("import", () => {
  const importing = (...args: readonly string[]) => run(["import", "--out", folder, ...args]);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");

  test("writes the connection to both files, keeps it in a second run, and drift then finds the account", async () => {
    const { id } = pool(eu, "web");
    const { exitStatus, stdout } = await importing("--all", "--connection", "eu");
    expect(exitStatus).toBe(0);
    expect(stdout).toContain('The stack needs the connection "eu" too');
    const { resources } = JSON.parse(read("ona-resources.json")) as ImportFile;
    expect(resources).toMatchObject([{ id, inputs: { connection: "eu" }, outputs: { connection: "eu" } }]);
    expect(read("ona-import.ts")).toContain('    connection: "eu",\n');
    expect(here.requests).toEqual([]);

    const before = read("ona-import.ts");
    expect(await importing("--all", "--connection", "eu")).toMatchObject({ exitStatus: 0 });
    expect(read("ona-import.ts")).toBe(before);
    const state = JSON.stringify(exportOfImport(resources));
    expect(await pulumiOna(["drift", "-"], { env: env(), stdin: state })).toMatchObject({ exitStatus: 0 });
  });

  test("leaves the files of another account alone", async () => {
    pool(eu, "web");
    pool(here, "web");
    await importing("--all", "--connection", "eu");
    const before = read("ona-resources.json");
    expect(await importing("--all")).toEqual({
      exitStatus: 1,
      stdout: "",
      stderr: `The files in ${folder} were written with --connection eu. Use a separate directory for each account: pass --out.\n`,
    });
    // What the stack has already is only in the program.
    rmSync(join(folder, "ona-resources.json"));
    expect((await importing("--all")).stderr).toContain("were written with --connection eu");
    rmSync(join(folder, "ona-import.ts"));
    await importing("--all");
    expect((await importing("--all", "--connection", "eu")).stderr).toContain("were written without --connection");
    expect(before).toContain('"connection": "eu"');
  });
});

test("status shows the account of a connection", async () => {
  pool(here, "web");
  const { id } = pool(eu, "web");
  const { stdout } = await run(["status", "--json", "--connection", "eu"]);
  expect(JSON.parse(stdout)).toMatchObject({ connection: "eu", warmPools: [{ id }] });
  expect((await run(["status", "--connection", "eu"])).stdout).toMatch(/^eu: 1 warm pool, /);
  expect(here.requests).toEqual([]);
});

test.each(["status", "import --all"])("%s refuses an invalid connection name", async (command) => {
  const { exitStatus, stderr } = await run([...command.split(" "), "--connection", ""]);
  expect(exitStatus).toBe(2);
  expect(stderr).toContain("Must be the name of a connection");
});

test.each([["status"], ["import", "--all"], ["drift", "-"]])(
  "%s sends the token of a connection without an address nowhere",
  async (...args) => {
    const { resource } = pool(here, "web", "eu");
    const out = args[0] === "import" ? ["--out", folder] : [];
    const connection = args[0] === "drift" ? [] : ["--connection", "eu"];
    const result = await run([...args, ...out, ...connection], [resource], { ONA_EU_BASE_URL: undefined });
    expect(result).toEqual({
      exitStatus: 1,
      stdout: "",
      stderr:
        'The connection "eu" has a token (ONA_EU_API_KEY) but no address, so the token is not sent. Set the environment variable ONA_EU_BASE_URL. This command does not read the stack\'s config.\n',
    });
    expect(here.requests).toEqual([]);
  },
);

test("an API error names the connection and its settings", async () => {
  const { exitStatus, stderr } = await run(["status", "--connection", "eu"], [], { ONA_EU_API_KEY: "wrong" });
  expect(exitStatus).toBe(1);
  expect(stderr).toContain(
    "the Ona API answered unauthenticated: invalid or missing token. Replace the token in ONA_EU_API_KEY: it is unknown, expired or revoked. This command does not read the stack's config",
  );
  eu.fault({ rpc: "ListWarmPools", times: "always", error: { code: "permission_denied" } });
  expect((await run(["status", "--connection", "eu"])).stderr).toContain('over the connection "eu"');
});

test.each([
  { error: { code: "unauthenticated" } },
  { error: { code: "permission_denied" } },
  { error: { code: "resource_exhausted" } },
  { html: { status: 404 } },
  { html: { status: 407 } },
] as const)("advises only on what affects a command after %j", async (fault) => {
  here.fault({ rpc: "ListWarmPools", times: "always", ...fault });
  for (const args of [["status"], ["import", "--all", "--out", folder], ["drift", "-"]]) {
    const { exitStatus, stderr } = await run(args);
    expect(exitStatus).toBe(1);
    expect(stderr).toMatch(/^ListWarmPools: .+\. .+\n$/);
    expect(stderr).not.toMatch(/ona:|pulumi (up|refresh|destroy|config)|--run-program/);
  }
});
