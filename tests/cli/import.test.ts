/** `pulumi-ona import` against the simulator: what it selects, what it writes and which files it leaves alone. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constantFor } from "../../src/cli/import/output-files.js";
import { nameFor, planImport } from "../../src/cli/import/plan.js";
import type { ImportFile } from "../../src/testing/engine/state/import-file.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { exportOfImport } from "../support/stack-export.js";
import { run } from "../../src/cli/program.js";
import { fakeIo, pulumiOna } from "../support/fake-io.js";
import { details } from "../support/pools.js";

const absent = "0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11";

let simulator: Simulator;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Three pools: two of the first project, one of the second. */
async function start(options: SimulatorOptions = {}) {
  simulator = await startSimulator(options);
  const [first, second] = simulator.projects.map(({ id, environmentClassIds: [regular = "", large = ""] }) => ({
    id,
    regular,
    large,
  }));
  if (first === undefined || second === undefined) throw new Error("the simulator has fewer than two projects");
  const pool = (projectId: string, environmentClassId: string) =>
    simulator.createPool({ projectId, environmentClassId, minSize: 1, maxSize: 4 });
  const pools = [pool(first.id, first.regular), pool(first.id, first.large), pool(second.id, second.regular)] as const;
  simulator.clock.advance(60_000);
  return { first, second, pools };
}

const importing = (args: readonly string[], stdin = "") =>
  pulumiOna(["import", "--out", folder, ...args], { env: simulator.env, stdin });
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const importFile = () => JSON.parse(read("ona-resources.json")) as ImportFile;
const ids = () => importFile().resources.map(({ id }) => id);
const emptyState = JSON.stringify({ version: 3, deployment: { manifest: {} } });
const stateOf = ({ resources }: ImportFile) => JSON.stringify(exportOfImport(resources));

test.each<[string, (world: Awaited<ReturnType<typeof start>>) => { args: string[]; pools: readonly { id: string }[] }]>(
  [
    ["--all", ({ pools }) => ({ args: ["--all"], pools })],
    ["--pool", ({ pools: [a, , c] }) => ({ args: ["--pool", a.id, "--pool", c.id.toUpperCase()], pools: [a, c] })],
    ["--pair", ({ first, pools: [, b] }) => ({ args: ["--pair", `${first.id}/${first.large}`], pools: [b] })],
    ["--project", ({ first, pools: [a, b] }) => ({ args: ["--project", first.id], pools: [a, b] })],
    [
      "a mix of --project and --pool",
      ({ first, pools: [a, b] }) => ({ args: ["--project", first.id, "--pool", a.id], pools: [a, b] }),
    ],
  ],
)("%s selects the given pools and changes nothing at the API", async (_name, choose) => {
  const { args, pools } = choose(await start());
  const { stdout, ...result } = await importing([...args, "--stack-export", "-"], emptyState);
  expect(result).toEqual({ exitStatus: 0, stderr: "" });
  expect(stdout).toContain(`(import ${JSON.stringify(join(folder, "ona-import").replaceAll("\\", "/"))};)`);
  expect(ids().sort()).toEqual(pools.map(({ id }) => id).sort());
  for (const { id } of pools) expect(read("ona-import.ts")).toContain(`// WarmPool ${id}\nexport const `);
  expect(simulator.requests.filter(({ rpc }) => !/^(Get|List)/.test(rpc))).toEqual([]);
});

test("--name sets the name of a single resource, including on a second run", async () => {
  const { first, pools } = await start();
  await importing(["--pool", pools[0].id]);
  for (const args of [
    ["--pool", pools[0].id],
    ["--pair", `${first.id}/${first.regular}`],
  ]) {
    expect(await importing([...args, "--name", "web"])).toMatchObject({ exitStatus: 0 });
    expect(importFile().resources.map(({ name, id }) => [name, id])).toEqual([["web", pools[0].id]]);
    expect(read("ona-import.ts")).toContain('"web",');
  }
  const taken = await importing(["--pool", pools[1].id, "--name", "web"]);
  expect(taken).toMatchObject({
    exitStatus: 1,
    stderr: expect.stringContaining("The name web is taken by another resource") as string,
  });
  expect(ids()).toEqual([pools[0].id]);
});

test.each([["--all"], ["--pool", absent, "--pool", absent], ["--pool", absent, "--project", absent]])(
  "refuses --name with %s %s %s as wrong usage",
  async (...args) => {
    await start();
    const { exitStatus, stderr } = await importing([...args, "--name", "web"]);
    expect([exitStatus, stderr]).toEqual([
      2,
      expect.stringContaining("--name requires a single --pool, --pair or --prebuild"),
    ]);
  },
);

