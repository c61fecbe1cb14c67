/** Checks whether a `not_found` means only that the token belongs to another organization. */
import type { OnaClient } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { describeObject } from "../util/text.js";
import type { LifecycleContext } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import { identityOf, isRefusal, shareRead } from "./identity.js";

type TokenClient = Pick<OnaClient, "getIdentity" | "listWarmPools" | "listPrebuilds">;

/** Finds the organization of a client's token. */
export const tokenOrganizationOf = perOwner(
  (client: TokenClient, clock: Clock): LifecycleContext["tokenOrganization"] => {
    const findIdentity = identityOf(client, clock);
    const findByLists = shareRead(clock, (signal) => organizationOfLists(client, signal));
    return async () => (await findIdentity())?.organizationId ?? findByLists();
  },
);

/**
 * The organization of an object that the token's Lists show. For tokens that may not ask whose they are.
 * @throws the failure of a List if the other one shows nothing
 */
async function organizationOfLists(client: TokenClient, signal: AbortSignal): Promise<string | undefined> {
  const failures: unknown[] = [];
  for (const objects of [client.listWarmPools({}, { signal }), client.listPrebuilds({}, { signal })]) {
    try {
      const first = await objects.next();
      if (first.value) return first.value.metadata?.organizationId;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.find((failure) => !isRefusal(failure)) ?? failures[0];
  return undefined;
}

/** Warns that an object is gone, unless the token belongs to another organization. `so` is what follows from it. */
export async function warnOfMissing(
  context: LifecycleContext,
  kind: string,
  id: string,
  state: { readonly organizationId?: string },
  so: string,
): Promise<void> {
  await requireSameOrganization(context, kind, id, state);
  const line = `the API reported not_found, so ${so}. If it should exist, check that the token and address are for the account that owns it`;
  context.warn(line, id);
}

/**
 * Refuses to treat an object as gone if the token belongs to another organization.
 * @throws ResourceFailure if the token provably belongs to another organization
 */
export async function requireSameOrganization(
  {
    tokenOrganization,
    describeConfigUse = () => [],
  }: Pick<LifecycleContext, "tokenOrganization" | "describeConfigUse">,
  kind: string,
  id: string,
  { organizationId }: { readonly organizationId?: string },
): Promise<void> {
  if (organizationId === undefined) return;
  const other = await tokenOrganization();
  if (other === undefined || other === organizationId) return;
  const sentences = [
    `${describeObject(kind, id)} was not found, but it belongs to organization ${organizationId} and the token to organization ${other}`,
    "It stays in state",
    `Use a token and an address for organization ${organizationId}`,
    ...describeConfigUse(),
    "If it is really gone, run `pulumi state delete`",
  ];
  throw new ResourceFailure(`${sentences.join(". ")}.`);
}
