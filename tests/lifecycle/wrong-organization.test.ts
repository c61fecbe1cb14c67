/** Checks whether a `not_found` comes from a token of another organization. */
import { requireSameOrganization, Organizations } from "../../src/lifecycle/wrong-organization";
import { poolId } from "../support/messages";
import { live } from "../support/pools";
import { live as prebuild } from "../support/prebuilds";

const ours = "11111111-6f7a-4b8c-9d2e-3f4a5b6c7d8e";
const theirs = "22222222-6f7a-4b8c-9d2e-3f4a5b6c7d8e";

interface Shown {
  readonly pools?: readonly string[] | Error;
  readonly prebuilds?: readonly string[] | Error;
}

/** Builds an account that lists a pool and a prebuild of each organization, or fails. */
function account({ pools = [], prebuilds = [] }: Shown) {
  const asked: string[] = [];
  const organizations = new Organizations({
    async *warmPoolPages() {
      asked.push("pools");
      if (pools instanceof Error) throw pools;
      yield pools.map((organizationId) => live({ organizationId }));
    },
    async *prebuildPages() {
      asked.push("prebuilds");
      if (prebuilds instanceof Error) throw prebuilds;
      yield prebuilds.map((organizationId) => prebuild({ organizationId }));
    },
  });
  return { organizations, asked };
}

test.each<[string, Shown, string | undefined]>([
  ["only pools of another organization", { pools: [theirs] }, theirs],
  ["only prebuilds of another organization", { prebuilds: [theirs] }, theirs],
  ["pools of both organizations", { pools: [theirs, ours] }, undefined],
  ["pools of its own organization", { pools: [ours], prebuilds: [theirs] }, undefined],
  ["nothing", {}, undefined],
  ["an error", { pools: new Error("no"), prebuilds: new Error("no") }, undefined],
])("otherThan decides by Lists that show %s", async (_what, shown, other) => {
  expect(await account(shown).organizations.otherThan(ours)).toBe(other);
});

test("otherThan lists once per client and never for an object without an organization", async () => {
  const { organizations, asked } = account({ pools: [theirs] });
  expect(await organizations.otherThan(undefined)).toBeUndefined();
  expect(asked).toEqual([]);
  await Promise.all([organizations.otherThan(ours), organizations.otherThan(ours)]);
  expect(asked).toEqual(["pools"]);
});

test("requireSameOrganization names both organizations when the token belongs to another one", async () => {
  const { organizations } = account({ pools: [theirs] });
  await expect(
    requireSameOrganization({ organizations }, "warm pool", poolId, { organizationId: ours }),
  ).rejects.toThrow(
    `The warm pool ${poolId} was not found, but it belongs to organization ${ours} and the token to organization ${theirs}. It stays in state. Use a token and an address for organization ${ours}. If it is really gone, run \`pulumi state delete\`.`,
  );
  await expect(
    requireSameOrganization({ organizations }, "warm pool", poolId, { organizationId: theirs }),
  ).resolves.toBeUndefined();
});