test("quotes a path in the command that it prints", async () => {
  await start();
  const { stdout } = await importing(["--all", "--out", join(folder, "it's here")]);
  expect(stdout).toContain(`pulumi import --file '${join(folder, String.raw`it'\''s here`)}/ona-resources.json' `);
});

test("writes to the import file what `up` would have stored", async () => {
  const { first, pools } = await start();
  await importing(["--pool", pools[0].id]);
  const __provider = 'exports.handler = () => require("pulumi-ona/provider").warmPool;';
  const inputs = { __provider, projectId: first.id, environmentClassId: first.regular, minSize: 1, maxSize: 4 };
  expect(importFile().resources).toEqual([
    {
      type: "pulumi-nodejs:dynamic/ona:WarmPool",
      name: "storefront-regular",
      id: pools[0].id,
      inputs,
      outputs: {
        ...inputs,
        __managed: ["minSize", "maxSize"],
        __version: 1,
        phase: "READY",
        desiredSize: 1,
        runningInstances: 1,
        stoppedInstances: 3,
        organizationId: pools[0].organizationId,
        runnerId: pools[0].runnerId,
        createdAt: pools[0].createdAt,
        updatedAt: pools[0].updatedAt,
        snapshotId: pools[0].snapshotId,
        failureMessage: null,
        adoptExisting: null,
        waitForReady: null,
        connection: null,
      },
    },
  ]);
});

test("imports a completed prebuild by its id, but no prebuild with --all", async () => {
  const { first } = await start();
  const prebuild = simulator.createPrebuild({ projectId: first.id, timeoutSeconds: 2700 });
  simulator.clock.advance(60_000);
  await importing(["--prebuild", prebuild.id]);
  const [resource] = importFile().resources;
  expect(resource).toMatchObject({
    type: "pulumi-nodejs:dynamic/ona:Prebuild",
    name: `prebuild-storefront-${prebuild.id.slice(0, 8)}`,
    inputs: {
      __provider: 'exports.handler = () => require("pulumi-ona/provider").prebuild;',
      projectId: first.id,
      environmentClassId: first.regular,
      timeout: "45m",
    },
    outputs: { phase: "COMPLETED", expired: false, __managed: ["environmentClassId", "timeout"], __version: 1 },
  });
  expect(read("ona-import.ts")).toContain('import { Prebuild } from "pulumi-ona";');
  rmSync(join(folder, "ona-import.ts"));
  rmSync(join(folder, "ona-resources.json"));
  await importing(["--all"]);
  expect(read("ona-import.ts")).not.toContain("Prebuild");
});

