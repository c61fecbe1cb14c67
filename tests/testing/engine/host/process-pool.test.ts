/** Operations that reuse processes behave as if each script had a process of its own. */
import { join } from "node:path";
import { ProcessPool } from "../../../../src/testing/engine/host/process-pool.js";
import { createStack, type Stack } from "../../../../src/testing/engine/index.js";

const nodeModules = join(__dirname, "../../../../node_modules");

/** Reports the process, and what a script finds there. */
const program = `
globalThis.seen = (globalThis.seen ?? 0) + 1;
process.on("exit", () => undefined);
const { counter } = require("./counter.js");
console.log(["process", process.pid, process.env.COLOR, globalThis.seen, ++counter.value, process.listenerCount("exit")].join(" "));
if (process.env.FAIL === "throw") throw new Error("thrown on purpose");
if (process.env.FAIL === "exit") process.exit(3);
setTimeout(() => console.log("late"), 10);
`;
const files = { "index.js": program, "counter.js": "exports.counter = { value: 0 };" };

const open = () => createStack({ program: files, nodeModules, reuseProcesses: true });

/** Runs the program, and returns its process and what it found there. */
async function run(stack: Stack): Promise<{ pid: string; found: string; text: string; exitCode: number }> {
  const { text, exitCode } = await stack.preview();
  const [, pid = "", found = ""] = /process (\d+) (.*)/.exec(text) ?? [];
  return { pid, found, text, exitCode };
}

test("a script in a reused process finds its own environment, and no modules, globals, or listeners of the last one", async () => {
  await using stack = await open();
  stack.setEnv("COLOR", "red");
  const first = await run(stack);
  stack.setEnv("COLOR", "blue");
  const second = await run(stack);
  expect(second.pid).toBe(first.pid);
  expect(second.found).toBe(first.found.replace("red", "blue"));
  // The process ends a script when nothing is left to do, as Node does.
  for (const { text, exitCode } of [first, second])
    expect([exitCode, text]).toEqual([0, expect.stringContaining("late")]);

  await using other = await open();
  expect((await run(other)).pid).toBe(first.pid);
});

test.each([
  ["throw", "thrown on purpose"],
  ["exit", "Program exited with non-zero exit code: 3"],
])("a program that fails (%s) fails the same way in a reused process, and the next one runs", async (how, said) => {
  await using stack = await open();
  await run(stack);
  stack.setEnv("FAIL", how);
  expect(await run(stack)).toMatchObject({ exitCode: 1, text: expect.stringContaining(said) as string });
  stack.setEnv("FAIL", undefined);
  expect(await run(stack)).toMatchObject({ exitCode: 0 });
});

/** Fails if FAIL is the type of a resource, and then would go on in several ways. */
const refused = (alsoDoes = "") => `
const pulumi = require("@pulumi/pulumi");
console.log(["process", process.pid, process.listenerCount("exit")].join(" "));
const provider = "exports.handler = () => ({ check: () => ({ failures: [{ property: 'a', reason: 'refused' }] }) })";
if (process.env.FAIL) {
  const { id } = new pulumi.CustomResource(process.env.FAIL, "one", { __provider: provider });
  const goOn = () => console.log("went on");
  id.promise().finally(goOn);
  process.on("exit", goOn);
  const timer = setInterval(() => {
    if (process.listeners("exit").includes(goOn)) return;
    clearInterval(timer);
    pulumi.log.error("went on").catch(goOn);
  }, 1);
  process.on("unhandledRejection", goOn);
  ${alsoDoes}
}`;

test.each([
  ["in the check of a resource", "pulumi-nodejs:dynamic/x:Y", "refused"],
  ["for want of a provider", "x:y:Z", "Default provider for 'x' disabled"],
])(
  "a program whose operation fails %s leaves its process to the next one, and never goes on",
  async (_, type, said) => {
    await using stack = await createStack({ program: { "index.js": refused() }, nodeModules, reuseProcesses: true });
    stack.setConfig("pulumi:disable-default-providers", { value: '["x"]', secret: false });
    const first = await run(stack);
    stack.setEnv("FAIL", type);
    const failed = [await run(stack), await run(stack)];
    stack.setEnv("FAIL", undefined);
    const last = await run(stack);
    for (const { text, exitCode } of failed) expect([exitCode, text]).toEqual([1, expect.stringContaining(said)]);
    for (const { pid, found, text } of [...failed, last]) {
      expect({ pid, found }).toEqual({ pid: first.pid, found: first.found });
      expect(text).not.toContain("went on");
    }
  },
);

test.each([
  ["timers", "setInterval(() => undefined, 1_000);"],
  [
    "processes",
    'require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => undefined, 1_000)"]);',
  ],
])("a program with %s that would keep it alive is killed after a failed operation", async (_, alsoDoes) => {
  const program = { "index.js": refused(alsoDoes) };
  await using stack = await createStack({ program, nodeModules, reuseProcesses: true });
  stack.setEnv("FAIL", "pulumi-nodejs:dynamic/x:Y");
  const failed = await run(stack);
  stack.setEnv("FAIL", undefined);
  expect((await run(stack)).pid).not.toBe(failed.pid);
});

const reporting = 'console.log(["process", process.pid, "ran"].join(" "));';

test("TypeScript programs share a process, and each is compiled with its own options", async () => {
  const program = (target: string) => ({
    "index.ts": `class C { x: unknown = 1 }; ${reporting} console.log(String(C));`,
    "tsconfig.json": JSON.stringify({ compilerOptions: { target } }),
  });
  const [old, current] = [program("es2020"), program("es2022")];
  await using first = await createStack({ program: old, nodeModules, reuseProcesses: true });
  await using second = await createStack({ program: current, nodeModules, reuseProcesses: true });
  const runs = [await run(first), await run(second), await run(first)];
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(new Set(runs.map(({ pid }) => pid)).size).toBe(1);
  const isLowered = runs.map(({ text }) => text.includes("constructor() {"));
  expect(isLowered).toEqual([true, false, true]);
});

test.each([
  [
    "that package.json declares",
    { "package.json": '{ "type": "module" }', "index.js": `import "node:fs"; ${reporting}` },
  ],
  ["that Node detects", { "index.js": `import "node:fs"; ${reporting}` }],
  ["that it imports dynamically", { "index.js": 'import("./module.mjs");', "module.mjs": reporting }],
])("a program with ES modules %s runs in each operation", async (_, program) => {
  await using stack = await createStack({ program, nodeModules, reuseProcesses: true });
  const runs = [await run(stack), await run(stack)];
  expect(runs).toMatchObject([{ found: "ran" }, { found: "ran" }]);
  expect(runs[1]?.pid).not.toBe(runs[0]?.pid);
});

test("a script that starts while an idle process is being ended gets another process", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance", "Date"] });
  try {
    const pool = new ProcessPool();
    const start = () =>
      pool.start({
        cwd: nodeModules,
        script: require.resolve("@pulumi/pulumi/version"),
        args: [],
        env: process.env,
        onStdout: () => undefined,
        onStderr: () => undefined,
      });
    expect(await start().exited).toEqual({ code: 0, signal: null });
    jest.advanceTimersByTime(60_000);
    expect(await start().exited).toEqual({ code: 0, signal: null });
    jest.advanceTimersByTime(60_000);
  } finally {
    jest.useRealTimers();
  }
});
