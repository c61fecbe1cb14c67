/** Unset outputs are known in previews of unchanged resources and are undefined for the program. */
import { omitNulls } from "../../src/util/nullish.js";
import { fail, startBench, succeed } from "../support/warm-pools.js";
import { files, seen } from "../support/unset-outputs.js";

/** Starts a bench whose program depends on unset outputs. */
async function startUnset() {
  const bench = await startBench({ files });
  const { project: projectId, regular, large, sim } = bench;
  const shared = sim.createPrebuild({ projectId, environmentClassId: regular }).id;
  bench.declare({ name: "any", args: { projectId, regular, large, shared } });
  return bench;
}

test("a preview shows no change for resources that depend on unset outputs, with and without refresh", async () => {
  await using bench = await startUnset();
  const { stack } = bench;
  const { outputs } = await succeed(stack.up());
  expect(outputs["seen"]?.value).toEqual(seen);
  for (const refresh of [false, true]) {
    const { changeSummary, outputs: previewed } = await succeed(stack.preview({ expectNoChanges: true, refresh }));
    expect(Object.keys(changeSummary).filter((op) => !["same", "read", "refresh"].includes(op))).toEqual([]);
    expect(previewed["seen"]?.value).toEqual(seen);
  }
  await succeed(stack.refresh({ expectNoChanges: true }));
  await succeed(stack.preview({ expectNoChanges: true }));
});

test("a refresh adds unset outputs to old state without reporting drift", async () => {
  await using bench = await startUnset();
  const { stack } = bench;
  await succeed(stack.up());
  const exported = await stack.exportDeployment();
  const { resources } = exported.deployment as { resources: { outputs?: object }[] };
  for (const resource of resources) resource.outputs = omitNulls(resource.outputs ?? {});
  await stack.importDeployment(exported);
  await succeed(stack.refresh({ expectNoChanges: true }));
  await succeed(stack.preview({ expectNoChanges: true }));
});

test("state has all outputs after a failed create", async () => {
  await using bench = await startUnset();
  bench.sim.nextPrebuild({ end: "failed", message: "npm ci exited with 1" });
  await fail(bench.stack.up());
  const build = bench.stack.state.find(({ urn }) => urn.endsWith("ona:Prebuild::build"));
  expect(build?.outputs).toMatchObject({ phase: "FAILED", warningMessage: null, connection: null });
  await succeed(bench.stack.up());
  await succeed(bench.stack.preview({ expectNoChanges: true }));
});

test("a serialized function keeps the set and unset outputs of a resource", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const [{ args }] = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
const pool = new ona.WarmPool("web", args);
const read = (from) => [from.phase.get(), typeof from.failureMessage.get()];
exports.read = pulumi.runtime.serializeFunction(() => read(pool)).then(({ text }) => {
  const written = {};
  new Function("exports", "require", text)(written, require);
  return written.handler();
});
`,
    },
  });
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs["read"]?.value).toEqual(["READY", "undefined"]);
});

test("get without an id is refused and creates nothing", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const ona = require("pulumi-ona");
const [{ kind }] = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
ona[kind].get("shared", undefined);
`,
    },
  });
  for (const kind of ["Prebuild", "WarmPool"] as const) {
    bench.declare({ kind, name: "shared", args: {} });
    const refused = `shared: ${kind}.get requires the object's id, a UUID`;
    expect(await fail(bench.stack.preview())).toContain(refused);
  }
  expect(bench.calls()).toEqual([]);
});
