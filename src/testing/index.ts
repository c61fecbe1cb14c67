/**
 * The entry point `pulumi-ona/testing`: a simulator of the Ona API, and an engine that runs Pulumi programs without the
 * CLI.
 */
export * from "./engine/index.js";
export * from "./simulator/index.js";
