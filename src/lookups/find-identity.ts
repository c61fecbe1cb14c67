/** The function that says whose token a program uses. */
import { type ConnectionArgs, type InvokeContext, requireArgs } from "../lifecycle/functions.js";
import { omitUndefined } from "../util/nullish.js";
import { readsOf } from "./shared-reads.js";

/** Over which connection. */
export interface GetIdentityArgs extends ConnectionArgs {}

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

/** The owner of the token. @internal */
export async function findIdentity(args: GetIdentityArgs, context: InvokeContext): Promise<GetIdentityResult> {
  requireArgs("getIdentity", args, ["connection"]);
  const { subject, organizationId, organizationTier } = await (await readsOf(args, context)).identity();
  return omitUndefined<GetIdentityResult>({
    id: subject.id,
    principal: subject.principal,
    organizationId,
    organizationTier,
  });
}
