/** `customTimeouts` reach the provider, whoever sets them. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { declareTimeouts, expectedStored, storedTimeouts, timeoutsProgram } from "../support/timeouts-program.js";
import { consumer, expectSettled, fail, startBench, succeed } from "../support/warm-pools.js";

test("the provider gets the timeouts that the engine has, whoever sets them, and the next preview is empty", async () => {
  await using bench = await startBench({ files: { "index.js": timeoutsProgram } });
  declareTimeouts(bench);
  await succeed(bench.stack.up());
  expect(storedTimeouts(bench.stack.state)).toEqual(expectedStored);
  await expectSettled(bench);
});

test("a create ends at the timeout that a transform sets", async () => {
  await using bench = await startBench({
    simulator: { timings: { poolReady: 3_600_000 } },
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
pulumi.runtime.registerResourceTransform(({ props, opts }) => ({ props, opts: { ...opts, customTimeouts: { create: "4m" } } }));
const { args } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0];
new ona.WarmPool("web", args);`,
    },
  });
  const args = { projectId: bench.project, environmentClassId: bench.regular, waitForReady: true };
  bench.declare({ name: "web", args });
  expect(await fail(bench.stack.up())).toContain("within 4m");
});

test("two copies of the package work in one program, with the same transforms", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const other = require("./copy/node_modules/pulumi-ona");
pulumi.runtime.registerResourceTransform(({ props, opts }) => ({ props, opts: { ...opts, customTimeouts: { create: "4m" } } }));
const { args } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0];
const old = new other.Prebuild("old", args);
module.exports = { isInstance: ona.Prebuild.isInstance(old) && !(old instanceof ona.Prebuild) };
new ona.Prebuild("new", args, { dependsOn: old });`,
    },
  });
  cpSync(join(consumer(), "node_modules/pulumi-ona"), join(bench.folder, "copy/node_modules/pulumi-ona"), {
    recursive: true,
  });
  bench.declare({ name: "any", args: { projectId: bench.project } });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({ isInstance: { value: true } });
  const timeouts = { input: { create: "4m" }, engine: { create: "4m" } };
  expect(storedTimeouts(bench.stack.state)).toEqual({ old: timeouts, new: timeouts });
  await expectSettled(bench);
});
