/** Functions that look up prebuilds, managed or not. */
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../lifecycle/functions.js";
import { callFunction, callFunctionOutput, type ProgramFunction } from "../program/invoke.js";
import type { OutputArgs, OutputOptions } from "../program/options.js";
import {
  createLogsToken,
  findLatestPrebuild,
  findPrebuild,
  type GetLatestPrebuildArgs,
  type GetPrebuildArgs,
  type GetPrebuildResult,
  type GetPrebuildsArgs,
  type GetPrebuildsResult,
  listPrebuilds,
} from "./find-prebuilds.js";

export type { GetLatestPrebuildArgs, GetPrebuildArgs, GetPrebuildResult, GetPrebuildsArgs, GetPrebuildsResult };

/** {@link GetPrebuildArgs} that accept outputs of other resources. */
export interface GetPrebuildOutputArgs extends OutputArgs<GetPrebuildArgs> {}

/** {@link GetPrebuildsArgs} that accept outputs of other resources. */
export interface GetPrebuildsOutputArgs extends OutputArgs<GetPrebuildsArgs> {}

/** {@link GetLatestPrebuildArgs} that accept outputs of other resources. */
export interface GetLatestPrebuildOutputArgs extends OutputArgs<GetLatestPrebuildArgs> {}

/** Whose log to read. */
export interface GetPrebuildLogsTokenArgs extends OutputArgs<ConnectionArgs> {
  /** The prebuild's id: a UUID. */
  readonly prebuildId: pulumi.Input<string>;
}

/**
 * Looks up a prebuild by its id.
 * @throws OnaError if the API refuses, RunError if there is no such prebuild or the id is malformed
 */
export function getPrebuild(args: GetPrebuildArgs): Promise<GetPrebuildResult> {
  return callFunction(prebuildFunction, args);
}

/** {@link getPrebuild} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getPrebuildOutput(
  args: GetPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult> {
  return callFunctionOutput(prebuildFunction, args, options);
}

/**
 * Lists the prebuilds of an account, or those that match filters.
 * @throws OnaError if the API refuses, RunError if an id is malformed or a phase or trigger is unknown
 */
export function getPrebuilds(args: GetPrebuildsArgs = {}): Promise<GetPrebuildsResult> {
  return callFunction(prebuildsFunction, args);
}

/** {@link getPrebuilds} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getPrebuildsOutput(
  args: GetPrebuildsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetPrebuildsResult> {
  return callFunctionOutput(prebuildsFunction, args, options);
}

/**
 * Looks up the latest COMPLETED prebuild of a project, or of a project and environment class. New environments and the
 * instances of a warm pool start from it.
 * @returns the latest prebuild, or undefined if there is none
 * @throws OnaError if the API refuses, RunError if an id is malformed
 */
export function getLatestPrebuild(args: GetLatestPrebuildArgs): Promise<GetPrebuildResult | undefined> {
  return callFunction(latestFunction, args);
}

/** {@link getLatestPrebuild} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getLatestPrebuildOutput(
  args: GetLatestPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult | undefined> {
  return callFunctionOutput(latestFunction, args, options);
}

/**
 * Creates a token that opens the log of a prebuild (`GET logUrl` with `Authorization: Bearer <token>`). It is valid for
 * one hour, each call creates another one, and Pulumi keeps it secret.
 *
 * The output fails with OnaError if the API refuses and with RunError if the id is malformed. It doesn't call the API
 * until the id and the resources behind it are known.
 * @returns the token
 */
export function getPrebuildLogsToken(args: GetPrebuildLogsTokenArgs, options?: OutputOptions): pulumi.Output<string> {
  return pulumi.secret(callFunctionOutput(logsTokenFunction, args, options));
}

/** The same as {@link getPrebuildLogsToken}, which already returns an output. */
export const getPrebuildLogsTokenOutput = getPrebuildLogsToken;

const prebuildFunction = { name: "getPrebuild", handler: findPrebuild };
const prebuildsFunction = { name: "getPrebuilds", handler: listPrebuilds };
const latestFunction: ProgramFunction<GetLatestPrebuildArgs, GetPrebuildResult | undefined> = {
  name: "getLatestPrebuild",
  handler: findLatestPrebuild,
  readMock: (result) => (Object.keys(result).length === 0 ? undefined : (result as unknown as GetPrebuildResult)),
};
const logsTokenFunction: ProgramFunction<{ readonly prebuildId?: unknown }, string> = {
  name: "getPrebuildLogsToken",
  handler: createLogsToken,
  readMock: ({ token }) => String(token),
};
