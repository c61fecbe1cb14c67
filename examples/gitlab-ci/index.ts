// Two pools of one project. What happens to them, and when, is said in .gitlab-ci.yml.
import * as pulumi from "@pulumi/pulumi";
import { WarmPool } from "pulumi-ona";

const config = new pulumi.Config();
const projectId = config.require("project");

const regular = new WarmPool("regular", {
  projectId,
  environmentClassId: config.require("regularClass"),
  minSize: 1,
  maxSize: 4,
});

// maxSize is left to whoever watches the bill: what others make of it is no drift.
const large = new WarmPool("large", {
  projectId,
  environmentClassId: config.require("largeClass"),
  minSize: 0,
});

export const phases = { regular: regular.phase, large: large.phase };
