// A prebuild that runs again when the dev container or the lock file changes, and a warm pool that starts from its
// snapshot.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { getEnvironmentClassOutput, getProjectOutput, Prebuild, WarmPool } from "pulumi-ona";

const config = new pulumi.Config();
const repository = config.get("repository") ?? "app";
const projectId = getProjectOutput({ name: config.require("project") }).id;
const environmentClassId = getEnvironmentClassOutput({ name: config.require("environmentClass"), projectId }).id;

const hash = (file: string) =>
  createHash("sha256")
    .update(readFileSync(join(repository, file)))
    .digest("hex");

// A changed hash runs a new prebuild. The old one is deleted after the new one completes.
const prebuild = new Prebuild("app", {
  projectId,
  environmentClassId,
  timeout: "45m",
  triggers: {
    devContainer: hash(".devcontainer/devcontainer.json"),
    lockFile: hash("package-lock.json"),
  },
});

// dependsOn delays the pool until there is a snapshot. waitForReady makes `up` wait until instances are ready.
const pool = new WarmPool(
  "app",
  { projectId, environmentClassId, minSize: 1, maxSize: 3, waitForReady: true },
  { dependsOn: prebuild },
);

export const snapshot = { completedAt: prebuild.completedAt, sizeBytes: prebuild.snapshotSizeBytes };
export const phase = pool.phase;
