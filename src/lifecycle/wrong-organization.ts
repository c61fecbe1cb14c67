/**
 * Checks whether a `not_found` means only that the token belongs to another organization. The API does not report a
 * token's organization, so this compares with the organization of the objects that its Lists show.
 */
import type { OnaClient } from "../client/index.js";
import { perOwner } from "../util/per-owner.js";
import { describeObject } from "../util/text.js";
import type { LifecycleContext } from "./contract.js";
import { ResourceFailure } from "./failures.js";

type ListClient = Pick<OnaClient, "warmPoolPages" | "prebuildPages">;

/** The organizations whose objects a client can see. */
export class Organizations {
  readonly #client: ListClient;
  #seen: Promise<ReadonlySet<string>> | undefined;

  constructor(client: ListClient) {
    this.#client = client;
  }

  /**
   * Returns an organization that the token can see if it cannot see the given one. Returns undefined if the token may
   * be the right one, because it sees nothing or the Lists fail.
   */
  async otherThan(organizationId: string | undefined): Promise<string | undefined> {
    if (organizationId === undefined) return undefined;
    const seen = await (this.#seen ??= this.#look());
    const [other] = seen;
    return seen.has(organizationId) ? undefined : other;
  }

  /** Lists a page of pools, and a page of prebuilds only if there are no pools. */
  async #look(): Promise<ReadonlySet<string>> {
    const pools = await organizationsOf(this.#client.warmPoolPages());
    return pools.size > 0 ? pools : organizationsOf(this.#client.prebuildPages());
  }
}

export const organizationsFor = perOwner((client: ListClient) => new Organizations(client));

interface Owned {
  readonly metadata?: { readonly organizationId?: string | undefined } | undefined;
}

/** The organizations on the first page, or none on a failure: an unconfirmed doubt must not block. */
async function organizationsOf(pages: AsyncGenerator<readonly Owned[], void, void>): Promise<ReadonlySet<string>> {
  try {
    const { value } = await pages.next();
    return new Set((value ?? []).flatMap(({ metadata }) => metadata?.organizationId ?? []));
  } catch {
    return new Set();
  } finally {
    await pages.return();
  }
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
  { organizations, describeConfigUse = () => [] }: Pick<LifecycleContext, "organizations" | "describeConfigUse">,
  kind: string,
  id: string,
  { organizationId }: { readonly organizationId?: string },
): Promise<void> {
  const other = await organizations.otherThan(organizationId);
  if (other === undefined) return;
  const sentences = [
    `${describeObject(kind, id)} was not found, but it belongs to organization ${organizationId} and the token to organization ${other}`,
    "It stays in state",
    `Use a token and an address for organization ${organizationId}`,
    ...describeConfigUse(),
    "If it is really gone, run `pulumi state delete`",
  ];
  throw new ResourceFailure(`${sentences.join(". ")}.`);
}
