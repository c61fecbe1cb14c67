/** `pulumi-ona drift`, `import` and `status` of the installed package, as users and CI jobs run them, on stacks of the test engine. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ImportFile } from "../../src/testing/engine/state/import-file.js";
import { compile } from "../support/compile.js";
import { command } from "../support/simulate-command.js";
import { spawnNode } from "../support/spawn-node.js";
import { type Bench, expectSettled, lookupsByName, startBench, succeed, token } from "../support/warm-pools.js";

const root = join(__dirname, "../..");
const tool = (path: string) => join(root, "node_modules", path);
const reading = /^(Get|List)/;

/** Checks that prettier changes nothing in a file at the usual widths. Jest can't load prettier itself. */
async function expectPretty(path: string): Promise<void> {
  const source = `
    import { check } from ${JSON.stringify(pathToFileURL(tool("prettier/index.mjs")).href)};
    const text = (await import("node:fs")).readFileSync(${JSON.stringify(path)}, "utf8");
    for (const printWidth of [80, 120]) console.log(await check(text, { parser: "typescript", printWidth }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
  expect(stdout).toBe("true\ntrue\n");
}

/** Runs the command line and returns its exit status and output. */
async function pulumiOna({ sim, folder }: Bench, args: readonly string[], stdin = "") {
  const env = { ...process.env, ...sim.env, NO_COLOR: "" };
  const running = promisify(execFile)(process.execPath, [command, ...args], { cwd: folder, env });
  running.child.stdin?.end(stdin);
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

const exported = async ({ stack }: Bench) => JSON.stringify(await stack.exportDeployment());
const importFile = ({ folder }: Bench) =>
  JSON.parse(readFileSync(join(folder, "ona-resources.json"), "utf8")) as ImportFile;

/** A bench whose program is what `import` writes. */
function startImporting() {
  return startBench({
    files: {
      "Pulumi.yaml": "name: fleet\nmain: fleet.ts\nruntime: nodejs\n",
      "package.json": JSON.stringify({ name: "fleet", private: true, main: "fleet.ts" }),
      "fleet.ts": "",
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          noUnusedLocals: true,
          target: "es2022",
          module: "node16",
          moduleResolution: "node16",
          noEmit: true,
        },
        files: ["fleet.ts"],
      }),
    },
  });
}

/** Moves the imported declarations into the program, under another name. */
function moveIntoProgram({ folder }: Bench, ...modules: readonly string[]) {
  renameSync(join(folder, "ona-import.ts"), join(folder, `${modules.at(-1)}.ts`));
  writeFileSync(join(folder, "fleet.ts"), modules.map((name) => `import "./${name}";\n`).join(""));
}

/** Pools that a user created without Pulumi. */
function createUnmanagedPools({ sim, project, otherProject, regular, large }: Bench) {
  const first = sim.createPool({ projectId: project, environmentClassId: regular, minSize: 1, maxSize: 4 });
  const second = sim.createPool({ projectId: project, environmentClassId: large, desiredSize: 3 });
  const [other = ""] = sim.projects[1]?.environmentClassIds ?? [];
  const third = sim.createPool({ projectId: otherProject, environmentClassId: other, minSize: 0, maxSize: 20 });
  sim.clock.advance(60_000);
  sim.clearRequests();
  return [first, second, third] as const;
}

test("an imported file becomes state, and its program changes nothing until a pool is resized, which up reverses", async () => {
  await using bench = await startImporting();
  const pools = createUnmanagedPools(bench);
  const { code, stdout } = await pulumiOna(bench, ["import", "--all"]);
  expect(code).toBe(0);
  expect(stdout).toContain("pulumi import --file ona-resources.json --generate-code=false");
  const [statement = ""] = /import "[^"]+";/.exec(stdout) ?? [];
  expect(bench.sim.requests.map(({ rpc }) => rpc).sort()).toEqual([
    "ListEnvironmentClasses",
    "ListProjects",
    "ListWarmPools",
  ]);
  const ids = importFile(bench).resources.map(({ id }) => id);
  expect(ids.sort()).toEqual(pools.map(({ id }) => id).sort());

  await succeed(bench.stack.import(importFile(bench)));
  writeFileSync(join(bench.folder, "fleet.ts"), statement);
  bench.sim.clearRequests();
  await expectSettled(bench);
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
  expect(bench.sim.requests.filter(({ rpc }) => !reading.test(rpc))).toEqual([]);
  const { stdout: report } = await pulumiOna(bench, ["drift", "-"], await exported(bench));
  expect(report).toMatch(/^No drift\.\nCompared 3 warm pools/);

  bench.sim.resize(pools[0].id, { maxSize: 9 });
  const drift = await pulumiOna(bench, ["drift", "-"], await exported(bench));
  expect(drift).toMatchObject({ code: 7, stdout: expect.stringContaining("maxSize 4 => 9") as string });
  expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
  await succeed(bench.stack.up({ refresh: true }));
  expect(bench.sim.pool(pools[0].id).maxSize).toBe(4);
});

test("an imported prebuild has no changes, and drift reports when it is gone or has expired", async () => {
  await using bench = await startImporting();
  const [pool] = createUnmanagedPools(bench);
  const { id } = bench.sim.createPrebuild({ projectId: bench.project, timeoutSeconds: 2700 });
  bench.sim.clock.advance(60_000);
  bench.sim.clearRequests();
  expect(await pulumiOna(bench, ["import", "--pool", pool.id, "--prebuild", id])).toMatchObject({ code: 0 });
  await succeed(bench.stack.import(importFile(bench)));
  moveIntoProgram(bench, "prebuilds");
  compile(bench.folder);
  bench.sim.clearRequests();
  await expectSettled(bench);
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
  expect(bench.sim.requests.filter(({ rpc }) => !reading.test(rpc))).toEqual([]);

  const state = await exported(bench);
  expect(await pulumiOna(bench, ["drift", "-"], state)).toMatchObject({ code: 0 });
  bench.sim.remove(id);
  const gone = await pulumiOna(bench, ["drift", "-"], state);
  expect(gone.code).toBe(7);
  expect(gone.stdout).toMatch(/gone +Prebuild prebuild-/);
  bench.sim.clock.advance((6 * 24 + 23) * 3_600_000);
  const expired = await pulumiOna(bench, ["drift", "-"], state);
  expect(expired.code).toBe(0);
  expect(expired.stdout).toMatch(/expired +Prebuild prebuild-/);
});

test("import writes a program that compiles in strict mode and that prettier does not change", async () => {
  await using bench = await startImporting();
  createUnmanagedPools(bench);
  await pulumiOna(bench, ["import", "--all"]);
  moveIntoProgram(bench, "warm-pools");
  compile(bench.folder);
  await expectPretty(join(bench.folder, "warm-pools.ts"));
});

test("a program that looks up names compiles in strict mode, and changes nothing with and without a refresh", async () => {
  await using bench = await startImporting();
  createUnmanagedPools(bench);
  expect(await pulumiOna(bench, ["import", "--all", "--by-name"])).toMatchObject({ code: 0 });
  await succeed(bench.stack.import(importFile(bench)));
  moveIntoProgram(bench, "warm-pools");
  compile(bench.folder);
  const path = join(bench.folder, "warm-pools.ts");
  expect(readFileSync(path, "utf8")).toMatch(/projectId: \w+Project\.id,\n {4}environmentClassId: \w+Class\.id,/);
  await expectPretty(path);
  await expectSettled(bench, lookupsByName);
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
});

test("a second import adds new pools and skips what the stack has already", async () => {
  await using bench = await startImporting();
  const [first, second, third] = createUnmanagedPools(bench);
  await pulumiOna(bench, ["import", "--pool", first.id]);
  await succeed(bench.stack.import(importFile(bench)));
  moveIntoProgram(bench, "warm-pools");

  const again = await pulumiOna(bench, ["import", "--all", "--stack-export", "-"], await exported(bench));
  expect(again.stdout).toContain("2 resources to import. Skipped 1 resource already in the stack.");
  expect(
    importFile(bench)
      .resources.map(({ id }) => id)
      .sort(),
  ).toEqual([second.id, third.id].sort());
  await succeed(bench.stack.import(importFile(bench)));
  moveIntoProgram(bench, "warm-pools", "more-pools");
  await succeed(bench.stack.preview({ expectNoChanges: true, refresh: true }));
  const last = await pulumiOna(bench, ["import", "--all", "--stack-export", "-"], await exported(bench));
  const nothing = "Nothing to import, so no files were written. Skipped 3 resources already in the stack.\n";
  expect(last).toMatchObject({ code: 0, stdout: nothing });
});

test("drift exits 7 for a resize, like a refresh, and 0 after up has restored the size", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular, maxSize: 4 } });
  await succeed(bench.stack.up());
  const [pool] = bench.sim.pools;
  expect(await pulumiOna(bench, ["drift", "-"], await exported(bench))).toMatchObject({ code: 0 });
  bench.sim.resize(pool?.id ?? "", { minSize: 2, maxSize: 5 });
  writeFileSync(join(bench.folder, "prod.json"), await exported(bench));
  const { code, stdout, stderr } = await pulumiOna(bench, ["drift", "prod.json"]);
  expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
  expect(stdout).toContain("maxSize 4 => 5");
  expect(stdout + stderr).not.toContain(token);
  await succeed(bench.stack.up({ refresh: true }));
  expect(await pulumiOna(bench, ["drift", "-"], await exported(bench))).toMatchObject({ code: 0 });
});

test("status prints plain text to a pipe, and --watch exits 0 on Ctrl+C", async () => {
  await using bench = await startBench();
  const [pool] = createUnmanagedPools(bench);
  const piped = await pulumiOna(bench, ["status"]);
  expect(piped).toMatchObject({ code: 0, stderr: "" });
  expect(piped.stdout).not.toContain("\u001b");
  expect(piped.stdout).toMatch(new RegExp(`storefront +regular +READY +\\[.*\\] +1-4 .* ${pool.id}`));

  const child = spawnNode([command, "status", "--watch", "--interval", "1s", "--json"], {
    env: { ...process.env, ...bench.sim.env },
  });
  let text = "";
  const ended = once(child, "exit");
  for await (const chunk of child.stdout) {
    text += String(chunk);
    // After the first line the pool changes, so a second line follows.
    if (text.split("\n").length === 2) bench.sim.degrade(pool.id, "no capacity");
    if (text.split("\n").length > 2) child.kill("SIGINT");
  }
  expect(await ended).toEqual([0, null]);
  const statuses = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { warmPools: { id: string; phase: string }[] });
  const phases = statuses.map(({ warmPools }) => warmPools.find(({ id }) => id === pool.id)?.phase);
  expect(phases).toEqual(["READY", "DEGRADED"]);
});

test("--help works without @pulumi/pulumi and loads little", async () => {
  await using bench = await startBench();
  const source = `
    process.argv = ["node", "pulumi-ona", "--help"];
    process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));
    require(${JSON.stringify(command)});`;
  const { stderr } = await promisify(execFile)(process.execPath, ["-e", source], { cwd: bench.folder });
  const loaded = stderr.split("\n").filter((path) => path.includes("node_modules"));
  expect(loaded.length).toBeGreaterThan(5);
  expect(loaded.filter((path) => /@pulumi|undici|zod|testing.simulator/.test(path))).toEqual([]);
});

test("--help evaluates only commander and picocolors of the bundled packages", async () => {
  await using bench = await startBench();
  const coverage = join(bench.folder, "coverage");
  const env = { ...process.env, NODE_V8_COVERAGE: coverage };
  await promisify(execFile)(process.execPath, [command, "--help"], { env });
  const evaluated = new Set<string>();
  for (const file of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8")) as Coverage;
    for (const { functionName, ranges } of result.flatMap(({ functions }) => functions)) {
      const [, name] = /^node_modules.((?:@[^/]+.)?[^/]+)/.exec(functionName) ?? [];
      if (name !== undefined && (ranges[0]?.count ?? 0) > 0) evaluated.add(name);
    }
  }
  expect([...evaluated].sort()).toEqual(["commander", "picocolors"]);
});

interface Coverage {
  readonly result: readonly {
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

test("prints its version, has examples for each command, and exits 2 for wrong usage", async () => {
  await using bench = await startBench();
  expect((await pulumiOna(bench, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const name of ["drift", "import", "status", "simulate"]) {
    const { code, stdout } = await pulumiOna(bench, [name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ /);
  }
  for (const args of [["drift"], ["import"], ["status", "--color"], ["import", "--pool", "x"], ["nothing"]]) {
    expect(await pulumiOna(bench, args)).toMatchObject({ code: 2, stdout: "" });
  }
});
