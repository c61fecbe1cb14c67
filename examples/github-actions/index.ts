// Two pools of one project. The workflows in .github/workflows preview, apply, and check them.
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

// maxSize is not declared, so others can set it without causing drift.
const large = new WarmPool("large", {
  projectId,
  environmentClassId: config.require("largeClass"),
  minSize: 0,
});

export const phases = { regular: regular.phase, large: large.phase };
