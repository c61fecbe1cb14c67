/** `pulumi-ona drift`, `import` and `status` of the installed package, as people and CI jobs run them, on stacks that the test engine keeps. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ImportFile } from "../../src/testing/engine/state/import-file";
import { command } from "../support/simulate-command";
import { type Bench, expectSettled, startBench, succeed, token } from "../support/warm-pools";

const root = join(__dirname, "../..");
const tool = (path: string) => join(root, "node_modules", path);
const reading = /^(Get|List)/;

/** Runs the command line; a failure is a result. */
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
  JSON.parse(readFileSync(join(folder, "ona-import.json"), "utf8")) as ImportFile;

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
          module: "commonjs",
          moduleResolution: "node",
          noEmit: true,
        },
        files: ["fleet.ts"],
      }),
    },
  });
}

/** Takes what an import wrote into the program, as the printed instructions say. */
function takeOver({ folder }: Bench, ...modules: readonly string[]) {
  renameSync(join(folder, "ona-import.ts"), join(folder, `${modules.at(-1)}.ts`));
  writeFileSync(join(folder, "fleet.ts"), modules.map((name) => `import "./${name}";\n`).join(""));
}

/** Pools that somebody made by hand. */
function byHand({ sim, project, otherProject, regular, large }: Bench) {
  const first = sim.createPool({ projectId: project, environmentClassId: regular, minSize: 1, maxSize: 4 });
  const second = sim.createPool({ projectId: project, environmentClassId: large, desiredSize: 3 });
  const [other = ""] = sim.projects[1]?.environmentClassIds ?? [];
  const third = sim.createPool({ projectId: otherProject, environmentClassId: other, minSize: 0, maxSize: 20 });
  sim.clock.advance(60_000);
  sim.clearRequests();
  return [first, second, third] as const;
}

test("the import file becomes state, and nothing is left to do, with and without a refresh", async () => {
  await using bench = await startImporting();
  const pools = byHand(bench);
  const { code, stdout } = await pulumiOna(bench, ["import", "--all"]);
  expect(code).toBe(0);
  expect(stdout).toContain("pulumi import --file ona-import.json --generate-code=false");
  expect(bench.sim.requests.map(({ rpc }) => rpc)).toEqual(["ListWarmPools"]);
  const ids = importFile(bench).resources.map(({ id }) => id);
  expect(ids.sort()).toEqual(pools.map(({ id }) => id).sort());

  await succeed(bench.stack.import(importFile(bench)));
  takeOver(bench, "warm-pools");
  bench.sim.clearRequests();
  await expectSettled(bench);
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
  expect(bench.sim.requests.filter(({ rpc }) => !reading.test(rpc))).toEqual([]);
  const { stdout: report } = await pulumiOna(bench, ["drift", "-"], await exported(bench));
  expect(report).toMatch(/^No drift\.\nCompared 3 warm pools/);
});

