/** A program that depends on unset outputs. */
import type { BenchOptions } from "./warm-pools";

/** The program's files. It exports each unset output as a string and runs the prebuild `again` when one changes. */
export const files: NonNullable<BenchOptions["files"]> = {
  "index.js": `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { projectId, regular, large, shared } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const build = new ona.Prebuild("build", { projectId, environmentClassId: regular });
const pool = new ona.WarmPool("pool", { projectId, environmentClassId: regular }, { dependsOn: build });
const unset = [build.snapshotCompletionPercentage, build.warningMessage, build.failureMessage, build.connection, build.triggers, pool.failureMessage, pool.connection];
new ona.Prebuild("again", { projectId, environmentClassId: large, triggers: [unset] });
const read = ona.Prebuild.get("read", shared);
exports.seen = pulumi.all([...unset, read.connection]).apply((values) => values.map((value) => typeof value));
`,
};

/** The program's export `seen`. */
export const seen = Array.from({ length: 8 }, () => "undefined");
