// Takes examples/warm-pools through its lifecycle, on the simulator or, with a token and names, on the real API.
// On the simulator, examples/prebuilds follows.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator } from "pulumi-ona/testing";
import { openStack } from "./drivers.mjs";
import { namesFromEnvironment, simulatedNames } from "./names.mjs";
import { showPrebuilds } from "./prebuilds.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let titles = 0;
const title = (text) =>
  console.log(`\n\u001b[1m── ${++titles}. ${text} ${"─".repeat(Math.max(0, 100 - text.length))}\u001b[0m\n`);
const note = (text) => console.log(`\u001b[2m${text}\u001b[0m`);

const own = namesFromEnvironment(process.env);
const simulator = own ? undefined : await startSimulator({ clock: "real" });
// Run in a copy inside examples: the repository stays clean, and the program finds the package as the example does.
const workDir = mkdtempSync(join(root, "examples", ".demo-"));
let stack;
try {
  cpSync(join(root, "examples", "warm-pools"), workDir, { recursive: true });
  const env = simulator ? simulator.env : { ONA_API_KEY: process.env.ONA_API_KEY };
  stack = await openStack({ workDir, env, config: own ?? simulatedNames });
  console.log(
    simulator ? `Ona API: simulator at ${simulator.url}` : "Ona API: the real one. The demo creates and deletes pools.",
  );
  console.log(`Pulumi: ${stack.description}`);

  if (simulator) {
    title("preview: warns of an environment class that the project's prebuild configuration lacks");
    const [{ id, environmentClassIds }] = simulator.projects;
    simulator.configureProject(id, { environmentClassIds: environmentClassIds.slice(0, 1) });
    note("simulator: removed the class large from the project storefront");
    await stack.run("preview");
    simulator.configureProject(id, { environmentClassIds });
    note("simulator: added it again");
  }
  title("preview: shows what up would create");
  await stack.run("preview");
  title("up: creates the pools and waits until they are ready");
  await stack.run("up");
  title("preview: no changes");
  await stack.run("preview", { expectNoChanges: true });
  title("preview and up: resize the web pool in place");
  await stack.setConfig("webMaxSize", "6");
  await stack.run("preview");
  await stack.run("up");
  if (simulator) {
    title("refresh: finds a change made behind Pulumi's back (exit status 7)");
    const pool = simulator.pools.find(({ maxSize }) => maxSize === 6);
    simulator.resize(pool.id, { minSize: 1, maxSize: 2 });
    note(`simulator: resized warm pool ${pool.id} to 1..2`);
    await stack.run("refresh", { previewOnly: true, expectNoChanges: true, expect: 7 });
    title("up --refresh: restores the declared sizes");
    await stack.run("up", { refresh: true });
    title("preview --refresh: no changes");
    await stack.run("preview", { refresh: true, expectNoChanges: true });
  }
  title("destroy: deletes the pools and waits until they are gone");
  await stack.run("destroy");

  if (simulator) {
    const left = simulator.pools.filter(({ phase }) => phase !== "DELETED").length;
    const calls = Object.entries(Object.groupBy(simulator.requests, ({ rpc }) => rpc)).map(
      ([rpc, all]) => `${all.length} ${rpc}`,
    );
    console.log(`\n${left} warm pools left at the API. Calls: ${calls.join(", ")}.`);
    if (left > 0) process.exitCode = 1;
    await showPrebuilds({ root, title, note });
  }
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  await stack?.close();
  await simulator?.close();
  rmSync(workDir, { recursive: true, force: true });
}
