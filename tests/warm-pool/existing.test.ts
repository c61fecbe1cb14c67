/** Creating the pool of a pair that has one already: an error with ways out, adoption, or waiting for it to drain. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { type WarmPoolInputs } from "../../src/warm-pool/inputs.js";
import { createWarmPool, deleteWarmPool } from "../../src/warm-pool/lifecycle.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { bench } from "../support/pool-api.js";
import { create, failedCreate, keptBy, older, onlyMax, onlyMin } from "../support/pool-life.js";
import { declared, kept, type Live, live } from "../support/pools.js";
import { failureOf, missing, refusal } from "../support/scripted.js";

/** A pool that has no sizes at all. */
function sizeless(overrides: Live = {}) {
  const message = live(overrides);
  return { ...message, spec: { ...message.spec, minSize: undefined, maxSize: undefined } };
}

const conflicts = ["already_exists", "failed_precondition", "aborted"] as const;

describe.each(conflicts)("a pair that has a pool already, said with %s", (code) => {
  const conflict = refusal(code);
  const existing = live({ createdAt: older, minSize: 2, maxSize: 6 });

  test("is an error with the pool's id and three ways out", async () => {
    const { error, rpcs, sent } = await failedCreate({ create: [conflict], list: [[existing]] });
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toContain(`${poolId} (READY, minSize 2, maxSize 6)`);
    expect(error.message).toMatch(/adoptExisting: true.*pulumi-ona import.*alias/);
    expect(rpcs()).toEqual(["create", "list"]);
    expect(sent("list")).toEqual([{ projectIds: [projectId], environmentClassIds: [environmentClassId] }]);
  });

  test("and no sizes at all, is named so", async () => {
    const existing = sizeless({ createdAt: older });
    const { error } = await failedCreate({ create: [conflict], list: [[existing]] });
    expect(error.message).toContain(`${poolId} (READY, minSize unset, maxSize unset)`);
  });

  test("is taken over and resized with adoptExisting, and says what was changed", async () => {
    const { result, rpcs, sent, progress, context } = await create(
      { create: [conflict], list: [[existing]], update: [live({ createdAt: older })] },
      declared({ adoptExisting: true }),
    );
    expect(rpcs()).toEqual(["create", "list", "update"]);
    expect(sent("update")).toEqual([{ id: poolId, minSize: 1, maxSize: 4 }]);
    expect(progress).toEqual([
      `${poolId}: adopted the existing warm pool (READY, created ${older}): minSize 2 => 1, maxSize 6 => 4`,
    ]);
    expect(result).toStrictEqual({ id: poolId, state: kept({ createdAt: older, adoptExisting: true }) });
    expect(context.adoptionLock.isAdopted(poolId)).toBe(true);
  });

  test("that is DELETING is waited for, and then created", async () => {
    const going = live({ phase: "DELETING", createdAt: older, runningInstances: 2 });
    const { result, rpcs, progress, sent } = await create({
      create: [conflict, live({ id: "new" })],
      list: [[going]],
      get: [going, going, missing],
    });
    expect(result.id).toBe("new");
    expect(rpcs()).toEqual(["create", "list", "get", "get", "get", "create"]);
    expect(sent("create")[1]).toEqual(sent("create")[0]);
    expect(progress[0]).toMatch(/the old warm pool .* is DELETING; waiting until it is gone/);
    expect(progress[1]).toMatch(/DELETING, 2 instances left/);
  });

  test("that is DELETING for too long is a failure within the create's own time", async () => {
    const going = live({ phase: "DELETING", createdAt: older, runningInstances: 2 });
    const script = { create: [conflict], list: [[going]], get: [going] };
    const { error, clock, rpcs } = await failedCreate(script, declared({ __timeouts: { create: "2m" } }));
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(
      new RegExp(`${poolId} is not gone after 2m \\(DELETING, 2 instances left\\).*customTimeouts`),
    );
    expect(clock.monotonic()).toBe(2 * minutes);
    expect(rpcs().filter((rpc) => rpc === "create")).toHaveLength(1);
  });
});

