// Three warm pools in two projects. Each project's prebuild configuration must contain the environment classes.
import * as pulumi from "@pulumi/pulumi";
import { WarmPool } from "pulumi-ona";

const config = new pulumi.Config();
const webProject = config.require("webProject");

// The class that most users need: the autoscaler keeps one to four instances.
const web = new WarmPool("web", {
  projectId: webProject,
  environmentClassId: config.require("webClass"),
  minSize: 1,
  maxSize: config.getNumber("webMaxSize") ?? 4,
});

// Large instances are expensive, so the pool may be empty. maxSize is not declared, so others can set it.
const webLarge = new WarmPool("web-large", {
  projectId: webProject,
  environmentClassId: config.require("webLargeClass"),
  minSize: 0,
});

const api = new WarmPool("api", {
  projectId: config.require("apiProject"),
  environmentClassId: config.require("apiClass"),
  minSize: 1,
  maxSize: 2,
});

export const phases = { web: web.phase, webLarge: webLarge.phase, api: api.phase };
