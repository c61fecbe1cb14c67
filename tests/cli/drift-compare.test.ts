/** Which differences `pulumi-ona drift` counts as drift, which it only reports, and which it ignores. */
import { addUnlisted, type Reader } from "../../src/cli/account.js";
import { compare, managedResources, unlisted } from "../../src/cli/drift/compare.js";
import { arrange, findingKinds } from "../../src/cli/drift/findings.js";
import { parseState } from "../../src/cli/stack-state.js";
import type { PrebuildDetails } from "../../src/prebuild/outputs.js";
import type { WarmPoolDetails } from "../../src/warm-pool/outputs.js";
import { quoteForShell } from "../../src/util/text.js";
import { type Exported, stackExport } from "../support/stack-export.js";
import { environmentClassId, parsedPool, parsedPrebuild, poolId, prebuildId, projectId } from "../support/messages.js";
import { details } from "../support/pools.js";

/** When the pools of these tests were created. */
const epoch = Date.parse("2026-03-01T12:00:00Z");

const otherId = "11111111-2222-4333-8444-555555555555";
const minute = 60_000;
const day = 24 * 60 * minute;
const limits = { pendingFor: 30 * minute, expiresWithin: day };
const at = (ago: number) => new Date(epoch - ago).toISOString();
const pair = { projectId, environmentClassId };
const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const sealed = { ...signature, ciphertext: "v1:abc" };
const shown = (value: unknown) => ({ ...signature, plaintext: JSON.stringify(value) });

function prebuild(overrides: Partial<PrebuildDetails> = {}): PrebuildDetails {
  const counts = { snapshotSizeBytes: "1" };
  return { id: prebuildId, ...pair, createdAt: at(day), phase: "COMPLETED", ...counts, ...overrides };
}

const web: Exported = {
  name: "web",
  id: poolId,
  inputs: { ...pair, minSize: 1, maxSize: 4 },
  outputs: { __managed: ["minSize", "maxSize"] },
};
const nightly: Exported = {
  kind: "Prebuild",
  name: "nightly",
  id: prebuildId,
  inputs: { ...pair, timeout: "1h" },
  outputs: { __managed: ["environmentClassId", "timeout"], createdAt: at(day), expired: false },
};

interface World {
  readonly pools?: readonly WarmPoolDetails[];
  readonly prebuilds?: readonly PrebuildDetails[];
}

function findings(resources: readonly Exported[], { pools = [], prebuilds = [] }: World) {
  const stacks = [parseState("prod.json", JSON.stringify(stackExport(resources)))];
  const account = { warmPools: pools, prebuilds, now: epoch };
  return arrange(compare({ resources: managedResources(stacks), account, limits }));
}

/** `kind!` is drift, `kind` is only reported. */
const kinds = (...args: Parameters<typeof findings>) =>
  findings(...args).map(({ kind, drift }) => (drift ? `${kind}!` : kind));

