/**
 * Records state of every shape that this release stores, from a run in real processes: `node --import tsx
 * tests/state/record.ts`. The recording of a published release never changes.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareConsumer } from "../support/consumer.js";
import { startBench, succeed } from "../support/warm-pools.js";
import { packageVersion as version } from "../../src/util/version.js";

const program = `
const { WarmPool, Prebuild } = require("pulumi-ona");
const { projects: [a, b], theirs } = JSON.parse(require("fs").readFileSync("ids.json", "utf8"));
const pair = (project, index) => ({ projectId: project.id, environmentClassId: project.environmentClassIds[index] });
new WarmPool("both-sizes", { ...pair(a, 0), minSize: 1, maxSize: 3 }, { customTimeouts: { create: "5m", delete: "1h30m" } });
new WarmPool("adopted", { ...pair(a, 1), maxSize: 4, adoptExisting: true, waitForReady: false });
new WarmPool("no-size", pair(b, 0));
new WarmPool("unfinished", { ...pair(b, 1), minSize: 0, waitForReady: true }, { customTimeouts: { create: "10s" } });
WarmPool.get("read", theirs);
new Prebuild("completed", { ...pair(a, 0), timeout: "45m", triggers: { lock: "abc", list: [1, true] }, logs: "stream" });
new Prebuild("plain", { projectId: a.id, waitForCompletion: false, logs: "none", recreateWhenExpired: false }, { customTimeouts: { delete: "20m" } });
`;

async function main(): Promise<void> {
  process.env["PULUMI_ONA_CONSUMER"] = prepareConsumer();
  await using bench = await startBench({ files: { "index.js": program } });
  const { sim, stack, folder } = bench;
  const adopted = { projectId: bench.project, environmentClassId: bench.large };
  const { id: theirs } = sim.createPool({ ...adopted, minSize: 2, maxSize: 9 });
  writeFileSync(join(folder, "ids.json"), JSON.stringify({ projects: sim.projects, theirs }));
  sim.fault({ rpc: "GetWarmPool", nth: 1, times: "always", error: { code: "permission_denied" } });
  await stack.up({ target: ["**::unfinished"] });
  sim.clearFaults();
  const others = ["both-sizes", "adopted", "no-size", "read", "completed", "plain"];
  await succeed(stack.up({ target: others.map((name) => `**::${name}`) }));
  const deployment = await stack.exportDeployment();
  writeFileSync(join(__dirname, `fixtures/${version}.json`), `${JSON.stringify(deployment, undefined, 2)}\n`);
}

void main();
