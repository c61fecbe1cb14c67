/** The entry `pulumi-ona`: what a Pulumi program uses. */
import "./program/inline-folder.js";
export { type ReadWarmPool, WarmPool, type WarmPoolArgs } from "./warm-pool/resource.js";
export type { WaitForReady } from "./warm-pool/properties.js";
export {
  getWarmPool,
  type GetWarmPoolArgs,
  getWarmPoolOutput,
  type GetWarmPoolOutputArgs,
  type GetWarmPoolResult,
  getWarmPools,
  type GetWarmPoolsArgs,
  getWarmPoolsOutput,
  type GetWarmPoolsOutputArgs,
  type GetWarmPoolsResult,
} from "./warm-pool/functions.js";
export { Prebuild, type PrebuildArgs, type ReadPrebuild } from "./prebuild/resource.js";
export type { PrebuildPhase, PrebuildTrigger } from "./prebuild/outputs.js";
export type { PrebuildLogs } from "./prebuild/properties.js";
export {
  getLatestPrebuild,
  type GetLatestPrebuildArgs,
  getLatestPrebuildOutput,
  type GetLatestPrebuildOutputArgs,
  getPrebuild,
  type GetPrebuildArgs,
  getPrebuildLogsToken,
  type GetPrebuildLogsTokenArgs,
  getPrebuildLogsTokenOutput,
  getPrebuildOutput,
  type GetPrebuildOutputArgs,
  type GetPrebuildResult,
  getPrebuilds,
  type GetPrebuildsArgs,
  getPrebuildsOutput,
  type GetPrebuildsOutputArgs,
  type GetPrebuildsResult,
} from "./prebuild/functions.js";
export {
  ProjectWarmPools,
  type ProjectWarmPoolsArgs,
  type ProjectWarmPoolsPool,
  type ProjectWarmPoolsPrebuild,
} from "./components/project-warm-pools.js";
export {
  getProject,
  type GetProjectArgs,
  getProjectOutput,
  type GetProjectOutputArgs,
  type GetProjectResult,
  getProjects,
  type GetProjectsArgs,
  getProjectsOutput,
  type GetProjectsOutputArgs,
  type GetProjectsResult,
  type ProjectPrebuilds,
} from "./lookups/project.js";
export {
  getEnvironmentClass,
  type GetEnvironmentClassArgs,
  getEnvironmentClasses,
  type GetEnvironmentClassesArgs,
  getEnvironmentClassesOutput,
  type GetEnvironmentClassesOutputArgs,
  type GetEnvironmentClassesResult,
  getEnvironmentClassOutput,
  type GetEnvironmentClassOutputArgs,
  type GetEnvironmentClassResult,
} from "./lookups/environment-class.js";
export {
  getIdentity,
  type GetIdentityArgs,
  getIdentityOutput,
  type GetIdentityOutputArgs,
  type GetIdentityResult,
} from "./lookups/identity.js";
export type { GetOptions, OutputOptions } from "./program/options.js";
export { type ConnectCode, type ErrorOrigin, OnaError } from "./client/errors.js";
