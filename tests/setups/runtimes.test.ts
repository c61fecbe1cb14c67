/** The runtimes and package managers that programs may have. */
import { tarballOf } from "../support/consumer.js";
import { type Setup, testSetups } from "../support/setup.js";
import { consumer } from "../support/warm-pools.js";

const platform = process.platform === "win32" ? "win" : process.platform;
/** Executables alone: the packages `node` and `bun` run scripts when they are installed. */
const node = (version: string) => ({ [`node-${platform}-${process.arch}`]: version });
const bunPackage = `@oven/bun-${platform === "win" ? "windows" : platform}-${process.arch === "arm64" ? "aarch64" : "x64"}`;
/** Without an entry in `.bin`, which the package `bun` has. */
const bun = `../../node_modules/${bunPackage}/bin/bun`;

/** One folder has all that runs with this process's Node, because installing the SDK takes most of the time. */
const tools = { "@pulumi/pulumi": "3.270.0", [bunPackage]: "1.4.5", deno: "2.9.6", pnpm: "10.34.0", yarn: "1.22.22" };
const withNode20 = { "@pulumi/pulumi": "3.216.0", yarn: "1.22.22", ...node("20.20.0") };

/** A program, and a script that runs it on the test engine and checks that a second preview is empty. */
const program = {
  "Pulumi.yaml": "name: setup\nruntime: { name: nodejs, options: { typescript: false } }\n",
  "index.js": `
    const pulumi = require("@pulumi/pulumi");
    const { WarmPool } = require("pulumi-ona");
    const config = new pulumi.Config();
    new WarmPool("web", { projectId: config.require("project"), environmentClassId: config.require("class") });`,
  "stack.cjs": `
    async function run() {
      const { createStack, startSimulator } = require("pulumi-ona/testing");
      const simulator = await startSimulator();
      try {
        const [project] = simulator.projects;
        const config = { "setup:project": project.id, "setup:class": project.environmentClassIds[0] };
        const stack = await createStack({ workDir: __dirname, simulator, config });
        const up = await stack.up();
        const preview = await stack.preview({ expectNoChanges: true });
        await stack.close();
        console.log("up " + up.exitCode + ", preview " + preview.exitCode + ", pools " + simulator.pools.length);
      } catch (error) {
        console.log(error.message);
      } finally {
        await simulator.close();
      }
    }
    module.exports = run();`,
};
const success = /^(?:bun test .*\n)?up 0, preview 0, pools 1\n?/;

/** Runs \`pulumi-ona status\` with this process's runtime on a simulator. */
const commands = {
  "commands.cjs": `
    const { spawn } = require("node:child_process");
    const { dirname, join } = require("node:path");
    const { startSimulator } = require("pulumi-ona/testing");
    startSimulator().then((simulator) => {
      const main = join(dirname(require.resolve("pulumi-ona/package.json")), "dist/cli/main.js");
      const args = [...process.argv.slice(2), main, "status"];
      const child = spawn(process.execPath, args, { env: { ...process.env, ...simulator.env }, stdio: "inherit" });
      child.once("exit", (code) => {
        process.exitCode = code;
        void simulator.close();
      });
    });`,
};
const status = "0 warm pools, 0 prebuilds in progress .*$";

const runtimes: Setup[] = [
  {
    name: "Node 20 runs the commands, with one warning",
    packages: withNode20,
    files: commands,
    command: ["node", "commands.cjs"],
    output: new RegExp(`^${status}\nwarning: pulumi-ona needs Node.js 22.19 or newer, [^\n]*$`, "m"),
  },
  {
    name: "Node 20 is refused by the test engine at once",
    packages: withNode20,
    files: program,
    command: ["node", "stack.cjs"],
    output: "The test engine runs programs and providers with Node.js 22.19 or newer: got 20.20.0",
  },
  {
    name: "the oldest Node and SDK run a stack on the test engine",
    packages: { "@pulumi/pulumi": "3.216.0", ...node("22.19.0") },
    files: program,
    command: ["node", "stack.cjs"],
    output: success,
  },
  {
    name: "Bun runs the commands",
    packages: tools,
    files: commands,
    command: [bun, "commands.cjs"],
    output: new RegExp(`^${status}`),
  },
  {
    name: "bun test runs a stack on the test engine, with the node on the PATH",
    packages: tools,
    files: {
      ...program,
      "stack.test.cjs": `require("bun:test").test("stack", () => require("./stack.cjs"), 300_000);`,
    },
    command: [bun, "test", "./stack.test.cjs"],
    output: success,
  },
  {
    name: "Bun without node is refused by the test engine at once",
    packages: tools,
    files: { ...program, "alone.cjs": `process.env.PATH = __dirname; require("./stack.cjs");` },
    command: [bun, "alone.cjs"],
    output:
      "The test engine runs programs and providers with Node.js 22.19 or newer: Bun can't run them, and there is none on the PATH",
  },
  {
    name: "bun --bun, which poses as node, is refused by the test engine at once",
    packages: tools,
    files: { ...program, "package.json": JSON.stringify({ scripts: { stack: "node stack.cjs" } }) },
    command: [bun, "--bun", "run", "--silent", "stack"],
    output:
      "The test engine runs programs and providers with Node.js 22.19 or newer: Bun can't run them, and there is none on the PATH",
  },
  {
    name: "Deno runs the commands",
    packages: tools,
    files: commands,
    command: ["deno", "run", "-A", "commands.cjs", "run", "-A"],
    output: new RegExp(`^${status}`),
  },
  {
    name: "Deno runs a stack on the test engine, with the node on the PATH",
    packages: tools,
    files: program,
    command: ["deno", "run", "-A", "stack.cjs"],
    output: success,
  },
];

/** Installs the tarball in the program's own folder, and runs the stack there. */
function managerSetup(name: string, packages: Setup["packages"], command: readonly string[]): Setup {
  const tarball = `file:${tarballOf(consumer())}`;
  const dependencies = { "@pulumi/pulumi": packages["@pulumi/pulumi"], "pulumi-ona": tarball };
  return {
    name,
    packages,
    files: {
      ...program,
      "package.json": JSON.stringify({ name: "infra", version: "1.0.0", private: true, dependencies }),
      "install.cjs": `
        const [command, ...args] = process.argv.slice(2);
        const { status, stdout } = require("node:child_process").spawnSync(command, args, { stdio: ["ignore", "pipe", 2] });
        if (status === 0) require(process.cwd() + "/stack.cjs");
        else console.log(String(stdout)), (process.exitCode = 1);`,
    },
    command: ["node", "install.cjs", ...command],
    output: new RegExp(`${success.source.slice(1)}$`, "m"),
  };
}

// Without its own cache, yarn 1 takes an earlier tarball of the same version.
const yarn = ["yarn", "--silent", "--no-lockfile", "--cache-folder", ".yarn-cache"];

const managers: Setup[] = [
  managerSetup("pnpm installs what a stack needs", tools, ["pnpm", "install", "--silent"]),
  managerSetup("yarn 1 installs what a stack needs", tools, yarn),
  managerSetup("Bun installs what a stack needs", tools, [bun, "install", "--silent"]),
  {
    ...managerSetup("yarn 1 accepts Node 20, as the oldest SDK does", withNode20, yarn),
    output: /got 20\.20\.0$/m,
  },
];

testSetups([...runtimes, ...managers]);
