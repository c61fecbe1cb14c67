// A pool whose sizes follow the working day. Each `pulumi up` sets the sizes for the current time, and a scheduled
// workflow runs one every hour.
import * as pulumi from "@pulumi/pulumi";
import { getEnvironmentClassOutput, getProjectOutput, WarmPool } from "pulumi-ona";
import { type Hours, type Part, partOfWeek } from "./schedule";

const config = new pulumi.Config();
const sizes = config.requireObject<Record<Part, { minSize: number; maxSize: number }>>("sizes");

// `pulumi preview --config at=2026-12-24T20:00:00Z` shows what would change at another time.
const at = config.get("at");
export const part = partOfWeek(at === undefined ? new Date() : new Date(at), config.requireObject<Hours>("hours"));

const project = getProjectOutput({ name: config.require("project") });
const environmentClass = getEnvironmentClassOutput({
  name: config.require("environmentClass"),
  projectId: project.id,
});

const web = new WarmPool("web", {
  projectId: project.id,
  environmentClassId: environmentClass.id,
  ...sizes[part],
});

export const phase = web.phase;
