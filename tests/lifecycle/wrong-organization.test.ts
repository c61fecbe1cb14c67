/** Whose objects a token is shown, and what `not_found` means then. */
import { mustBeOurs, Organizations } from "../../src/lifecycle/wrong-organization";
import { poolId } from "../support/messages";
import { live } from "../support/pools";
import { live as prebuild } from "../support/prebuilds";

const ours = "11111111-6f7a-4b8c-9d2e-3f4a5b6c7d8e";
const theirs = "22222222-6f7a-4b8c-9d2e-3f4a5b6c7d8e";

interface Shown {
  readonly pools?: readonly string[] | Error;
  readonly prebuilds?: readonly string[] | Error;
}

/** An account that shows a pool and a prebuild of each organization, or fails to. */
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
  ["pools of another one alone", { pools: [theirs] }, theirs],
  ["prebuilds of another one alone", { prebuilds: [theirs] }, theirs],
  ["pools of both", { pools: [theirs, ours] }, undefined],
  ["pools of ours", { pools: [ours], prebuilds: [theirs] }, undefined],
  ["nothing", {}, undefined],
  ["an error", { pools: new Error("no"), prebuilds: new Error("no") }, undefined],
])("a token that is shown %s is told from that of an organization accordingly", async (_what, shown, other) => {
  expect(await account(shown).organizations.otherThan(ours)).toBe(other);
});

test("it is asked once, however much is not found, and never for what names no organization", async () => {
  const { organizations, asked } = account({ pools: [theirs] });
  expect(await organizations.otherThan(undefined)).toBeUndefined();
  expect(asked).toEqual([]);
  await Promise.all([organizations.otherThan(ours), organizations.otherThan(ours)]);
  expect(asked).toEqual(["pools"]);
});

test("what is not found by the token of another organization is refused with both, and what to do", async () => {
  const { organizations } = account({ pools: [theirs] });
  await expect(mustBeOurs(organizations, "warm pool", poolId, ours)).rejects.toThrow(
    `The API does not know the warm pool ${poolId} (not_found), which does not mean that it is gone: the warm pool is of organization ${ours}, and the token is shown objects of organization ${theirs}. Nothing was changed, and it stays in state: use a token of its own organization, and the address that goes with it. Should it be gone all the same, \`pulumi state delete\` takes it out of state.`,
  );
  await expect(mustBeOurs(organizations, "warm pool", poolId, theirs)).resolves.toBeUndefined();
});
