// Three warm pools in two projects. Each project's prebuild configuration must contain the environment classes.
import * as pulumi from "@pulumi/pulumi";
import { getEnvironmentClassOutput, getProjectOutput, WarmPool } from "pulumi-ona";

const config = new pulumi.Config();
const webProject = getProjectOutput({ name: config.require("webProject") });
const apiProject = getProjectOutput({ name: config.require("apiProject") });

// The class that most users need: the autoscaler keeps one to four instances.
const web = new WarmPool("web", {
  projectId: webProject.id,
  environmentClassId: getEnvironmentClassOutput({ name: config.require("webClass"), projectId: webProject.id }).id,
  minSize: 1,
  maxSize: config.getNumber("webMaxSize") ?? 4,
});

// Large instances are expensive, so the pool may be empty. maxSize is not declared, so others can set it.
const webLarge = new WarmPool("web-large", {
  projectId: webProject.id,
  environmentClassId: getEnvironmentClassOutput({ name: config.require("webLargeClass"), projectId: webProject.id }).id,
  minSize: 0,
});

const api = new WarmPool("api", {
  projectId: apiProject.id,
  environmentClassId: getEnvironmentClassOutput({ name: config.require("apiClass"), projectId: apiProject.id }).id,
  minSize: 1,
  maxSize: 2,
});

export const phases = { web: web.phase, webLarge: webLarge.phase, api: api.phase };
