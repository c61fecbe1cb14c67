/**
 * Of whose account `not_found` tells: a token of another organization gets that answer for all that is ours. Asked only once something was not found, since nothing in the API says
 * whose a token is; what its Lists show does.
 */
import type { OnaClient } from "../client/index.js";
import { perOwner } from "../util/per-owner.js";
import { ResourceFailure } from "./failures.js";

type ListClient = Pick<OnaClient, "warmPoolPages" | "prebuildPages">;

/** The organizations whose objects a client is shown. */
export class Organizations {
  readonly #client: ListClient;
  #seen: Promise<ReadonlySet<string>> | undefined;

  constructor(client: ListClient) {
    this.#client = client;
  }

  /**
   * Whose objects the token is shown, where none of them is of the given organization; undefined where it may well be the right one: it shows nothing, or the Lists fail.
   * @param organizationId that of an object that was not found; undefined where state does not have it
   */
  async otherThan(organizationId: string | undefined): Promise<string | undefined> {
    if (organizationId === undefined) return undefined;
    const seen = await (this.#seen ??= this.#look());
    const [other] = seen;
    return seen.has(organizationId) ? undefined : other;
  }

  /** A page of each kind, prebuilds only where there is no pool. */
  async #look(): Promise<ReadonlySet<string>> {
    const pools = await organizationsOf(this.#client.warmPoolPages());
    return pools.size > 0 ? pools : organizationsOf(this.#client.prebuildPages());
  }
}

/** The organizations of a client, made once for each. */
export const organizationsFor = perOwner((client: ListClient) => new Organizations(client));

interface Owned {
  readonly metadata?: { readonly organizationId?: string | undefined } | undefined;
}

/** The organizations of the objects on the first page; none where it cannot be had: a doubt that cannot be confirmed must not keep people from what they are doing. */
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

/**
 * Refuses to believe that an object is gone which the token of another organization does not find.
 * @param kind the object, for people: `warm pool`
 * @throws ResourceFailure when the token is provably that of another organization
 */
export async function mustBeOurs(
  organizations: Pick<Organizations, "otherThan">,
  kind: string,
  id: string,
  organizationId: string | undefined,
): Promise<void> {
  const other = await organizations.otherThan(organizationId);
  if (other === undefined) return;
  throw new ResourceFailure(
    `The API does not know the ${kind} ${id} (not_found), which does not mean that it is gone: the ${kind} is of organization ${organizationId}, and the token is shown objects of organization ${other}. ` +
      `Nothing was changed, and it stays in state: use a token of its own organization, and the address that goes with it. Should it be gone all the same, \`pulumi state delete\` takes it out of state.`,
  );
}
