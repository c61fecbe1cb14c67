/** The processes that the engine starts end with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../support/until.js";

const root = join(__dirname, "../../../..");

/** An engine with one process, which starts another one. Both connect to a port and run forever. */
const engine = (port: number): string => `
import { startNode } from ${JSON.stringify(join(root, "src/testing/engine/host/child-process.js"))};
const idle = "require('net').connect(${port}, '127.0.0.1');";
const program = idle + "require('child_process').spawn(process.execPath, ['-e', " + JSON.stringify(idle) + "]);";
startNode({ cwd: ".", args: ["-e", program], env: process.env, onStdout: console.log, onStderr: console.error });
`;

test("a killed engine leaves no process behind, not even one that a program has started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "killed-engine-"));
  const connections: Socket[] = [];
  const server = createServer((socket) => connections.push(socket.on("error", () => undefined).resume()));
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const script = join(folder, "engine.mts");
    writeFileSync(script, engine((server.address() as AddressInfo).port));
    const parent = spawn(process.execPath, ["--import", "tsx", script], { cwd: root, stdio: "inherit" });
    await until(() => connections.length === 2);
    parent.kill("SIGKILL");
    await until(() => connections.every((socket) => socket.closed));
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