test.each([
  ["FAILED", "it is FAILED, and Pulumi would run it again"],
  ["RUNNING", "it is RUNNING. Import it after it has COMPLETED"],
])("refuses a %s prebuild with the reason", async (phase, reason) => {
  const { first } = await start();
  const { id } = simulator.createPrebuild({ projectId: first.id });
  simulator.clock.advance(5_000);
  if (phase === "FAILED") simulator.failPrebuild(id);
  const { exitStatus, stderr } = await importing(["--prebuild", id]);
  expect({ exitStatus, stderr }).toEqual({ exitStatus: 1, stderr: `Cannot import prebuild ${id}: ${reason}.\n` });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["--pool", absent, `No warm pool found with id ${absent}`],
  ["--prebuild", absent, `No prebuild found with id ${absent}`],
  ["--project", absent, `No warm pool found for project ${absent}`],
  ["--pair", `${absent}/${absent}`, `No warm pool found for project and environment class ${absent}/${absent}`],
])("%s fails and writes nothing if it finds nothing", async (option, value, message) => {
  await start();
  expect(
    await importing(["--all", option, value].slice(option === "--pool" || option === "--prebuild" ? 0 : 1)),
  ).toMatchObject({
    exitStatus: 1,
    stdout: "",
    stderr: `${message}. Check the id, and that the token belongs to its organization.\n`,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("skips a pool that is being deleted with a note, but refuses it if named", async () => {
  const { pools } = await start();
  simulator.drain(pools[0].id);
  expect(await importing(["--pool", pools[0].id])).toMatchObject({ exitStatus: 1, stdout: "" });
  const { exitStatus, stderr } = await importing(["--all", "--stack-export", "-"], emptyState);
  expect({ exitStatus, stderr }).toEqual({
    exitStatus: 0,
    stderr: `Skipped warm pool ${pools[0].id} (storefront/regular): it is being deleted.\n`,
  });
  expect(ids()).toHaveLength(2);
});

test("writes nothing if the API fails", async () => {
  const { pools } = await start();
  simulator.fault({ rpc: "GetWarmPool", error: { code: "permission_denied" }, times: "always" });
  expect(await importing(["--pool", pools[0].id])).toMatchObject({ exitStatus: 1, stdout: "" });
  expect(readdirSync(folder)).toEqual([]);
});

describe("a second run", () => {
  test("writes the same files for the same selection", async () => {
    await start();
    await importing(["--all"]);
    const before = [read("ona-resources.json"), read("ona-import.ts")];
    expect(await importing(["--all"])).toMatchObject({ exitStatus: 0 });
    expect([read("ona-resources.json"), read("ona-import.ts")]).toEqual(before);
  });

  test("adds to the files and removes what is gone", async () => {
    const { pools } = await start();
    await importing(["--pool", pools[0].id]);
    await importing(["--pool", pools[1].id]);
    expect(ids().sort()).toEqual([pools[0].id, pools[1].id].sort());
    simulator.remove(pools[0].id);
    const { stderr } = await importing(["--pool", pools[2].id, "--stack-export", "-"], emptyState);
    expect(stderr).toBe(`Removed warm pool ${pools[0].id} from the files: it no longer exists.\n`);
    expect(ids().sort()).toEqual([pools[1].id, pools[2].id].sort());
  });

  test("keeps the declaration of an imported pool even if the pool has changed since", async () => {
    const { pools } = await start();
    await importing(["--pool", pools[0].id]);
    const [, before = ""] = read("ona-import.ts").split("\n\n");
    const state = stateOf(importFile());
    simulator.resize(pools[0].id, { maxSize: 9 });
    const { stdout } = await importing(["--all", "--stack-export", "-"], state);
    expect(stdout).toContain("2 resources to import. Skipped 1 resource already in the stack.");
    expect(stdout).toContain("the program that declares them, plus 1 resource from an earlier run.");
    expect(ids()).not.toContain(pools[0].id);
    expect(read("ona-import.ts")).toContain(before);
    expect(before).toContain("maxSize: 4");
  });

  test("writes nothing if the stack has everything already", async () => {
    await start();
    await importing(["--all"]);
    const state = stateOf(importFile());
    rmSync(join(folder, "ona-resources.json"));
    const { exitStatus, stdout } = await importing(["--all", "--stack-export", "-"], state);
    expect(exitStatus).toBe(0);
    expect(stdout).toBe("Nothing to import, so no files were written. Skipped 3 resources already in the stack.\n");
    expect(existsSync(join(folder, "ona-resources.json"))).toBe(false);
  });

  test("never uses a name that the stack has", async () => {
    const { pools } = await start();
    await importing(["--pool", pools[0].id]);
    const taken = importFile().resources.map((resource) => ({ ...resource, id: absent }));
    rmSync(join(folder, "ona-resources.json"));
    rmSync(join(folder, "ona-import.ts"));
    await importing(["--pool", pools[0].id, "--stack-export", "-"], stateOf({ resources: taken }));
    const name = `storefront-regular-${pools[0].id.slice(0, 8)}`;
    expect(importFile().resources.map((resource) => resource.name)).toEqual([name]);
  });
});

test("warns before it writes that without --stack-export an object can get into state twice", async () => {
  await start();
  const io = fakeIo({ env: simulator.env });
  const writtenBefore: boolean[] = [];
  const err = (text: string) => {
    writtenBefore.push(existsSync(join(folder, "ona-resources.json")));
    io.err(text);
  };
  expect(await run(["import", "--all", "--out", folder], { ...io, err })).toBe(0);
  expect(io.stderr).toMatch(
    /^warning: without --stack-export, .* is in state twice\. To skip them, run `pulumi stack export/,
  );
  expect(writtenBefore).toEqual([false]);
  expect(ids()).toHaveLength(3);
});

test.each([absent, "storefront", "/regular", "storefront/", "/", ""])(
  "refuses --pair %s with the form that it must have",
  async (value) => {
    await start();
    const must = "Must be a project and an environment class, by names or ids, with a slash between them.";
    const { exitStatus, stderr } = await importing(["--pair", value]);
    expect([exitStatus, stderr.split("\n")[0]]).toEqual([2, expect.stringContaining(`is invalid. ${must}`)]);
  },
);

describe("an import file of a release that called it ona-import.json", () => {
  const former = () => join(folder, "ona-import.json");

  test("is left alone, and its resources are in the new file", async () => {
    const { pools } = await start();
    await importing(["--pool", pools[0].id, "--name", "web"]);
    renameSync(join(folder, "ona-resources.json"), former());
    const before = readFileSync(former(), "utf8");
    const { exitStatus, stderr } = await importing(["--pool", pools[1].id]);
    expect(exitStatus).toBe(0);
    expect(stderr).toContain(
      `warning: An earlier release wrote ${former()}. Its resources are now in ${join(folder, "ona-resources.json")}. ` +
        `Delete or rename it before you import ${join(folder, "ona-import.ts")}: Node loads ${former()} instead.`,
    );
    expect(ids().sort()).toEqual([pools[0].id, pools[1].id].sort());
    expect(importFile().resources.map(({ name }) => name)).toContain("web");
    expect(readFileSync(former(), "utf8")).toBe(before);
  });

  test("is left alone and not read if it was edited or is from elsewhere", async () => {
    const { pools } = await start();
    for (const text of ['{"resources": []}', "{}", "no JSON"]) {
      writeFileSync(former(), text);
      const { exitStatus, stderr } = await importing(["--pool", pools[0].id]);
      expect(exitStatus).toBe(0);
      expect(stderr).toContain(`warning: ${former()} stays. Delete or rename it before you import`);
      expect(ids()).toEqual([pools[0].id]);
      expect(readFileSync(former(), "utf8")).toBe(text);
    }
  });
});

describe("a file that import did not write", () => {
  test.each([
    ["a program of the user", "ona-import.ts", () => "export {};\n"],
    ["an edited program", "ona-import.ts", (text: string) => text.replace("maxSize: 4", "maxSize: 5")],
    ["a program without its first line", "ona-import.ts", (text: string) => text.slice(text.indexOf("\n") + 1)],
    ["an edited import file", "ona-resources.json", (text: string) => text.replace('"maxSize": 4', '"maxSize": 5')],
    ["an import file of the user", "ona-resources.json", () => '{"resources": []}'],
    ["a file that is not JSON", "ona-resources.json", () => "resources"],
  ])("leaves %s alone, without API calls or other changes", async (_what, name, edit) => {
    await start();
    await importing(["--all"]);
    const other = name === "ona-import.ts" ? "ona-resources.json" : "ona-import.ts";
    writeFileSync(join(folder, name), edit(read(name)));
    const before = [read(name), read(other)];
    simulator.clearRequests();
    const { exitStatus, stdout, stderr } = await importing(["--all"]);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
    expect(stderr).toContain(`${join(folder, name)} was edited, or \`pulumi-ona import\` did not write it.`);
    expect(stderr).toContain("--out");
    expect([read(name), read(other)]).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(["ona-import.ts", "ona-resources.json"]);
    expect(simulator.requests).toEqual([]);
  });

  test("does not take Windows line endings or another JSON indentation for an edit", async () => {
    await start();
    await importing(["--all"]);
    writeFileSync(join(folder, "ona-import.ts"), read("ona-import.ts").replaceAll("\n", "\r\n"));
    writeFileSync(
      join(folder, "ona-resources.json"),
      JSON.stringify(JSON.parse(read("ona-resources.json")), undefined, 8),
    );
    expect(await importing(["--all"])).toMatchObject({ exitStatus: 0 });
  });
});

describe("values from the API", () => {
  const pool = (overrides: object) => {
    const notes: string[] = [];
    const selected = [{ kind: "WarmPool", object: details(overrides) }] as const;
    const { resources } = planImport({ selected, state: undefined, earlier: [], connection: undefined, notes });
    return { resources, notes };
  };
  beforeEach(async () => {
    simulator = await startSimulator();
  });

  test("skips objects whose ids are not UUIDs, since ids become part of a program", () => {
    for (const bad of [{ id: "x\nprocess.exit()" }, { projectId: "" }, { environmentClassId: '"});' }]) {
      const { resources, notes } = pool(bad);
      expect(resources).toEqual([]);
      expect(notes.join()).toMatch(/^Skipped WarmPool .*: the API returned ids that are not UUIDs\.$/s);
    }
  });

  test("does not manage a size that cannot be declared", () => {
    const { resources, notes } = pool({ maxSize: 40 });
    expect(resources[0]?.inputs).not.toHaveProperty("maxSize");
    expect(resources[0]?.outputs).toMatchObject({ maxSize: 40, __managed: ["minSize"] });
    expect(notes.join()).toContain("The stack will not manage maxSize of WarmPool");
  });

  test("gives resources unique names and constants that are identifiers", () => {
    const object = details();
    const taken = new Set<string>();
    const names = [1, 2, 3].map(() => {
      const name = nameFor({ kind: "WarmPool", object }, taken);
      taken.add(name);
      return name;
    });
    expect(new Set(names).size).toBe(3);
    expect(constantFor("pool-b0e12f6c-3f0a8f5e", new Set())).toBe("poolB0e12f6c3f0a8f5e");
    expect(constantFor("pool-b0e12f6c-3f0a8f5e", new Set(["poolB0e12f6c3f0a8f5e"]))).toBe("poolB0e12f6c3f0a8f5e_2");
    expect(constantFor("7-web", new Set())).toBe("resource7Web");
  });
});