describe("adoption", () => {
  const conflict = refusal("already_exists");
  const adopting = (inputs: WarmPoolInputs) => ({ ...inputs, adoptExisting: true });

  test("of a pool that is as declared sends nothing", async () => {
    const { rpcs, progress } = await create({ create: [conflict], list: [[live()]] }, adopting(declared()));
    expect(rpcs()).toEqual(["create", "list"]);
    expect(progress).toEqual([
      `${poolId}: adopted the existing warm pool (READY, created 2026-03-01T12:00:00.000Z): minSize 1 as declared, maxSize 4 as declared`,
    ]);
  });

  test("never sends a size that is not managed", async () => {
    const existing = live({ minSize: 3, maxSize: 9 });
    const { sent, result } = await create(
      { create: [conflict], list: [[existing]], update: [live({ minSize: 3, maxSize: 5 })] },
      adopting({ ...onlyMax, maxSize: 5 }),
    );
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 5 }]);
    expect(result.state).toMatchObject({ minSize: 3, maxSize: 5, __managed: ["maxSize"] });
  });

  test("of a pool whose unmanaged size is crossed is refused before anything is sent, naming both", async () => {
    const { error, rpcs, context } = await failedCreate(
      { create: [conflict], list: [[live({ minSize: 1, maxSize: 2 })]] },
      adopting({ ...onlyMin, minSize: 5 }),
    );
    expect(rpcs()).toEqual(["create", "list"]);
    expect(error.message).toMatch(/was not changed: minSize \(5\) is greater than the pool's unmanaged maxSize \(2\)/);
    expect(context.adoptionLock.isAdopted(poolId)).toBe(false);
  });

  test.each(["invalid_argument", "failed_precondition", "out_of_range"] as const)(
    "of an old pool without sizes, refused with %s, says which size to declare too",
    async (code) => {
      const existing = sizeless();
      const { error } = await failedCreate(
        { create: [conflict], list: [[existing]], update: [refusal(code)] },
        adopting({ ...onlyMin, minSize: 1 }),
      );
      expect(error.message).toMatch(
        new RegExp(`${poolId} was not resized: .*${code}.*The pool has no maxSize, .*: declare maxSize too`),
      );
    },
  );

  test("that is refused for another reason says nothing of sizes", async () => {
    const existing = sizeless();
    const script = { create: [conflict], list: [[existing]], update: [refusal("permission_denied")] };
    const { error } = await failedCreate(script, adopting({ ...onlyMin, minSize: 1 }));
    expect(error.message).not.toContain("declare");
  });

  test("that fails leaves a later delete of the same pool alone to its owner", async () => {
    const script = { create: [conflict], list: [[live({ minSize: 2 })]], update: [refusal("permission_denied")] };
    const { context } = await failedCreate(script, adopting(declared()));
    expect(context.adoptionLock.isAdopted(poolId)).toBe(false);
  });

  test("keeps a pool that is not READY afterwards, adopted", async () => {
    const script = { create: [conflict], list: [[live({ phase: "DEGRADED" })]] };
    const { error, context } = await failedCreate(script, adopting(declared()));
    expect(keptBy(error)).toMatchObject({ phase: "DEGRADED", __unfinished: true });
    expect(context.adoptionLock.isAdopted(poolId)).toBe(true);
  });

  test("keeps a later delete in the same process from deleting, which says why", async () => {
    const { context, clock, calls, progress } = bench({});
    await context.adoptionLock.adopt(poolId, async () => undefined);
    await clock.run(deleteWarmPool(context, poolId, kept()));
    expect(calls).toEqual([]);
    expect(progress).toEqual([expect.stringMatching(/not deleted: another resource.*adopted it.*alias/)]);
  });

  test("does not concern the delete of another pool", async () => {
    const { context, clock, rpcs } = bench({ delete: [undefined], get: [missing] });
    await context.adoptionLock.adopt("another", async () => undefined);
    await clock.run(deleteWarmPool(context, poolId, kept()));
    expect(rpcs()).toEqual(["delete", "get"]);
  });
});

describe("a pool that another resource of the same update is deleting", () => {
  test.each([true, false])(
    "is not taken over (adoptExisting %s): the create waits for the end and makes a new one",
    async (adoptExisting) => {
      const { context, clock, rpcs, progress } = bench({
        create: [refusal("already_exists"), live()],
        list: [[live({ createdAt: older })]],
        delete: [undefined],
        get: [live({ phase: "DELETING", createdAt: older }), missing],
      });
      const removing = deleteWarmPool(context, poolId, kept());
      const making = createWarmPool(context, declared({ adoptExisting }), new AbortController().signal);
      await clock.run(Promise.all([removing, making]));
      expect(rpcs().filter((rpc) => rpc === "create" || rpc === "update")).toEqual(["create", "create"]);
      expect(progress.join("\n")).toMatch(/is being deleted in this update; waiting until it is gone/);
      expect(clock.pending).toEqual([]);
    },
  );
});

