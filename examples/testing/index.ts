// A stack with tests: one pool, whose project, class, and maximum size come from the stack's config.
import * as pulumi from "@pulumi/pulumi";
import { getEnvironmentClassOutput, getProjectOutput, WarmPool } from "pulumi-ona";

const config = new pulumi.Config();

const project = getProjectOutput({ name: config.require("project") });
const environmentClass = getEnvironmentClassOutput({
  name: config.require("environmentClass"),
  projectId: project.id,
});

const web = new WarmPool("web", {
  projectId: project.id,
  environmentClassId: environmentClass.id,
  minSize: 1,
  maxSize: config.getNumber("maxSize") ?? 3,
});

export const phase = web.phase;
