/** The processes that the engine starts end with it. */
import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(__dirname, "../../../..");

/** An engine with one process, which starts another one. Both connect to a port and run forever. */
const files = (port: number): Record<string, string> => ({
  "engine.mts": `
import { startNode } from ${JSON.stringify(join(root, "src/testing/engine/host/child-process.js"))};
startNode({ cwd: ".", script: "./program.cjs", args: [], env: process.env, onStdout: console.log, onStderr: console.error });
`,
  "program.cjs": `
require("node:child_process").spawn(process.execPath, ["idle.cjs"]);
const { Worker } = require("node:worker_threads");
new Worker("", { eval: true }).once("exit", () => require("./idle.cjs"));
`,
  "idle.cjs": `require("node:net").connect(${port}, "127.0.0.1");`,
});

test("a killed engine leaves no process behind, not even one that a program has started or that had a thread", async () => {
  const folder = mkdtempSync(join(tmpdir(), "killed-engine-"));
  const server = createServer();
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    for (const [name, text] of Object.entries(files((server.address() as AddressInfo).port)))
      writeFileSync(join(folder, name), text);
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
