/** If jest is killed, its workers end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("the workers of a killed test run end, although their tests never do", async () => {
  const rootDir = mkdtempSync(join(tmpdir(), "killed-jest-"));
  const server = createServer();
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const test = `test("never ends", () => new Promise(() => require("node:net").connect(${port}, "127.0.0.1")), 2 ** 31 - 1);`;
    for (const name of ["one", "two"]) writeFileSync(join(rootDir, `${name}.test.js`), test);
    const config = JSON.stringify({ rootDir, testEnvironment: require.resolve("./environment.cjs"), watchman: false });
    const args = [require.resolve("jest/bin/jest"), "--config", config, "--maxWorkers", "2"];
    const jest = spawn(process.execPath, args, { cwd: rootDir, stdio: "ignore" });
    const workers = new Set<Socket>();
    const started = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        if (workers.add(socket.on("error", () => undefined).resume()).size === 2) resolve();
      });
    });
    await started;
    const ended = Promise.all([...workers].map((socket) => once(socket, "close")));
    jest.kill("SIGKILL");
    await ended;
  } finally {
    server.close();
    rmSync(rootDir, { recursive: true, force: true });
  }
});