test("a prebuild that was imported is there to stay: nothing is left to do, and drift tells when it is gone or has expired", async () => {
  await using bench = await startImporting();
  const [pool] = byHand(bench);
  const { id } = bench.sim.createPrebuild({ projectId: bench.project, timeoutSeconds: 2700 });
  bench.sim.clock.advance(60_000);
  bench.sim.clearRequests();
  expect(await pulumiOna(bench, ["import", "--pool", pool.id, "--prebuild", id])).toMatchObject({ code: 0 });
  await succeed(bench.stack.import(importFile(bench)));
  takeOver(bench, "fleet-of-ona");
  await promisify(execFile)(process.execPath, [tool("typescript/bin/tsc"), "-p", bench.folder]);
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

test("the program that it writes compiles in strict mode, and prettier leaves it as it is", async () => {
  await using bench = await startImporting();
  byHand(bench);
  await pulumiOna(bench, ["import", "--all"]);
  takeOver(bench, "warm-pools");
  const run = promisify(execFile);
  await run(process.execPath, [tool("typescript/bin/tsc"), "-p", bench.folder]);
  const prettier = [tool("prettier/bin/prettier.cjs"), "--no-config", "--check", join(bench.folder, "warm-pools.ts")];
  for (const width of ["80", "120"]) await run(process.execPath, [...prettier, "--print-width", width]);
});

test("what was imported is a pool like any other: a resize is drift, and up restores it", async () => {
  await using bench = await startImporting();
  const [pool] = byHand(bench);
  await pulumiOna(bench, ["import", "--pool", pool.id]);
  await succeed(bench.stack.import(importFile(bench)));
  takeOver(bench, "warm-pools");
  bench.sim.resize(pool.id, { maxSize: 9 });
  const drift = await pulumiOna(bench, ["drift", "-"], await exported(bench));
  expect(drift).toMatchObject({ code: 7 });
  expect(drift.stdout).toContain("maxSize 4 => 9");
  expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
  await succeed(bench.stack.up({ refresh: true }));
  expect(bench.sim.pool(pool.id).maxSize).toBe(4);
});

test("run again it adds what is new, and what the stack has already stays out of both files", async () => {
  await using bench = await startImporting();
  const [first, second, third] = byHand(bench);
  await pulumiOna(bench, ["import", "--pool", first.id]);
  await succeed(bench.stack.import(importFile(bench)));
  takeOver(bench, "warm-pools");

  const again = await pulumiOna(bench, ["import", "--all", "--stack-export", "-"], await exported(bench));
  expect(again.stdout).toContain("2 resources to import. 1 resource left out: in the state already.");
  expect(
    importFile(bench)
      .resources.map(({ id }) => id)
      .sort(),
  ).toEqual([second.id, third.id].sort());
  await succeed(bench.stack.import(importFile(bench)));
  takeOver(bench, "warm-pools", "more-pools");
  await succeed(bench.stack.preview({ expectNoChanges: true, refresh: true }));
  const last = await pulumiOna(bench, ["import", "--all", "--stack-export", "-"], await exported(bench));
  const nothing = "Nothing to import: no files were written. 3 resources left out: in the state already.\n";
  expect(last).toMatchObject({ code: 0, stdout: nothing });
});

test("drift tells what a plain refresh tells: exit status 7 for a resize, 0 once it is repaired", async () => {
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

test("status shows a pool in plain text, and --watch ends with ^C and exit status 0", async () => {
  await using bench = await startBench();
  const [pool] = byHand(bench);
  const once_ = await pulumiOna(bench, ["status"]);
  expect(once_).toMatchObject({ code: 0, stderr: "" });
  expect(once_.stdout).not.toContain("\u001b");
  expect(once_.stdout).toMatch(new RegExp(`${pool.id} .* READY +\\[.*\\] 1-4`));

  const child = spawn(process.execPath, [command, "status", "--watch", "--interval", "1s", "--json"], {
    env: { ...process.env, ...bench.sim.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  const ended = once(child, "exit");
  for await (const chunk of child.stdout) {
    text += String(chunk);
    // The first line is the first picture; the pool changes, and a second one comes.
    if (text.split("\n").length === 2) bench.sim.degrade(pool.id, "no capacity");
    if (text.split("\n").length > 2) child.kill("SIGINT");
  }
  expect(await ended).toEqual([0, null]);
  const pictures = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { warmPools: { id: string; phase: string }[] });
  const phases = pictures.map(({ warmPools }) => warmPools.find(({ id }) => id === pool.id)?.phase);
  expect(phases).toEqual(["READY", "DEGRADED"]);
});

test("without the library of Pulumi, and before a command runs, next to nothing is loaded", async () => {
  await using bench = await startBench();
  const source = `
    process.argv = ["node", "pulumi-ona", "--help"];
    process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));
    require(${JSON.stringify(command)});`;
  const { stderr } = await promisify(execFile)(process.execPath, ["-e", source], { cwd: bench.folder });
  const loaded = stderr.split("\n").filter((path) => path.includes("node_modules"));
  expect(loaded.length).toBeGreaterThan(5);
  expect(loaded.filter((path) => /@pulumi|undici|zod|cli-table3|connectrpc|testing.simulator/.test(path))).toEqual([]);
});

test("the version is the package's, each command has examples, and wrong usage exits 2", async () => {
  await using bench = await startBench();
  expect((await pulumiOna(bench, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const name of ["drift", "import", "status", "simulate"]) {
    const { code, stdout } = await pulumiOna(bench, [name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ /);
  }
  for (const args of [["drift"], ["import"], ["status", "--colour"], ["import", "--pool", "x"], ["nothing"]]) {
    expect(await pulumiOna(bench, args)).toMatchObject({ code: 2, stdout: "" });
  }
});
