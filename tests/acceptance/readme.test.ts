/** Runs the snippets of the README, of the first page behind it, and of a program with the plugin. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createStack } from "../../src/testing/engine/index";
import { startSimulator } from "../../src/testing/simulator/index";
import { writeProgram } from "../support/consumer";
import { installShim } from "../support/installed-shim";
import { exported, simulate, stopAll } from "../support/simulate-command";
import { consumer, lookupsByName, succeed, transpileOnly } from "../support/warm-pools";

const root = join(__dirname, "../..");
const read = (page: string) => readFileSync(join(root, page), "utf8");
const text = read("README.md") + read("docs/getting-started.md");
const blocks = (language: string) =>
  [...text.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```/gm)].filter(([, is]) => is === language);
const block = (language: string, begin: string) =>
  blocks(language).find(([, , code = ""]) => code.trimStart().startsWith(begin))?.[2] ?? "";

afterEach(stopAll);

/** Runs lines in a shell and returns a failure as a result. */
async function sh(lines: string, options: { cwd?: string; env: Record<string, string> }) {
  const env = { ...process.env, ...options.env };
  return promisify(execFile)("sh", ["-ec", lines], { ...options, env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
}

test("the first program of the README creates a pool by the names of its project and class", async () => {
  await using simulator = await startSimulator();
  const [, , code = ""] = blocks("ts")[0] ?? [];
  const program = { "index.ts": code, "tsconfig.json": read("examples/testing/tsconfig.json") };
  const nodeModules = join(consumer(), "node_modules");
  await using stack = await createStack({ program, nodeModules, simulator, reuseProcesses: true });
  const { outputs } = await succeed(stack.up());
  expect(outputs).toMatchObject({ phase: { value: "READY" } });
  const [project] = simulator.projects;
  const environmentClassId = project?.environmentClassIds[0];
  expect(simulator.pools).toMatchObject([{ projectId: project?.id, environmentClassId, minSize: 1, maxSize: 4 }]);
});

/** The stack of docs/getting-started.md: a new project with the first program of the README. */
const firstStack = {
  "index.ts": blocks("ts")[0]?.[2] ?? "",
  "Pulumi.yaml": "name: pools\nruntime: nodejs\n",
  "package.json": JSON.stringify({ main: "index.ts" }),
  "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true, module: "commonjs", moduleResolution: "node" } }),
};

test("createStack tests the program of docs/testing.md with the plugin of the installed package", async () => {
  await using simulator = await startSimulator();
  const [, section = ""] = read("docs/testing.md").split("## Provider plugins");
  const [yaml = "", code = ""] = [...section.matchAll(/^```(?:yaml|ts)\n([\s\S]*?)^```/gm)].map(([, each]) => each);
  const program = { "Pulumi.yaml": yaml, "index.ts": code, "tsconfig.json": read("examples/testing/tsconfig.json") };
  const nodeModules = join(consumer(), "node_modules");
  await using stack = await createStack({ program, nodeModules, simulator, env: transpileOnly });
  const { outputs } = await succeed(stack.up());
  expect(outputs).toMatchObject({ phase: { value: "READY" } });
  expect(simulator.pools).toMatchObject([{ minSize: 1, maxSize: 3 }]);
  const { calls } = await succeed(stack.preview({ expectNoChanges: true }));
  expect(calls.map(({ rpc }) => rpc)).toEqual(lookupsByName);
  for (const { id } of simulator.pools) simulator.resize(id, { maxSize: 5 });
  expect((await stack.refresh({ previewOnly: true, expectNoChanges: true })).exitCode).toBe(7);
  await succeed(stack.destroy());
});

test("the pulumi commands of docs/getting-started.md run on the simulator, and refresh finds a resize", async () => {
  const { text: printed } = await simulate();
  const { ONA_BASE_URL = "" } = exported(printed);
  const levers = ONA_BASE_URL.replace("/api", "/_simulator");
  const cwd = writeProgram(consumer(), firstStack);
  const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  const shim = installShim();
  const settings = { PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "" };
  const env = { ...exported(printed), ...shim.env, ...settings, ...transpileOnly };
  const pools = async () => {
    const state = (await (await fetch(`${levers}/state`)).json()) as { pools: { id: string; phase: string }[] };
    return state.pools;
  };
  try {
    const [preview, up, refresh = "", destroy = ""] = block("sh", "pulumi preview").trim().split("\n");
    expect(await sh(`pulumi stack init dev\n${preview}\n${up}\n${refresh}`, { cwd, env })).toMatchObject({ code: 0 });
    const [pool] = await pools();
    expect(pool).toMatchObject({ phase: "READY", minSize: 1, maxSize: 4 });
    await fetch(`${levers}/pools/${pool?.id}/resize`, { method: "POST", body: JSON.stringify({ maxSize: 5 }) });
    expect(await sh(refresh, { cwd, env })).toMatchObject({ code: 7 });
    expect(await sh(destroy, { cwd, env })).toMatchObject({ code: 0 });
    expect(await pools()).toMatchObject([{ phase: "DELETED" }]);
  } finally {
    shim.remove();
    for (const folder of [cwd, home]) rmSync(folder, { recursive: true, force: true });
  }
});

test("the first test of docs/testing.md passes in the project of docs/getting-started.md, with Node's own runner", async () => {
  const [, code = ""] = /```ts\n([^]*?)```/.exec(read("docs/testing.md")) ?? [];
  const cwd = writeProgram(consumer(), { ...firstStack, "stack.test.mts": code });
  try {
    const env = { ...transpileOnly, NODE: process.execPath };
    const { stdout } = await sh('"$NODE" --test stack.test.mts', { cwd, env });
    expect(stdout).toMatch(/pass 1\n.*fail 0\n/);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

test("the README starts a stack test with the same two lines as the example", () => {
  const lines = block("ts", "await using").trim().split("\n");
  expect(lines).toHaveLength(2);
  const example = readFileSync(join(root, "examples/testing/stack.test.ts"), "utf8");
  expect(example).toContain(lines.map((line) => `  ${line}\n`).join(""));
});
