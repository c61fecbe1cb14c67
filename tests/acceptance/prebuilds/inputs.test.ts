/** A preview reports mistakes in a prebuild's inputs by property and accepts valid inputs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { alive, build } from "../../support/prebuild-stack.js";
import { expectSettled, fail, startBench, succeed } from "../../support/warm-pools.js";

test("a preview reports every invalid input of a prebuild by property and makes no call", async () => {
  await using bench = await startBench();
  const wrong = { timeout: "3h", logs: "all", waitForCompletion: "yes", trigger: 1, phase: "COMPLETED" };
  bench.declare({ ...build(bench, { ...wrong, projectId: "web" }) });
  const error = await fail(bench.stack.preview());
  for (const said of [
    "projectId must be a UUID",
    'timeout must be a duration from 5m to 2h in whole seconds, such as "45m" or "1h30m", or a number of seconds, got "3h"',
    'logs must be "onFailure", "stream" or "none"',
    "waitForCompletion must be true or false",
    "trigger is not a property of this resource. Did you mean triggers?",
    "phase is an output and cannot be set",
  ]) {
    expect(error).toContain(said);
  }
  expect(bench.calls()).toEqual([]);
});

test("triggers compare assets by content", async () => {
  await using bench = await startBench({
    files: {
      "lock.json": "1",
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const { Prebuild } = require("pulumi-ona");
const args = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
new Prebuild("build", { ...args, triggers: [new pulumi.asset.FileAsset("lock.json"), new pulumi.asset.StringAsset(args.triggers)] });`,
    },
  });
  bench.declare(build(bench, { triggers: "a" }));
  await succeed(bench.stack.up());
  await expectSettled(bench);
  bench.declare(build(bench, { triggers: "b" }));
  expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ replace: 1 });
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

// The real engine (3.260) shows the same text for these changes.
test.each([
  [
    "assets in an object, by their content",
    `{ f: new pulumi.asset.FileAsset("lock.json"), a: new pulumi.asset.AssetArchive({ q: new pulumi.asset.FileAsset("lock.json") }) }`,
    `      ~ triggers: {
          ~ a: archive(assets:c1d0539->7413fd0) {
              ~ "q": asset(file:6b86b27->d4735e3) { lock.json }
            }
          - f: asset(file:6b86b27) { lock.json }
          + f: asset(file:d4735e3) { lock.json }
        }
`,
  ],
  [
    "what is inside of objects and lists",
    `{ a: [1, { b: Number(fs.readFileSync("lock.json", "utf8")) }], c: "x" }`,
    `      ~ triggers: {
          ~ a: [
              ~ [1]: {
                      ~ b: 1 => 2
                    }
            ]
        }
`,
  ],
])("a preview of changed triggers shows %s", async (_what, triggers, shown) => {
  await using bench = await startBench({
    files: {
      "lock.json": "1",
      "index.js": `
const fs = require("fs");
const pulumi = require("@pulumi/pulumi");
const { Prebuild } = require("pulumi-ona");
const args = JSON.parse(fs.readFileSync("declared.json", "utf8"))[0].args;
new Prebuild("build", { ...args, triggers: ${triggers} });`,
    },
  });
  bench.declare(build(bench, { waitForCompletion: false }));
  await succeed(bench.stack.up());
  await expectSettled(bench);
  writeFileSync(join(bench.folder, "lock.json"), "2");
  const { text, changeSummary } = await succeed(bench.stack.preview());
  expect(changeSummary).toMatchObject({ replace: 1 });
  expect(text).toContain(`ona:Prebuild::build]\n${shown}Resources:`);
});

test("a secret in triggers stays secret", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const { Prebuild } = require("pulumi-ona");
const args = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const { triggers } = new Prebuild("build", { ...args, triggers: { salt: pulumi.secret(args.triggers) } });
module.exports = { triggers };`,
    },
  });
  bench.declare(build(bench, { triggers: "hunter2" }));
  const { text, outputs } = await succeed(bench.stack.up());
  expect(outputs["triggers"]).toEqual({ value: { salt: "hunter2" }, secret: true });
  expect(text + JSON.stringify(await bench.stack.exportDeployment())).not.toContain("hunter2");
  await expectSettled(bench);
});

test("a changed Date in triggers runs the prebuild again, and values that Pulumi cannot store are refused at preview", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const { Prebuild } = require("pulumi-ona");
const args = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const { kind, value } = args.triggers;
new Prebuild("build", { ...args, triggers: { seen: kind === "Map" ? new Map([[value, 1]]) : new Date(value) } });`,
    },
  });
  bench.declare(build(bench, { triggers: { kind: "Date", value: "2026-11-24" } }));
  await succeed(bench.stack.up());
  await expectSettled(bench);
  bench.declare(build(bench, { triggers: { kind: "Date", value: "2026-11-25" } }));
  expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ replace: 1 });
  await expectSettled(bench);
  bench.declare(build(bench, { triggers: { kind: "Map", value: "a" } }));
  expect(await fail(bench.stack.preview())).toContain(
    "build: triggers.seen is an instance of Map, which Pulumi cannot store",
  );
});
