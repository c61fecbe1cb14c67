/** Checks whether a `not_found` comes from a token of another organization. */
import type { IdentityMessage, PrebuildMessage, WarmPoolMessage } from "../../src/client/index.js";
import { requireSameOrganization, tokenOrganizationOf } from "../../src/lifecycle/wrong-organization.js";
import { poolId } from "../support/messages";
import { live } from "../support/pools";
import { live as prebuild } from "../support/prebuilds";
import { type Answer, refusal, stage } from "../support/scripted";

const ours = "11111111-6f7a-4b8c-9d2e-3f4a5b6c7d8e";
const theirs = "22222222-6f7a-4b8c-9d2e-3f4a5b6c7d8e";
const refused = refusal("permission_denied");
const unavailable = refusal("unavailable");
const identity = (organizationId: string | undefined): IdentityMessage => ({
  subject: { id: undefined, principal: "USER" },
  organizationId,
  organizationTier: undefined,
});
const pool = live({ organizationId: theirs });
const run = prebuild({ organizationId: theirs });

interface Script {
  readonly identity?: readonly Answer<IdentityMessage>[];
  readonly pools?: Answer<readonly WarmPoolMessage[]>;
  readonly prebuilds?: Answer<readonly PrebuildMessage[]>;
}

/** A token whose Lists show objects, or fail. By default it may not ask whose it is. */
function token(script: Script = {}) {
  const { answer, clock, rpcs } = stage<keyof Script>();
  const client = {
    getIdentity: () => answer("identity", script.identity ?? [refused], {}),
    async *listWarmPools() {
      yield* await answer("pools", [script.pools ?? []], {});
    },
    async *listPrebuilds() {
      yield* await answer("prebuilds", [script.prebuilds ?? []], {});
    },
  };
  return { tokenOrganization: tokenOrganizationOf(client, clock), clock, rpcs };
}

test("the identity tells the organization with one call, for any number of objects", async () => {
  const { tokenOrganization, rpcs } = token({ identity: [identity(ours)], pools: [pool] });
  const results = await Promise.all(Array.from({ length: 500 }, () => tokenOrganization()));
  expect(new Set(results)).toEqual(new Set([ours]));
  expect(rpcs()).toEqual(["identity"]);
});

test.each<[string, Script, string | undefined, string[]]>([
  ["a pool", { pools: [pool, live()] }, theirs, ["pools"]],
  ["no pool but a prebuild", { prebuilds: [run] }, theirs, ["pools", "prebuilds"]],
  ["nothing", {}, undefined, ["pools", "prebuilds"]],
  ["a prebuild if the pools are refused", { pools: refused, prebuilds: [run] }, theirs, ["pools", "prebuilds"]],
  ["nothing if all is refused", { pools: refused, prebuilds: refused }, undefined, ["pools", "prebuilds"]],
  ["a pool if the identity has no organization", { identity: [identity(undefined)], pools: [pool] }, theirs, ["pools"]],
])("without the identity one List decides, which shows %s", async (_what, script, organization, lists) => {
  const { tokenOrganization, rpcs } = token(script);
  expect(await Promise.all([tokenOrganization(), tokenOrganization()])).toEqual([organization, organization]);
  expect(rpcs()).toEqual(["identity", ...lists]);
});

test("an identity that was unavailable decides later", async () => {
  const { tokenOrganization, clock, rpcs } = token({ identity: [unavailable, identity(ours)], pools: [pool] });
  expect(await tokenOrganization()).toBe(theirs);
  await clock.advance(60_000);
  expect(await tokenOrganization()).toBe(ours);
  expect(rpcs()).toEqual(["identity", "pools", "identity"]);
});

test.each([
  ["repeated after a minute", unavailable, theirs],
  ["kept for good if it was refused", refused, undefined],
])("a List that failed is %s", async (_what, failure, later) => {
  const { answer, clock } = stage<"pools">();
  const client = {
    getIdentity: async () => Promise.reject(refused),
    async *listWarmPools() {
      yield* await answer<readonly WarmPoolMessage[]>("pools", [failure, [pool]], {});
    },
    async *listPrebuilds() {},
  };
  const tokenOrganization = tokenOrganizationOf(client, clock);
  expect(await tokenOrganization()).toBeUndefined();
  await clock.advance(59_999);
  expect(await tokenOrganization()).toBeUndefined();
  await clock.advance(1);
  expect(await tokenOrganization()).toBe(later);
});

test("requireSameOrganization names both organizations when the token belongs to another one", async () => {
  const { tokenOrganization } = token({ identity: [identity(theirs)] });
  await expect(
    requireSameOrganization({ tokenOrganization }, "warm pool", poolId, { organizationId: ours }),
  ).rejects.toThrow(
    `The warm pool ${poolId} was not found, but it belongs to organization ${ours} and the token to organization ${theirs}. It stays in state. Use a token and an address for organization ${ours}. If it is really gone, run \`pulumi state delete\`.`,
  );
  await expect(
    requireSameOrganization({ tokenOrganization }, "warm pool", poolId, { organizationId: theirs }),
  ).resolves.toBeUndefined();
});

test("an object without an organization makes no call", async () => {
  const { tokenOrganization, rpcs } = token();
  await requireSameOrganization({ tokenOrganization }, "warm pool", poolId, {});
  expect(rpcs()).toEqual([]);
});