describe("pools", () => {
  const onlyMin = { ...web, inputs: { ...pair, minSize: 1 }, outputs: { __managed: ["minSize"], maxSize: 4 } };
  const ignoring = (...ignoreChanges: string[]): Exported => ({ ...web, fields: { ignoreChanges } });
  const { snapshotId: _, ...empty } = details({ phase: "PENDING", createdAt: at(31 * minute) });

  test.each<[string, readonly Exported[], World, readonly string[]]>([
    ["a pool that is as declared", [web], { pools: [details()] }, []],
    ["a pool whose volatile outputs changed", [web], { pools: [details({ desiredSize: 3, runningInstances: 3 })] }, []],
    ["a pool whose managed size differs", [web], { pools: [details({ maxSize: 9 })] }, ["changed!"]],
    ["a pool whose unmanaged size differs", [onlyMin], { pools: [details({ maxSize: 9 })] }, []],
    ["a pool whose ignored size differs", [ignoring("maxSize")], { pools: [details({ maxSize: 9 })] }, []],
    ["a pool whose quoted ignored size differs", [ignoring('["maxSize"]')], { pools: [details({ maxSize: 9 })] }, []],
    ["a pool that ignores all changes", [ignoring("*")], { pools: [details({ minSize: 2, maxSize: 9 })] }, []],
    ["a pool that ignores another size", [ignoring("minSize")], { pools: [details({ maxSize: 9 })] }, ["changed!"]],
    [
      "a pool that ignores a part of something",
      [ignoring("maxSize.x")],
      { pools: [details({ maxSize: 9 })] },
      ["changed!"],
    ],
    ["a pool that ignores all changes and is gone", [ignoring("*")], {}, ["gone!"]],
    [
      "a pool that ignores all changes and is being deleted",
      [ignoring("*")],
      { pools: [details({ phase: "DELETING" })] },
      ["deleting!"],
    ],
    [
      "a pool whose encrypted size is ignored",
      [{ ...ignoring("minSize"), inputs: { ...pair, minSize: sealed }, outputs: { __managed: ["minSize"] } }],
      { pools: [details()] },
      [],
    ],
    [
      "a pool whose managed size became 0",
      [web],
      { pools: [{ ...empty, minSize: 1, maxSize: 0 }] },
      ["changed!", "pending"],
    ],
    ["a pool that does not exist", [web], {}, ["gone!"]],
    ["a managed pool that is being deleted", [web], { pools: [details({ phase: "DELETING" })] }, ["deleting!"]],
    ["an unmanaged pool that is being deleted", [], { pools: [details({ phase: "DELETING" })] }, ["deleting"]],
    ["an unmanaged pool", [], { pools: [details()] }, ["unmanaged"]],
    [
      "a pool whose ids someone wrote in upper case into the state",
      [{ ...web, id: poolId.toUpperCase(), inputs: { ...web.inputs, projectId: projectId.toUpperCase() } }],
      { pools: [details()] },
      [],
    ],
    [
      "a pool that the stack only reads",
      [{ ...web, fields: { external: true } }],
      { pools: [details()] },
      ["unmanaged"],
    ],
    ["a degraded pool", [web], { pools: [details({ phase: "DEGRADED" })] }, ["degraded"]],
    ["a pool that has been pending for half an hour", [web], { pools: [empty] }, ["pending"]],
    ["a pool that has been pending for less", [web], { pools: [{ ...empty, createdAt: at(29 * minute) }] }, []],
    ["a pool in an unknown phase", [web], { pools: [details({ phase: "HIBERNATING" })] }, []],
    ["a replaced pool that the next up deletes", [{ ...web, fields: { delete: true } }], { pools: [details()] }, []],
    [
      "a replaced pool that up is deleting",
      [{ ...web, fields: { delete: true } }],
      { pools: [details({ phase: "DELETING" })] },
      [],
    ],
    [
      "a pool whose declared size is encrypted",
      [{ ...web, inputs: { ...pair, minSize: sealed }, outputs: { __managed: ["minSize"], minSize: sealed } }],
      { pools: [details()] },
      ["notCompared"],
    ],
    [
      "a pool whose declared size is an exported secret",
      [
        {
          ...web,
          inputs: { ...pair, minSize: shown(1) },
          outputs: { __managed: shown(["minSize"]), minSize: shown(1) },
        },
      ],
      { pools: [details()] },
      [],
    ],
  ])("finds what is wrong with %s", (_pool, resources, world, expected) => {
    expect(kinds(resources, world)).toEqual(expected);
  });

  test("a change lists each size that differs, with its declared and actual value", () => {
    expect(findings([web], { pools: [details({ minSize: 0, maxSize: 9 })] })).toEqual([
      {
        kind: "changed",
        drift: true,
        type: "WarmPool",
        id: poolId,
        ...pair,
        phase: "READY",
        resource: expect.objectContaining({
          name: "web",
          stack: "prod",
          project: "fleet",
          source: "prod.json",
        }) as object,
        changes: [
          { property: "minSize", declared: 1, actual: 0 },
          { property: "maxSize", declared: 4, actual: 9 },
        ],
        reason: "minSize 1 => 0, maxSize 4 => 9",
      },
    ]);
  });

  test("compares secrets that were exported without showing them", () => {
    const inputs = { projectId: shown(projectId), environmentClassId, maxSize: shown(4) };
    const outputs = { __managed: ["maxSize"] };
    const [changed] = findings([{ ...web, inputs, outputs }], { pools: [details({ maxSize: 9 })] });
    expect(changed).toMatchObject({
      kind: "changed",
      drift: true,
      changes: [{ property: "maxSize", declared: "[secret]", actual: "[secret]" }],
      reason: "maxSize is not as declared, which is a secret",
    });
    const [gone] = findings([{ ...web, inputs, outputs }], { pools: [details({ id: otherId })] });
    expect(gone).toMatchObject({ kind: "gone", projectId: undefined, environmentClassId });
    expect(gone?.reason).toContain(`another pool: ${otherId}`);
  });

  test("does not take an encrypted id for the id of a project or class", () => {
    const inputs = { projectId: sealed, environmentClassId: sealed };
    for (const resource of [
      { ...web, inputs },
      { ...nightly, inputs },
    ]) {
      expect(findings([resource], {})).toMatchObject([
        { kind: "gone", projectId: undefined, environmentClassId: undefined },
      ]);
    }
  });

  test("reports the pool that has replaced one that is gone", () => {
    const [gone] = findings([web], { pools: [details({ id: otherId })] });
    expect(gone).toMatchObject({ kind: "gone", id: poolId });
    expect(gone?.reason).toContain(`another pool: ${otherId}`);
  });

  test("explains why a pending pool has no snapshot", () => {
    const reason = (prebuilds: readonly PrebuildDetails[]) => findings([web], { pools: [empty], prebuilds })[0];
    expect(reason([])?.reason).toBe(
      "has been PENDING for 31m without a snapshot, and its project has no prebuild of its environment class",
    );
    const failed = prebuild({ phase: "FAILED", failureMessage: "npm ci failed" });
    expect(reason([failed])).toMatchObject({
      message: "npm ci failed",
      reason: expect.stringContaining(`${prebuildId}, is FAILED`) as string,
    });
  });

  test("reports two resources that manage the same pool, but not a state that is given twice", () => {
    expect(kinds([web, { ...web, name: "web-too" }], { pools: [details()] })).toEqual(["managedTwice"]);
    const stack = parseState("prod.json", JSON.stringify(stackExport([web])));
    const account = { warmPools: [details()], prebuilds: [], now: epoch };
    const resources = managedResources([stack, { ...stack, source: "copy.json" }]);
    expect(compare({ resources, account, limits })).toEqual([]);
  });
});

