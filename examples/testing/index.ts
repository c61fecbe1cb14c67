// A stack with tests: one pool, whose ids and maximum size come from the stack's config.
import * as pulumi from "@pulumi/pulumi";
import { WarmPool } from "pulumi-ona";

const config = new pulumi.Config();

const web = new WarmPool("web", {
  projectId: config.require("project"),
  environmentClassId: config.require("environmentClass"),
  minSize: 1,
  maxSize: config.getNumber("maxSize") ?? 3,
});

export const phase = web.phase;
