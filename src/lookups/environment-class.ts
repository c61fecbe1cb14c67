/** Functions that look up environment classes. */
import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "../program/invoke.js";
import type { OutputArgs, OutputOptions } from "../program/options.js";
import {
  findEnvironmentClass,
  type GetEnvironmentClassArgs,
  type GetEnvironmentClassesArgs,
  type GetEnvironmentClassesResult,
  type GetEnvironmentClassResult,
  listEnvironmentClasses,
} from "./find-environment-class.js";

export type {
  GetEnvironmentClassArgs,
  GetEnvironmentClassesArgs,
  GetEnvironmentClassesResult,
  GetEnvironmentClassResult,
};

/** {@link GetEnvironmentClassArgs} that accept outputs of other resources. */
export type GetEnvironmentClassOutputArgs = OutputArgs<GetEnvironmentClassArgs>;

/** {@link GetEnvironmentClassesArgs} that accept outputs of other resources. */
export interface GetEnvironmentClassesOutputArgs extends OutputArgs<GetEnvironmentClassesArgs> {}

/**
 * Looks up an environment class by its id or its exact name. Lookups of one program share their calls.
 * @throws OnaError if the API refuses, RunError if there is no such class or more than one, or an argument is malformed
 */
export function getEnvironmentClass(args: GetEnvironmentClassArgs): Promise<GetEnvironmentClassResult> {
  return callFunction(classFunction, args);
}

/**
 * {@link getEnvironmentClass} as an output. It calls the API once its arguments and the resources behind them exist.
 */
export function getEnvironmentClassOutput(
  args: GetEnvironmentClassOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetEnvironmentClassResult> {
  return callFunctionOutput(classFunction, args, options);
}

/**
 * Lists the environment classes that the token can read, or those of a project or of runners.
 * @throws OnaError if the API refuses, RunError if there is no such project or an argument is malformed
 */
export function getEnvironmentClasses(args: GetEnvironmentClassesArgs = {}): Promise<GetEnvironmentClassesResult> {
  return callFunction(classesFunction, args);
}

/**
 * {@link getEnvironmentClasses} as an output. It calls the API once its arguments and the resources behind them exist.
 */
export function getEnvironmentClassesOutput(
  args: GetEnvironmentClassesOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetEnvironmentClassesResult> {
  return callFunctionOutput(classesFunction, args, options);
}

const classFunction = { name: "getEnvironmentClass", handler: findEnvironmentClass };
const classesFunction = { name: "getEnvironmentClasses", handler: listEnvironmentClasses };
