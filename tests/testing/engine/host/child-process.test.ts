/** The processes that the engine starts end with it. */
import { spawn, spawnSync } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { preloadPath } from "../../../../src/testing/engine/host/preload.js";
import { spawnNode } from "../../../support/spawn-node.js";

const root = join(__dirname, "../../../..");

/** An engine with one process, which starts another one. Both connect to a port and run forever. */
const files = (port: number, program: string, args: readonly string[]): Record<string, string> => ({
  "engine.mts": `
import { startNode } from ${JSON.stringify(join(root, "src/testing/engine/host/child-process.js"))};
const [script, args] = ${JSON.stringify([program, args])};
startNode({ cwd: ".", script, args, env: process.env, onStdout: console.log, onStderr: console.error });
`,
  executable: `#!/bin/sh\n"$@" idle.cjs & "$@" idle.cjs`,
  "program.cjs": `
require("node:child_process").spawn(process.execPath, ["idle.cjs"]);
const { Worker } = require("node:worker_threads");
new Worker("", { eval: true }).once("exit", () => require("./idle.cjs"));
`,
  "idle.cjs": `require("node:net").connect(${port}, "127.0.0.1");`,
});

test.each([
  ["one that a program has started or that had a thread", "./program.cjs", []],
  ["a plugin that is no Node script", preloadPath("run-executable"), ["./executable", process.execPath]],
])("a killed engine leaves no process behind, not even %s", async (_, program, args) => {
  const folder = mkdtempSync(join(tmpdir(), "killed-engine-"));
  const server = createServer();
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    for (const [name, text] of Object.entries(files(port, program, args)))
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    const tsx = pathToFileURL(require.resolve("tsx")).href;
    const engine = spawn(process.execPath, ["--import", tsx, "engine.mts"], { cwd: folder, stdio: "inherit" });
    const closed: Promise<unknown>[] = [];
    for await (const [socket] of on(server, "connection") as AsyncIterable<[Socket]>) {
      closed.push(
        new Promise((resolve) =>
          socket
            .on("error", () => undefined)
            .resume()
            .once("close", resolve),
        ),
      );
      if (closed.length === 2) break;
    }
    engine.kill("SIGKILL");
    await Promise.all(closed);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a kill on Windows takes along what the process has started", () => {
  const folder = mkdtempSync(join(tmpdir(), "killed-windows-"));
  const scripts = {
    "engine.mts": `
      import { startNode } from ${JSON.stringify(join(root, "src/testing/engine/host/child-process.js"))};
      Object.defineProperty(process, "platform", { value: "win32" });
      const options = { cwd: ".", script: "./idle.cjs", args: [], env: process.env, onStderr: console.error };
      const child = startNode({ ...options, onStdout: (pid) => (console.log(pid), child.kill()) });`,
    "idle.cjs": "console.log(process.pid); setInterval(() => {}, 1e6);",
    taskkill: '#!/bin/sh\necho "$@" >args',
  };
  try {
    for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), text, { mode: 0o755 });
    const tsx = pathToFileURL(require.resolve("tsx")).href;
    const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
    const { stdout } = spawnSync(process.execPath, ["--import", tsx, "engine.mts"], { cwd: folder, env });
    expect(readFileSync(join(folder, "args"), "utf8")).toBe(`/pid ${String(stdout).trim()} /t /f\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a provider loads the messages of its schemas in one language", async () => {
  const script = `
    const { string, locales } = require("zod");
    const languages = () => Object.keys(require.cache).filter((path) => /zod.v4.locales.\\w+\\.cjs$/.test(path) && !/index/.test(path));
    const [{ message }] = string().safeParse(1).error.issues;
    console.log(JSON.stringify([languages().length, message, typeof locales.de, languages().length > 1]));`;
  const child = spawnNode(["-e", script], { cwd: root });
  child.stderr.pipe(process.stderr);
  const [line] = (await child.stdout.toArray()) as [Buffer];
  expect(JSON.parse(String(line))).toEqual([1, "Invalid input: expected string, received number", "function", true]);
});
