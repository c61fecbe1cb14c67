/** Creating a pool for a pair that already has one: an error, adoption, or a wait until it is gone. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { quoteForShell } from "../../src/util/text.js";
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

describe.each(conflicts)("a conflict with an existing pool (%s)", (code) => {
  const conflict = refusal(code);
  const existing = live({ createdAt: older, minSize: 2, maxSize: 6 });

  test("fails with the pool's id and what to do", async () => {
    const { error, rpcs, sent } = await failedCreate({ create: [conflict], list: [[existing]] });
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toContain(`${poolId} (READY, minSize 2, maxSize 6)`);
    expect(error.message).toMatch(/adoptExisting: true.*pulumi-ona import.*alias/);
    expect(rpcs()).toEqual(["create", "list"]);
    expect(sent("list")).toEqual([{ projectIds: [projectId], environmentClassIds: [environmentClassId] }]);
  });

  test("prints no command with what a shell would run in an id", async () => {
    const existing = live({ createdAt: older, id: 'x"$(id)"&`id`;%y%' });
    const { error } = await failedCreate({ create: [conflict], list: [[existing]] });
    expect(error.message).toContain("`npx pulumi-ona import --pool xididy`");
  });

  test("quotes the connection in the command that imports the pool", async () => {
    const replies = { create: [conflict], list: [[existing]] };
    const { error } = await failedCreate(replies, declared({ connection: "team two" }));
    expect(error.message).toContain(`--pool ${poolId} --connection ${quoteForShell("team two")}\``);
  });

  test("names a pool without sizes", async () => {
    const existing = sizeless({ createdAt: older });
    const { error } = await failedCreate({ create: [conflict], list: [[existing]] });
    expect(error.message).toContain(`${poolId} (READY, minSize unset, maxSize unset)`);
  });

  test("adopts and resizes the pool with adoptExisting, and reports the changes", async () => {
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

  test("waits until a DELETING pool is gone, then creates a new one", async () => {
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

  test("fails at the create timeout if the pool stays DELETING", async () => {
    const going = live({ phase: "DELETING", createdAt: older, runningInstances: 2 });
    const script = { create: [conflict], list: [[going]], get: [going] };
    const { error, clock, rpcs } = await failedCreate(script, declared(), { timeoutMs: 2 * minutes });
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(
      new RegExp(`${poolId} was not deleted within 2m \\(DELETING, 2 instances left\\).*customTimeouts`),
    );
    expect(clock.monotonic()).toBe(2 * minutes);
    expect(rpcs().filter((rpc) => rpc === "create")).toHaveLength(1);
  });
});

describe("adoption", () => {
  const conflict = refusal("already_exists");
  const adopting = (inputs: WarmPoolInputs) => ({ ...inputs, adoptExisting: true });

  test("sends no update if the pool is as declared", async () => {
    const { rpcs, progress } = await create({ create: [conflict], list: [[live()]] }, adopting(declared()));
    expect(rpcs()).toEqual(["create", "list"]);
    expect(progress).toEqual([
      `${poolId}: adopted the existing warm pool (READY, created 2026-03-01T12:00:00.000Z): minSize 1 as declared, maxSize 4 as declared`,
    ]);
  });

  test("never sends an unmanaged size", async () => {
    const existing = live({ minSize: 3, maxSize: 9 });
    const { sent, result } = await create(
      { create: [conflict], list: [[existing]], update: [live({ minSize: 3, maxSize: 5 })] },
      adopting({ ...onlyMax, maxSize: 5 }),
    );
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 5 }]);
    expect(result.state).toMatchObject({ minSize: 3, maxSize: 5, __managed: ["maxSize"] });
  });

  test("fails before an update if a managed size crosses an unmanaged one", async () => {
    const { error, rpcs, context } = await failedCreate(
      { create: [conflict], list: [[live({ minSize: 1, maxSize: 2 })]] },
      adopting({ ...onlyMin, minSize: 5 }),
    );
    expect(rpcs()).toEqual(["create", "list"]);
    expect(error.message).toMatch(/was not changed: minSize \(5\) is greater than the pool's unmanaged maxSize \(2\)/);
    expect(context.adoptionLock.isAdopted(poolId)).toBe(false);
  });

  test.each(["invalid_argument", "failed_precondition", "out_of_range"] as const)(
    "names the size to declare if an old pool without sizes can not be resized (%s)",
    async (code) => {
      const existing = sizeless();
      const { error } = await failedCreate(
        { create: [conflict], list: [[existing]], update: [refusal(code)] },
        adopting({ ...onlyMin, minSize: 1 }),
      );
      expect(error.message).toMatch(
        new RegExp(`${poolId} was not resized: .*${code}.*The pool has no maxSize, .*Set maxSize too`),
      );
    },
  );

  test("does not advise on sizes after another refusal", async () => {
    const existing = sizeless();
    const script = { create: [conflict], list: [[existing]], update: [refusal("permission_denied")] };
    const { error } = await failedCreate(script, adopting({ ...onlyMin, minSize: 1 }));
    expect(error.message).not.toContain("declare");
  });

  test("releases the pool after a failure, so that its owner can delete it", async () => {
    const script = { create: [conflict], list: [[live({ minSize: 2 })]], update: [refusal("permission_denied")] };
    const { context } = await failedCreate(script, adopting(declared()));
    expect(context.adoptionLock.isAdopted(poolId)).toBe(false);
  });

  test("leaves sizes alone that ignoreChanges covers", async () => {
    const existing = live({ createdAt: older, minSize: 2, maxSize: 6 });
    const resized = live({ createdAt: older, minSize: 1, maxSize: 6 });
    const script = { create: [conflict], list: [[existing]], update: [resized] };
    const { result, sent, progress } = await create(script, adopting(declared()), { ignoreChanges: ["maxSize"] });
    expect(sent("create")).toMatchObject([{ minSize: 1, maxSize: 4 }]);
    expect(sent("update")).toEqual([{ id: poolId, minSize: 1 }]);
    expect(progress.join()).toContain("minSize 2 => 1, maxSize 6 left alone");
    expect(result.state).toStrictEqual(kept({ createdAt: older, adoptExisting: true, maxSize: 6 }));

    const all = await create({ create: [conflict], list: [[existing]] }, adopting(declared()), {
      ignoreChanges: ["*"],
    });
    expect(all.rpcs()).toEqual(["create", "list"]);
  });

  test("fails before it sends a size that crosses an ignored one, with what to do", async () => {
    const existing = live({ createdAt: older, minSize: 1, maxSize: 2 });
    const { error, rpcs } = await failedCreate(
      { create: [conflict], list: [[existing]] },
      adopting(declared({ minSize: 3 })),
      { ignoreChanges: ["maxSize"] },
    );
    expect(rpcs()).toEqual(["create", "list"]);
    expect(error.message).toContain(
      "minSize (3) is greater than the pool's maxSize (2), which this update leaves alone.",
    );
  });

  test("keeps an adopted pool in state that is not READY", async () => {
    const script = { create: [conflict], list: [[live({ phase: "DEGRADED" })]] };
    const { error, context } = await failedCreate(script, adopting(declared()));
    expect(keptBy(error)).toMatchObject({ phase: "DEGRADED", __unfinished: true });
    expect(context.adoptionLock.isAdopted(poolId)).toBe(true);
  });

  test("prevents a later delete in the same process and reports why", async () => {
    const { context, clock, calls, progress } = bench({});
    await context.adoptionLock.adopt(poolId, async () => undefined);
    await clock.run(deleteWarmPool(context, poolId, kept()));
    expect(calls).toEqual([]);
    expect(progress).toEqual([expect.stringMatching(/not deleted with the old resource.*adopted it.*alias/)]);
  });

  test("does not prevent the delete of another pool", async () => {
    const { context, clock, rpcs } = bench({ delete: [undefined], get: [missing] });
    await context.adoptionLock.adopt("another", async () => undefined);
    await clock.run(deleteWarmPool(context, poolId, kept()));
    expect(rpcs()).toEqual(["delete", "get"]);
  });
});

describe("a pool that this update is deleting", () => {
  test.each([true, false])(
    "is not adopted (adoptExisting %s): the create waits and makes a new one",
    async (adoptExisting) => {
      const { context, clock, rpcs, progress } = bench({
        create: [refusal("already_exists"), live()],
        list: [[live({ createdAt: older })]],
        delete: [undefined],
        get: [live({ phase: "DELETING", createdAt: older }), missing],
      });
      const removing = deleteWarmPool(context, poolId, kept());
      const making = createWarmPool(context, declared({ adoptExisting }));
      await clock.run(Promise.all([removing, making]));
      expect(rpcs().filter((rpc) => rpc === "create" || rpc === "update")).toEqual(["create", "create"]);
      expect(progress.join("\n")).toMatch(/is being deleted in this update; waiting until it is gone/);
      expect(clock.pending).toEqual([]);
    },
  );
});

test.each(["already_exists", "failed_precondition"] as const)(
  "a conflict (%s) whose pool can not be listed fails and reports that nothing was created",
  async (code) => {
    const { error } = await failedCreate({ create: [refusal(code)], list: [refusal("permission_denied")] });
    expect(error.message).toMatch(
      new RegExp(`${code}.*Checking for an existing warm pool also failed: .*permission_denied`),
    );
    expect(error.message).toMatch(/Nothing was created or changed. Run `pulumi up` again/);
  },
);

describe("a pool that a lagging list still shows", () => {
  const going = live({ phase: "DELETING", createdAt: older });

  test("is polled with pauses until the create timeout", async () => {
    const { error, clock, rpcs } = await failedCreate(
      { create: [refusal("already_exists")], list: [[going]], get: [missing] },
      declared(),
      { timeoutMs: 2 * minutes },
    );
    expect(error.message).toMatch(new RegExp(`${poolId} was not deleted within 2m`));
    expect(clock.monotonic()).toBe(2 * minutes);
    expect(rpcs().filter((rpc) => rpc === "create").length).toBeLessThan(20);
  });

  test("is polled with pauses if this update deleted it", async () => {
    const { context, clock, rpcs } = bench({
      create: [refusal("already_exists")],
      list: [[live({ createdAt: older })]],
      delete: [undefined],
      get: [missing],
    });
    await clock.run(deleteWarmPool(context, poolId, kept()));
    const error = await failureOf(clock, createWarmPool(context, declared(), { timeoutMs: 2 * minutes }));
    expect(error.message).toMatch(new RegExp(`${poolId} was not deleted within 2m`));
    expect(rpcs().filter((rpc) => rpc === "create").length).toBeLessThan(20);
    expect(clock.pending).toEqual([]);
  });
});

describe("a conflict with a pool that is not listed", () => {
  test.each(["already_exists", "aborted"] as const)("(%s) is retried while the old pool disappears", async (code) => {
    const { result, rpcs, progress } = await create({
      create: [refusal(code), refusal(code), live()],
      list: [[]],
    });
    expect(result.id).toBe(poolId);
    expect(rpcs()).toEqual(["create", "list", "create", "list", "create"]);
    expect(progress[0]).toMatch(/a conflict with a warm pool that it doesn't list; trying again/);
  });

  test("fails with the API's error after a minute", async () => {
    const { error, clock } = await failedCreate({ create: [refusal("already_exists")], list: [[]] });
    expect(error.message).toContain("already_exists");
    expect(clock.monotonic()).toBeGreaterThanOrEqual(minutes);
    expect(clock.monotonic()).toBeLessThan(1.5 * minutes);
  });

  test("fails with the API's error at an earlier create timeout", async () => {
    const { error, clock } = await failedCreate({ create: [refusal("already_exists")], list: [[]] }, declared(), {
      timeoutMs: 3_000,
    });
    expect(error.message).toContain("already_exists");
    expect(clock.monotonic()).toBe(3_000);
  });

  test("has another minute after a DELETING pool was seen", async () => {
    const going = live({ phase: "DELETING", createdAt: older });
    const conflict = refusal("already_exists");
    const { result } = await create({
      create: [conflict, conflict, conflict, live({ id: "new" })],
      list: [[], [going], []],
      get: [(at) => (at < 5 * minutes ? going : missing)],
    });
    expect(result.id).toBe("new");
  });

  test("fails at once after failed_precondition, which may mean a project without prebuilds", async () => {
    const { error, rpcs } = await failedCreate({ create: [refusal("failed_precondition")], list: [[]] });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(error.message).toContain("failed_precondition");
  });

  test("ignores listed pools that are DELETED or belong to another pair", async () => {
    const others = [live({ projectId: "other" }), live({ environmentClassId: "other" }), live({ phase: "DELETED" })];
    const { error } = await failedCreate({ create: [refusal("failed_precondition")], list: [others] });
    expect(error.message).toContain("failed_precondition");
  });
});
