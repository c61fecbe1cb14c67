// The second part of the demo: examples/prebuilds on a simulator without snapshots.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator } from "pulumi-ona/testing";
import { openStack } from "./drivers.mjs";

/** Shows a prebuild, the pool that starts from its snapshot, a failed run with the end of its log, and a retry. */
export async function showPrebuilds({ root, title, note }) {
  const simulator = await startSimulator({ clock: "real", snapshots: false });
  const workDir = mkdtempSync(join(root, "examples", ".demo-"));
  let stack;
  try {
    cpSync(join(root, "examples", "prebuilds"), workDir, { recursive: true });
    const config = { project: "storefront", environmentClass: "regular" };
    stack = await openStack({ workDir, env: simulator.env, config });

    title("up of examples/prebuilds: runs a prebuild, then creates the pool from its snapshot");
    await stack.run("up");
    title("up after a changed lock file: the new run fails, with its message and the end of its log");
    const lockFile = join(workDir, "app", "package-lock.json");
    writeFileSync(lockFile, readFileSync(lockFile, "utf8").replaceAll("1.0.0", "1.1.0"));
    note("simulator: the next prebuild fails");
    simulator.nextPrebuild({ end: "failed", message: "the task npm ci exited with 1", log: failingLog });
    await stack.run("up", { expect: 1 });
    title("up: replaces the failed run");
    await stack.run("up");
    title("destroy: deletes the pool, then the prebuild");
    await stack.run("destroy");

    const isLeft = ({ phase }) => phase !== "DELETED";
    const left = simulator.pools.filter(isLeft).length + simulator.prebuilds.filter(isLeft).length;
    console.log(`\n${left} warm pools and prebuilds left at the API.`);
    if (left > 0) process.exitCode = 1;
  } finally {
    await stack?.close();
    await simulator.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

const failingLog = `Cloning the repository
Building the dev container
$ npm ci
npm error code ERESOLVE
npm error ERESOLVE could not resolve the dependency tree
npm error A complete log of this run can be found in the container`;