describe("prebuilds", () => {
  const old = { ...nightly, outputs: { ...nightly.outputs, createdAt: at(7 * day - 59 * minute) } };
  const again = { ...old, inputs: { ...nightly.inputs, recreateWhenExpired: true } };
  const known = { ...nightly, outputs: { ...nightly.outputs, expired: true } };

  test.each<[string, readonly Exported[], World, readonly string[]]>([
    ["a prebuild that is as declared", [nightly], { prebuilds: [prebuild()] }, []],
    [
      "a prebuild whose timeout the API formats differently",
      [nightly],
      { prebuilds: [prebuild({ timeout: "60m" })] },
      [],
    ],
    ["a managed prebuild that failed", [nightly], { prebuilds: [prebuild({ phase: "FAILED" })] }, ["failed"]],
    [
      "a managed prebuild that was cancelled",
      [nightly],
      { prebuilds: [prebuild({ phase: "CANCELLED" })] },
      ["cancelled"],
    ],
    ["a prebuild that disappeared early", [nightly], {}, ["gone!"]],
    ["a prebuild that disappeared at an unknown age", [{ ...nightly, outputs: { __managed: [] } }], {}, ["gone!"]],
    ["a prebuild that disappeared after six days and 23 hours", [old], {}, ["expired"]],
    ["an expired prebuild with recreateWhenExpired", [again], {}, ["expired!"]],
    ["a prebuild that is known to have expired", [known], {}, ["expired"]],
    [
      "a managed prebuild that is being deleted",
      [nightly],
      { prebuilds: [prebuild({ phase: "DELETING" })] },
      ["deleting!"],
    ],
    [
      "a prebuild that expires within a day",
      [nightly],
      { prebuilds: [prebuild({ createdAt: at(6 * day) })] },
      ["expiring"],
    ],
    ["a prebuild that expires later", [nightly], { prebuilds: [prebuild({ createdAt: at(6 * day - minute) })] }, []],
    [
      "a prebuild that has been pending for half an hour",
      [nightly],
      { prebuilds: [prebuild({ phase: "PENDING" })] },
      ["pending"],
    ],
    ["an unmanaged prebuild that completed", [], { prebuilds: [prebuild()] }, []],
    [
      "an unmanaged prebuild that is the newest and failed",
      [],
      { prebuilds: [prebuild({ phase: "FAILED" }), prebuild({ id: otherId })] },
      ["failed"],
    ],
    [
      "an unmanaged prebuild that failed before a newer one completed",
      [],
      { prebuilds: [prebuild({ id: otherId }), prebuild({ phase: "FAILED" })] },
      [],
    ],
    [
      "an unmanaged prebuild that failed while a newer one runs",
      [],
      { prebuilds: [prebuild({ id: otherId, phase: "RUNNING" }), prebuild({ phase: "FAILED" })] },
      ["failed"],
    ],
    [
      "an unmanaged prebuild that expires and has no pool",
      [],
      { prebuilds: [prebuild({ createdAt: at(6 * day) })] },
      [],
    ],
    [
      "an unmanaged prebuild that expires and has a pool",
      [web],
      { pools: [details()], prebuilds: [prebuild({ createdAt: at(6 * day) })] },
      ["expiring"],
    ],
  ])("finds what is wrong with %s", (_prebuild, resources, world, expected) => {
    expect(kinds(resources, world)).toEqual(expected);
  });

  test("reads each object that lists omit once, but not a prebuild that is known to have expired", () => {
    const stack = parseState("prod.json", JSON.stringify(stackExport([web, { ...web, name: "twice" }, nightly])));
    const account = { warmPools: [], prebuilds: [], now: epoch };
    expect(unlisted(stack.resources, account).map(({ id }) => id)).toEqual([poolId, prebuildId]);
    const expired = parseState("prod.json", JSON.stringify(stackExport([known, { ...web, fields: { delete: true } }])));
    expect(unlisted(expired.resources, account)).toEqual([]);
  });
});

