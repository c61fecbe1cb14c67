/** What counts as drift, what is only said, and what is nobody's business: the decisions of `pulumi-ona drift`. */
import { compare, unlisted } from "../../src/cli/drift/compare.js";
import { findingKinds } from "../../src/cli/drift/findings.js";
import { parseState } from "../../src/cli/stack-state.js";
import type { PrebuildDetails } from "../../src/prebuild/outputs.js";
import type { WarmPoolDetails } from "../../src/warm-pool/outputs.js";
import { type Exported, stackExport } from "../support/stack-export.js";
import { environmentClassId, poolId, prebuildId, projectId } from "../support/messages.js";
import { details } from "../support/pools.js";

/** When the pools of these tests were made. */
const epoch = Date.parse("2026-03-01T12:00:00Z");

const otherId = "11111111-2222-4333-8444-555555555555";
const minute = 60_000;
const day = 24 * 60 * minute;
const limits = { pendingFor: 30 * minute, expiresWithin: day };
const at = (ago: number) => new Date(epoch - ago).toISOString();
const pair = { projectId, environmentClassId };
const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };

function prebuild(overrides: Partial<PrebuildDetails> = {}): PrebuildDetails {
  const counts = { snapshotSizeBytes: "1", snapshotCompletionPercentage: 0 };
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
  /** What Get says of objects that no list shows. */
  readonly looked?: readonly (WarmPoolDetails | PrebuildDetails)[];
}

function findings(resources: readonly Exported[], { pools = [], prebuilds = [], looked = [] }: World) {
  const stacks = [parseState("prod.json", JSON.stringify(stackExport(resources)))];
  return compare({
    stacks,
    account: { warmPools: pools, prebuilds, now: epoch },
    looked: new Map(looked.map((object) => [object.id, object])),
    limits,
  });
}

/** `kind!` is drift, `kind` is not. */
const kinds = (...args: Parameters<typeof findings>) =>
  findings(...args).map(({ kind, drift }) => (drift ? `${kind}!` : kind));