test.each(["already_exists", "failed_precondition"] as const)(
  "a conflict (%s) with a pool that cannot be looked for says that nothing was made",
  async (code) => {
    const { error } = await failedCreate({ create: [refusal(code)], list: [refusal("permission_denied")] });
    expect(error.message).toMatch(
      new RegExp(`${code}.*Checking for an existing warm pool also failed: .*permission_denied`),
    );
    expect(error.message).toMatch(/Nothing was created or changed. Run `pulumi up` again/);
  },
);

describe("a pool that is listed although it is gone", () => {
  const going = live({ phase: "DELETING", createdAt: older });

  test("is asked for with pauses, and no longer than the create may take", async () => {
    const { error, clock, rpcs } = await failedCreate(
      { create: [refusal("already_exists")], list: [[going]], get: [missing] },
      declared({ __timeouts: { create: "2m" } }),
    );
    expect(error.message).toMatch(new RegExp(`${poolId} is not gone after 2m`));
    expect(clock.monotonic()).toBe(2 * minutes);
    expect(rpcs().filter((rpc) => rpc === "create").length).toBeLessThan(20);
  });

  test("because this update has deleted it, likewise", async () => {
    const { context, clock, rpcs } = bench({
      create: [refusal("already_exists")],
      list: [[live({ createdAt: older })]],
      delete: [undefined],
      get: [missing],
    });
    await clock.run(deleteWarmPool(context, poolId, kept()));
    const inputs = declared({ __timeouts: { create: "2m" } });
    const error = await failureOf(clock, createWarmPool(context, inputs, new AbortController().signal));
    expect(error.message).toMatch(new RegExp(`${poolId} is not gone after 2m`));
    expect(rpcs().filter((rpc) => rpc === "create").length).toBeLessThan(20);
    expect(clock.pending).toEqual([]);
  });
});

describe("a conflict with a pool that is not listed", () => {
  test.each(["already_exists", "aborted"] as const)("(%s) passes while the old pool goes", async (code) => {
    const { result, rpcs, progress } = await create({
      create: [refusal(code), refusal(code), live()],
      list: [[]],
    });
    expect(result.id).toBe(poolId);
    expect(rpcs()).toEqual(["create", "list", "create", "list", "create"]);
    expect(progress[0]).toMatch(/a conflict with a warm pool that it doesn't list; trying again/);
  });

  test("is the API's own error once a minute has passed", async () => {
    const { error, clock } = await failedCreate({ create: [refusal("already_exists")], list: [[]] });
    expect(error.message).toContain("already_exists");
    expect(clock.monotonic()).toBeGreaterThanOrEqual(minutes);
    expect(clock.monotonic()).toBeLessThan(1.5 * minutes);
  });

  test("is the API's own error when the time for the create runs out first", async () => {
    const { error, clock } = await failedCreate(
      { create: [refusal("already_exists")], list: [[]] },
      declared({ __timeouts: { create: "3s" } }),
    );
    expect(error.message).toContain("already_exists");
    expect(clock.monotonic()).toBe(3_000);
  });

  test("has its minute anew after a pool was seen going", async () => {
    const going = live({ phase: "DELETING", createdAt: older });
    const conflict = refusal("already_exists");
    const { result } = await create({
      create: [conflict, conflict, conflict, live({ id: "new" })],
      list: [[], [going], []],
      get: [(at) => (at < 5 * minutes ? going : missing)],
    });
    expect(result.id).toBe("new");
  });

  test("is at once the API's own error after failed_precondition: a project without prebuilds says the same", async () => {
    const { error, rpcs } = await failedCreate({ create: [refusal("failed_precondition")], list: [[]] });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(error.message).toContain("failed_precondition");
  });

  test("of another pair, or deleted, is no conflict that is listed", async () => {
    const others = [live({ projectId: "other" }), live({ environmentClassId: "other" }), live({ phase: "DELETED" })];
    const { error } = await failedCreate({ create: [refusal("failed_precondition")], list: [others] });
    expect(error.message).toContain("failed_precondition");
  });
});