test("adds objects that lists omit to the account, except those that are DELETED", async () => {
  const deleted = { ...parsedPool, id: otherId, status: { ...parsedPool.status, phase: "DELETED" } };
  const client = {
    getWarmPool: async (id: string) => (id === poolId ? parsedPool : deleted),
    getPrebuild: async () => parsedPrebuild,
  } as Partial<Reader> as Reader;
  const objects = [
    { kind: "WarmPool", id: poolId },
    { kind: "WarmPool", id: otherId },
    { kind: "Prebuild", id: prebuildId },
  ] as const;
  const account = await addUnlisted(client, { warmPools: [], prebuilds: [], now: epoch }, objects);
  expect(account).toMatchObject({ warmPools: [{ id: poolId }], prebuilds: [{ id: prebuildId }] });
  expect(account.warmPools).toHaveLength(1);
});

test("a command to import a pool contains nothing of an id or a connection that a shell would run", () => {
  const [found] = findings([], { pools: [details({ id: 'x"$(id)"&`id`;%y%' })] });
  expect(found?.reason).toContain("run `npx pulumi-ona import --pool xididy`");
  const account = { warmPools: [details()], prebuilds: [], now: epoch };
  const [other] = compare({ resources: [], account, connection: "team two", limits });
  expect(other?.reason).toContain(`import --pool ${poolId} --connection ${quoteForShell("team two")}`);
});

test("sorts drift before other findings, and each by kind", () => {
  const resources = [web, nightly, { ...web, name: "api", id: otherId }];
  const pools = [
    details({ maxSize: 5, phase: "DEGRADED" }),
    details({ id: "99999999-2222-4333-8444-555555555555", phase: "DEGRADED" }),
  ];
  expect(kinds(resources, { pools })).toEqual(["changed!", "gone!", "gone!", "unmanaged", "degraded", "degraded"]);
});

test("kinds of findings are unique", () => {
  expect(new Set(findingKinds).size).toBe(findingKinds.length);
});
