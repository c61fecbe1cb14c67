/** The function that says whose token a program uses. */
import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput, requireArgs } from "../program/invoke.js";
import type { ConnectionArgs, OutputArgs, OutputOptions } from "../program/options.js";
import { omitUndefined } from "../util/nullish.js";
import { withSharedReads } from "./shared-reads.js";

/** Over which connection. */
export interface GetIdentityArgs extends ConnectionArgs {}

/** {@link GetIdentityArgs} that accept outputs of other resources. */
export interface GetIdentityOutputArgs extends OutputArgs<GetIdentityArgs> {}

/** The owner of the token. What the API doesn't say is left out. */
export interface GetIdentityResult {
  /** A UUID: the `creatorId` of what the token creates. */
  readonly id?: string;
  /** What the owner is: `"USER"`, `"SERVICE_ACCOUNT"`, or another of the API's names (`Principal`) without prefix. */
  readonly principal: string;
  /** The UUID of its organization. */
  readonly organizationId?: string;
  /** The organization's plan, in the API's words. */
  readonly organizationTier?: string;
}

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

const identityFunction = { name: "getIdentity", call: findIdentity };

async function findIdentity(args: GetIdentityArgs): Promise<GetIdentityResult> {
  requireArgs("getIdentity", args, ["connection"]);
  const { subject, organizationId, organizationTier } = await withSharedReads(args, (reads) => reads.identity());
  return omitUndefined<GetIdentityResult>({
    id: subject.id,
    principal: subject.principal,
    organizationId,
    organizationTier,
  });
}
