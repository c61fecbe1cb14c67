import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createStack, type OperationSummary } from "../../../../src/testing/engine/index.js";
import { probeFolder, type ProbeFolder } from "../probe-folder.js";

let folder: ProbeFolder;
beforeEach(() => (folder = probeFolder()));
afterEach(() => folder.remove());

/** Runs a preview or an up of a program. */
async function run(source: string, up = false, options: { deadline?: number } = {}): Promise<OperationSummary> {
  writeFileSync(join(folder.workDir, "index.js"), source);
  await using stack = await createStack({ workDir: folder.workDir, reuseProcesses: true, ...options });
  return await (up ? stack.up() : stack.preview());
}

function errors({ diagnostics }: OperationSummary): string[] {
  return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

test("reports the error of a program first, with its location", async () => {
  const result = await run(`throw new Error("the moon is down");`);
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("the moon is down");
  expect(errors(result)[0]).toContain("index.js:1");
});

test("names a missing package", async () => {
  const result = await run(`require("no-such-package");`);
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("no-such-package");
});

test("says where to install the SDK if it is missing", async () => {
  rmSync(join(folder.workDir, "node_modules", "@pulumi"), { recursive: true });
  const result = await run("");
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toMatch(/@pulumi\/pulumi is not installed .*install its dependencies there/);
});

test("refuses a folder without Pulumi.yaml", async () => {
  await expect(createStack({ workDir: "tests" })).rejects.toThrow("no Pulumi.yaml in");
});

test("names the missing module of a provider", async () => {
  const result = await run(`
    const pulumi = require("@pulumi/pulumi");
    new pulumi.CustomResource("pulumi-nodejs:dynamic/x:Y", "one", { __provider: "exports.handler = () => require('gone')" });
  `);
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("Cannot find module 'gone'");
});

test("reports the call during which a provider process died", async () => {
  const provider = "exports.handler = () => ({ create() { process.exit(3); } })";
  const result = await run(
    `const pulumi = require("@pulumi/pulumi");
     new pulumi.CustomResource("pulumi-nodejs:dynamic/x:Y", "one", { __provider: ${JSON.stringify(provider)} });`,
    true,
  );
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toBe("the provider process died while Create was running: exit code 3");
});

test("reports the output of a provider before its error", async () => {
  const [go, done] = [join(folder.workDir, "go"), join(folder.workDir, "done")];
  const provider = `
    const { existsSync, writeFileSync } = require("fs");
    const turn = () => new Promise(setImmediate);
    let loud;
    const begun = new Promise((resolve) => (loud = resolve));
    async function answered() {
      for (let n = 0; n < 50; n++) await turn();
      writeFileSync(${JSON.stringify(done)}, "");
    }
    exports.handler = () => ({
      async create({ quiet }) {
        if (quiet) return begun.then(() => ({ id: "1" }));
        loud();
        while (!existsSync(${JSON.stringify(go)})) await turn();
        process.stdout.write("said\\n".repeat(2_000));
        process.stderr.write("warned\\n".repeat(2_000));
        void answered();
        throw new Error("the moon is down");
      },
    })`;
  writeFileSync(
    join(folder.workDir, "index.js"),
    `const pulumi = require("@pulumi/pulumi");
     for (const quiet of [true, false]) {
       new pulumi.CustomResource("pulumi-nodejs:dynamic/x:Y", "one" + quiet, { quiet, __provider: ${JSON.stringify(provider)} });
     }`,
  );
  await using stack = await createStack({
    workDir: folder.workDir,
    parallel: 2,
    // While the engine handles one answer, output and another answer arrive, and it may read them in either order.
    onProviderCall: ({ method }) => {
      if (method !== "Create" || existsSync(go)) return;
      writeFileSync(go, "");
      const deadline = Date.now() + 20_000;
      while (!existsSync(done) && Date.now() < deadline);
    },
  });
  const { diagnostics, text } = await stack.up();
  const said = diagnostics.map(({ message }) => message);
  const error = said.findIndex((message) => message.includes("the moon is down"));
  expect(said.slice(0, error).filter((message) => message === "said")).toHaveLength(2_000);
  expect(said.slice(0, error).filter((message) => message === "warned")).toHaveLength(2_000);
  expect(text.lastIndexOf("said\n")).toBeLessThan(text.indexOf("the moon is down"));
});

test("ends a hanging program at the deadline", async () => {
  const result = await run(`require("net").createServer().listen(0);`, false, { deadline: 1_500 });
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("the program hangs");
});

test("reports a port in use as the program's own error", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, resolve));
  const { port } = taken.address() as AddressInfo;
  const result = await run(`require("net").createServer().listen(${port});`);
  taken.close();
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("EADDRINUSE");
});

test("names the package of a resource that has no provider, and where to list its plugin", async () => {
  const result = await run(`
    const pulumi = require("@pulumi/pulumi");
    new pulumi.CustomResource("aws:s3/bucket:Bucket", "one", {});
  `);
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain('the test engine has no provider for package "aws"');
});

test("refuses two resources with the same name", async () => {
  const result = await run(`
    const { Probe } = require("probe");
    new Probe("one", { size: 1, key: "a" });
    new Probe("one", { size: 1, key: "b" });
  `);
  expect(result.exitCode).toBe(1);
  expect(errors(result)[0]).toContain("Duplicate resource URN");
});

test("close during an update leaves no process running, and says how to give the test more time", async () => {
  const pids = join(folder.workDir, "pids");
  const note = `require("fs").appendFileSync(${JSON.stringify(pids)}, process.pid + "\\n");`;
  const provider = `exports.handler = () => ({ create() { ${note} console.log("at work"); return new Promise(() => setInterval(() => {}, 1000)); } })`;
  writeFileSync(
    join(folder.workDir, "index.js"),
    `${note}
     const pulumi = require("@pulumi/pulumi");
     new pulumi.CustomResource("pulumi-nodejs:dynamic/x:Y", "one", { __provider: ${JSON.stringify(provider)} });`,
  );
  let atWork!: () => void;
  const working = new Promise<void>((resolve) => (atWork = resolve));
  const stack = await createStack({
    workDir: folder.workDir,
    onOutput: (text) => {
      if (text.includes("at work")) atWork();
    },
  });
  const up = stack.up();
  await working;
  const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
  await stack.close();
  const advice = expect.stringMatching(/closed during an operation.*`testTimeout`/s) as string;
  expect(warn.mock.calls).toEqual([[advice]]);
  warn.mockRestore();
  expect(await up).toMatchObject({ exitCode: 8, text: advice });
  const left = readFileSync(pids, "utf8").trim().split("\n").map(Number);
  expect(left).toHaveLength(2);
  for (const pid of left) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("an error that a program only logs does not fail the update, like with the CLI", async () => {
  const result = await run(`require("@pulumi/pulumi").log.error("bad thing");`, true);
  expect(result.exitCode).toBe(0);
  expect(errors(result)).toEqual(["bad thing"]);
});
