// Two pools of one project. The pipeline in .gitlab-ci.yml previews, applies, and checks them.
import * as pulumi from "@pulumi/pulumi";
import { getEnvironmentClassOutput, getProjectOutput, WarmPool } from "pulumi-ona";

const config = new pulumi.Config();
const projectId = getProjectOutput({ name: config.require("project") }).id;

const regular = new WarmPool("regular", {
  projectId,
  environmentClassId: getEnvironmentClassOutput({ name: config.require("regularClass"), projectId }).id,
  minSize: 1,
  maxSize: 4,
});

// maxSize is not declared, so others can set it without causing drift.
const large = new WarmPool("large", {
  projectId,
  environmentClassId: getEnvironmentClassOutput({ name: config.require("largeClass"), projectId }).id,
  minSize: 0,
});

export const phases = { regular: regular.phase, large: large.phase };