describe("pools", () => {
  const onlyMin = { ...web, inputs: { ...pair, minSize: 1 }, outputs: { __managed: ["minSize"], maxSize: 4 } };
  const { snapshotId: _, ...empty } = details({ phase: "PENDING", createdAt: at(31 * minute) });

  test.each<[string, readonly Exported[], World, readonly string[]]>([
    ["as declared: nothing", [web], { pools: [details()] }, []],
    ["what moves by itself: nothing", [web], { pools: [details({ desiredSize: 3, runningInstances: 3 })] }, []],
    ["a managed size differs: drift", [web], { pools: [details({ maxSize: 9 })] }, ["changed!"]],
    ["a size that is not managed differs: nothing", [onlyMin], { pools: [details({ maxSize: 9 })] }, []],
    [
      "a managed size has become none: drift",
      [web],
      { pools: [{ ...empty, minSize: 1, maxSize: 0 }] },
      ["changed!", "pending"],
    ],
    ["not in the list, and Get knows it: nothing", [web], { looked: [details()] }, []],
    ["not in the list, and Get shows another size: drift", [web], { looked: [details({ minSize: 0 })] }, ["changed!"]],
    ["neither the list nor Get knows it: drift", [web], {}, ["gone!"]],
    ["being deleted: drift", [web], { pools: [details({ phase: "DELETING" })] }, ["deleting!"]],
    ["being deleted, and nobody manages it: only said", [], { pools: [details({ phase: "DELETING" })] }, ["deleting"]],
    ["nobody manages it: only said", [], { pools: [details()] }, ["unmanaged"]],
    [
      "a stack that only reads it does not manage it",
      [{ ...web, fields: { external: true } }],
      { pools: [details()] },
      ["unmanaged"],
    ],
    ["degraded: only said", [web], { pools: [details({ phase: "DEGRADED" })] }, ["degraded"]],
    ["pending for half an hour: only said", [web], { pools: [empty] }, ["pending"]],
    ["pending for less: nothing", [web], { pools: [{ ...empty, createdAt: at(29 * minute) }] }, []],
    ["a phase that nobody knows yet: nothing", [web], { pools: [details({ phase: "HIBERNATING" })] }, []],
    [
      "replaced, and to be deleted by the next up: nothing",
      [{ ...web, fields: { delete: true } }],
      { pools: [details()] },
      [],
    ],
    [
      "the same, while that goes on: nothing",
      [{ ...web, fields: { delete: true } }],
      { pools: [details({ phase: "DELETING" })] },
      [],
    ],
    [
      "a declared size that is encrypted: only said",
      [{ ...web, inputs: { ...pair, minSize: sealed }, outputs: { __managed: ["minSize"], minSize: sealed } }],
      { pools: [details()] },
      ["notCompared"],
    ],
  ])("%s", (_what, resources, world, expected) => {
    expect(kinds(resources, world)).toEqual(expected);
  });

  test("a change names each size that differs, declared and actual", () => {
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

  test("a pool that is gone names the one that the pair has now", () => {
    const [gone] = findings([web], { pools: [details({ id: otherId })] });
    expect(gone).toMatchObject({ kind: "gone", id: poolId });
    expect(gone?.reason).toContain(`another pool now: ${otherId}`);
  });

  test("a pending pool says why it has no snapshot", () => {
    const reason = (prebuilds: readonly PrebuildDetails[]) => findings([web], { pools: [empty], prebuilds })[0];
    expect(reason([])?.reason).toBe(
      "PENDING for 31m: it has no snapshot; its project has no prebuild of its environment class",
    );
    const failed = prebuild({ phase: "FAILED", failureMessage: "npm ci failed" });
    expect(reason([failed])).toMatchObject({
      message: "npm ci failed",
      reason: expect.stringContaining(`${prebuildId}, is FAILED`) as string,
    });
  });

  test("two resources that manage one pool are told of each other; the same state given twice is not", () => {
    expect(kinds([web, { ...web, name: "web-too" }], { pools: [details()] })).toEqual(["managedTwice"]);
    const stack = parseState("prod.json", JSON.stringify(stackExport([web])));
    const account = { warmPools: [details()], prebuilds: [], now: epoch };
    expect(compare({ stacks: [stack, { ...stack, source: "copy.json" }], account, looked: new Map(), limits })).toEqual(
      [],
    );
  });
});

describe("prebuilds", () => {
  const old = { ...nightly, outputs: { ...nightly.outputs, createdAt: at(7 * day - 59 * minute) } };
  const again = { ...old, inputs: { ...nightly.inputs, recreateWhenExpired: true } };
  const known = { ...nightly, outputs: { ...nightly.outputs, expired: true } };

  test.each<[string, readonly Exported[], World, readonly string[]]>([
    ["as declared: nothing", [nightly], { prebuilds: [prebuild()] }, []],
    ["the answer words the timeout otherwise: nothing", [nightly], { prebuilds: [prebuild({ timeout: "60m" })] }, []],
    ["failed: only said", [nightly], { prebuilds: [prebuild({ phase: "FAILED" })] }, ["failed"]],
    ["cancelled: only said", [nightly], { prebuilds: [prebuild({ phase: "CANCELLED" })] }, ["cancelled"]],
    ["gone before its time: drift", [nightly], {}, ["gone!"]],
    ["gone, and nobody knows how old it was: drift", [{ ...nightly, outputs: { __managed: [] } }], {}, ["gone!"]],
    ["gone after six days and 23 hours: expired, only said", [old], {}, ["expired"]],
    ["the same, to be made again: drift", [again], {}, ["expired!"]],
    ["known to have expired: only said", [known], {}, ["expired"]],
    ["being deleted: drift", [nightly], { prebuilds: [prebuild({ phase: "DELETING" })] }, ["deleting!"]],
    ["expires within a day: only said", [nightly], { prebuilds: [prebuild({ createdAt: at(6 * day) })] }, ["expiring"]],
    ["expires later: nothing", [nightly], { prebuilds: [prebuild({ createdAt: at(6 * day - minute) })] }, []],
    ["pending for half an hour: only said", [nightly], { prebuilds: [prebuild({ phase: "PENDING" })] }, ["pending"]],
    ["nobody's, completed: nothing", [], { prebuilds: [prebuild()] }, []],
    [
      "nobody's, the newest failed: only said",
      [],
      { prebuilds: [prebuild({ phase: "FAILED" }), prebuild({ id: otherId })] },
      ["failed"],
    ],
    [
      "nobody's, an older one failed: nothing",
      [],
      { prebuilds: [prebuild({ id: otherId }), prebuild({ phase: "FAILED" })] },
      [],
    ],
    [
      "nobody's, and one runs after the failed one: only said",
      [],
      { prebuilds: [prebuild({ id: otherId, phase: "RUNNING" }), prebuild({ phase: "FAILED" })] },
      ["failed"],
    ],
    ["nobody's, expiring, without a pool: nothing", [], { prebuilds: [prebuild({ createdAt: at(6 * day) })] }, []],
    [
      "nobody's, expiring, and a pool lives on it: only said",
      [web],
      { pools: [details()], prebuilds: [prebuild({ createdAt: at(6 * day) })] },
      ["expiring"],
    ],
  ])("%s", (_what, resources, world, expected) => {
    expect(kinds(resources, world)).toEqual(expected);
  });

  test("one that is known to have expired is not asked for; everything else that no list shows is, once", () => {
    const stack = parseState("prod.json", JSON.stringify(stackExport([web, { ...web, name: "twice" }, nightly])));
    const account = { warmPools: [], prebuilds: [], now: epoch };
    expect(unlisted([stack], account).map(({ id }) => id)).toEqual([poolId, prebuildId]);
    const expired = parseState("prod.json", JSON.stringify(stackExport([known, { ...web, fields: { delete: true } }])));
    expect(unlisted([expired], account)).toEqual([]);
  });
});

test("drift comes first, then what is unwell, each by kind", () => {
  const resources = [web, nightly, { ...web, name: "api", id: otherId }];
  const pools = [
    details({ maxSize: 5, phase: "DEGRADED" }),
    details({ id: "99999999-2222-4333-8444-555555555555", phase: "DEGRADED" }),
  ];
  expect(kinds(resources, { pools })).toEqual(["changed!", "gone!", "gone!", "unmanaged", "degraded", "degraded"]);
});

test("the kinds of findings are distinct", () => {
  expect(new Set(findingKinds).size).toBe(findingKinds.length);
});
