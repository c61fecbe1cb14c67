/** The function that says whose token a program uses. */
import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "../program/invoke.js";
import type { OutputArgs, OutputOptions } from "../program/options.js";
import { findIdentity, type GetIdentityArgs, type GetIdentityResult } from "./find-identity.js";

export type { GetIdentityArgs, GetIdentityResult };

/** {@link GetIdentityArgs} that accept outputs of other resources. */
export interface GetIdentityOutputArgs extends OutputArgs<GetIdentityArgs> {}

/**
 * Looks up whose token the program uses, and of which organization.
 * @throws OnaError if the API refuses, RunError for an unknown argument
 */
export function getIdentity(args: GetIdentityArgs = {}): Promise<GetIdentityResult> {
  return callFunction(identityFunction, args);
}

/** {@link getIdentity} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getIdentityOutput(
  args: GetIdentityOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetIdentityResult> {
  return callFunctionOutput(identityFunction, args, options);
}

const identityFunction = { name: "getIdentity", handler: findIdentity };
