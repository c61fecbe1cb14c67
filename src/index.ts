/** The entry `pulumi-ona`: what a Pulumi program uses. */
export { type ReadWarmPool, WarmPool, type WarmPoolArgs } from "./warm-pool/resource.js";
export type { WaitForReady } from "./warm-pool/inputs.js";
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
export type { OutputOptions } from "./output-options.js";
export { type ConnectCode, type ErrorOrigin, OnaError } from "./client/errors.js";
