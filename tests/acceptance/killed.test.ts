/** Nothing is left running if a test, or the command that it has installed, is killed in the middle of an update. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createApi } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { writeProgram } from "../support/consumer.js";
import { consumer } from "../support/warm-pools.js";

const stack = (options: string) => `
  require("pulumi-ona/testing").createStack({ workDir: ".", ${options} }).then((stack) => stack.up());`;
const shim = (env: string) => `
  const { env } = require("pulumi-ona/testing").installShim();
  const script = "pulumi stack init dev; exec pulumi up --yes --skip-preview";
  require("node:child_process").execFile("/bin/sh", ["-c", script], { env: { ...process.env, ...env, ${env} } });`;

test.each([
  ["createStack", stack(""), 4],
  ["createStack with reuseProcesses", stack("reuseProcesses: true"), 4],
  ["the pulumi command", shim(""), 5],
  ["the pulumi command in a container, which has other process ids", shim('PULUMI_ONA_SHIM_INSTALLER: "4194305"'), 5],
])("a killed test ends every process of %s", async (_, script, processCount) => {
  // Each Node process keeps a connection to the first server. The second one responds to no call.
  const [observer, api] = [createServer(), createApi()];
  const [observerPort, apiPort] = await Promise.all([listen(observer), listen(api)]);
  const pool = {
    projectId: "018f0000-0000-7000-8000-000000000001",
    environmentClassId: "018f0000-0000-7000-8000-000000000002",
  };
  const workDir = writeProgram(consumer(), {
    "Pulumi.yaml": `name: killed
runtime: { name: nodejs, options: { typescript: false } }
plugins: { providers: [{ name: ona, path: ../../node_modules/pulumi-ona/dist/plugin }] }`,
    "index.js": `const { CustomResource } = require("@pulumi/pulumi");
      const { WarmPool } = require("pulumi-ona");
      const args = ${JSON.stringify(pool)};
      new WarmPool("dynamic", args);
      new CustomResource("ona:index:WarmPool", "plugin", args);`,
    "connect.cjs": `require("node:net").connect(${observerPort}, "127.0.0.1").unref();`,
    "test.js": script,
  });
  const open = new Set<Socket>();
  observer.on("connection", (socket) => {
    open.add(socket.on("error", () => undefined).resume());
    socket.once("close", () => open.delete(socket));
  });
  const bothCreate = new Promise<void>((resolve) => {
    let calls = 0;
    api.on("request", ({ method }, response) => {
      if (method === "GET") response.writeHead(404).end();
      else if (++calls === 2) resolve();
    });
  });
  try {
    const env = {
      ...process.env,
      TMPDIR: workDir,
      NODE_OPTIONS: `--require ${JSON.stringify(join(workDir, "connect.cjs"))}`,
      ONA_API_KEY: "token",
      ONA_BASE_URL: `http://127.0.0.1:${apiPort}`,
      PULUMI_BACKEND_URL: `file://${workDir}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
    };
    const test = spawn(process.execPath, ["test.js"], { cwd: workDir, env, stdio: "inherit" });
    await bothCreate;
    expect(open.size).toBe(processCount);
    const closed = Promise.all([...open].map((socket) => once(socket, "close")));
    test.kill("SIGKILL");
    await closed;
  } finally {
    observer.close();
    api.close();
    api.closeAllConnections();
  }
});

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
