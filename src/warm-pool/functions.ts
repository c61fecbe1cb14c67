/** Functions that look up warm pools, managed or not. */
import * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "../program/invoke.js";
import type { OutputArgs, OutputOptions } from "../program/options.js";
import {
  findWarmPool,
  type GetWarmPoolArgs,
  type GetWarmPoolResult,
  type GetWarmPoolsArgs,
  type GetWarmPoolsResult,
  listWarmPools,
} from "./find-warm-pools.js";

export type { GetWarmPoolArgs, GetWarmPoolResult, GetWarmPoolsArgs, GetWarmPoolsResult };

/** {@link GetWarmPoolArgs} that accept outputs of other resources. */
export type GetWarmPoolOutputArgs = OutputArgs<GetWarmPoolArgs>;

/** {@link GetWarmPoolsArgs} that accept outputs of other resources. */
export interface GetWarmPoolsOutputArgs extends OutputArgs<GetWarmPoolsArgs> {}

/**
 * Looks up a warm pool by its id, or by project and environment class.
 * @throws OnaError if the API refuses, RunError if there is no such pool or an argument is malformed
 */
export function getWarmPool(args: GetWarmPoolArgs): Promise<GetWarmPoolResult> {
  return callFunction(poolFunction, args);
}

/** {@link getWarmPool} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getWarmPoolOutput(
  args: GetWarmPoolOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetWarmPoolResult> {
  return callFunctionOutput(poolFunction, args, options);
}

/**
 * Lists the warm pools of an account, or of some projects and environment classes.
 * @throws OnaError if the API refuses, RunError if an id is malformed
 */
export function getWarmPools(args: GetWarmPoolsArgs = {}): Promise<GetWarmPoolsResult> {
  return callFunction(poolsFunction, args);
}

/** {@link getWarmPools} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getWarmPoolsOutput(
  args: GetWarmPoolsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetWarmPoolsResult> {
  return callFunctionOutput(poolsFunction, args, options);
}

const poolFunction = { name: "getWarmPool", handler: findWarmPool };
const poolsFunction = { name: "getWarmPools", handler: listWarmPools };
