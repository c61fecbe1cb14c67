/** A create whose response was lost: it searches before it fails. */
import { ServerClock } from "../../src/client/server-clock.js";
import { isOutcomeUnknown } from "../../src/client/index.js";
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { createWarmPool, deleteWarmPool } from "../../src/warm-pool/lifecycle.js";
import { epoch } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { bench, type Script } from "../support/pool-api.js";
import { create, failedCreate, fresh, keptBy, older } from "../support/pool-life.js";
import { declared, kept, live } from "../support/pools.js";
import { hangs, missing, refusal, unknownOutcomes } from "../support/scripted.js";

describe("a create whose response was lost", () => {
  const lost = refusal("unavailable", { origin: "network", sent: true });

  test.each(unknownOutcomes)("(%s) finds the pool that it made", async (_what, failure) => {
    expect(isOutcomeUnknown(failure)).toBe(true);
    const { result, rpcs, sent, context, warnings } = await create({ create: [failure], list: [[live()]] });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(sent("list")).toEqual([{ projectIds: [projectId], environmentClassIds: [environmentClassId] }]);
    expect(result).toStrictEqual({ id: poolId, state: kept() });
    expect(warnings).toEqual([
      `${poolId}: it was created although Rpc failed (${failure.code}): requested at ${new Date(epoch).toISOString()}, ` +
        `created at ${String(live().metadata.createdAt)}, both with minSize 1 and maxSize 4. ` +
        "If someone else created it, run `pulumi state delete`",
    ]);
    expect(context.adoptionLock.isAdopted(poolId)).toBe(true);
  });

  test.each([
    ["created at the very moment of the request by the server's clock", {}, 0, true],
    ["created later", { createdAt: new Date(epoch + 5_000).toISOString() }, 0, true],
    ["created within the millisecond, in nanoseconds", { createdAt: "2026-03-01T12:00:00.000999999Z" }, 0, true],
    ["created a millisecond before", { createdAt: new Date(epoch - 1).toISOString() }, 0, false],
    [
      "created after our clock and before the server's",
      { createdAt: new Date(epoch + 5_000).toISOString() },
      5_001,
      false,
    ],
    [
      "created before our clock and after the server's",
      { createdAt: new Date(epoch - 5_000).toISOString() },
      -5_000,
      true,
    ],
    ["created when the request timed out", { createdAt: new Date(epoch + 60_000).toISOString() }, 0, true],
    ["created after the request timed out", { createdAt: new Date(epoch + 60_001).toISOString() }, 0, false],
    ["created an hour before, by a clock that is a day late", { createdAt: older }, -86_400_000, false],
    ["created long after, by a clock that starts in 1970", {}, -epoch, false],
    ["of another minSize", { minSize: 0 }, 0, false],
    ["of another maxSize", { maxSize: 5 }, 0, false],
    ["without a time of creation", { createdAt: "" }, 0, false],
    ["when the server never told its time", {}, undefined, false],
  ] as const)("a pool %s (%j, skew %j) is ours: %s", async (_what, overrides, skew, ours) => {
    const script: Script = {
      create: [lost],
      list: [[live(overrides)]],
      serverTimeAt: (moment) => (skew === undefined ? undefined : epoch + skew + moment),
    };
    if (ours) {
      expect((await create(script)).result.id).toBe(poolId);
    } else {
      const { error, rpcs } = await failedCreate(script);
      expect(error.message).toContain(`already have a warm pool: ${poolId}`);
      expect(rpcs()).toEqual(["create", "list"]);
    }
  });

  test.each([
    ["0.6 s before the request", 100, false],
    ["0.3 s before the request", 400, false],
    ["50 ms after the request", 750, true],
  ] as const)("tells a pool that was made %s, in the same second of the server's clock", async (_when, made, ours) => {
    const serverClock = new ServerClock();
    const listed = live({ createdAt: new Date(epoch + made).toISOString() });
    const list = (at: number) => {
      serverClock.note(new Date(epoch + 700 + at).toUTCString(), at, at);
      return Promise.resolve([listed]);
    };
    const script: Script = { create: [lost], list: [list], serverClock };
    if (ours) expect((await create(script)).result.id).toBe(poolId);
    else expect((await failedCreate(script)).error.message).toContain(`already have a warm pool: ${poolId}`);
  });

  test("refuses a pool that may be older than the request when slow responses leave the time uncertain", async () => {
    const serverClock = new ServerClock();
    const list = (at: number) => {
      serverClock.note(new Date(epoch + 700 + at).toUTCString(), at, at + 10_000);
      return Promise.resolve([live({ createdAt: new Date(epoch - 5_000).toISOString() })]);
    };
    const { error } = await failedCreate({ create: [lost], list: [list], serverClock });
    expect(error.message).toContain(`already have a warm pool: ${poolId}`);
  });

  test("names the resource's URN in the command that undoes the match", async () => {
    const { context, clock, warnings } = bench({ create: [lost], list: [[live()]] });
    const urn = "urn:pulumi:dev::pools::team:Pools$pulumi-nodejs:dynamic/ona:WarmPool::web";
    await clock.run(createWarmPool({ ...context, urn }, declared()));
    expect(warnings[0]).toContain(`run \`pulumi state delete '${urn}'\``);
  });

  test("does not claim a pool that this update is deleting", async () => {
    const { context, clock, rpcs } = bench({
      create: [refusal("aborted"), live({ id: "new" })],
      list: [[live()]],
      delete: [undefined],
      get: [live({ phase: "DELETING" }), missing],
    });
    const removing = deleteWarmPool(context, poolId, kept());
    const making = createWarmPool(context, declared());
    const [{ id }] = await clock.run(Promise.all([making, removing]));
    expect(id).toBe("new");
    expect(rpcs().filter((rpc) => rpc === "create")).toHaveLength(2);
  });

  test("does not claim a pool that someone made while it waited for the old one", async () => {
    const going = live({ phase: "DELETING", createdAt: older });
    const theirs = live({ id: "theirs", createdAt: new Date(epoch + 4_000).toISOString() });
    const { error, rpcs } = await failedCreate({
      create: [refusal("aborted")],
      list: [[going], [theirs]],
      get: [(at) => (at < 5_000 ? going : missing)],
    });
    expect(error.message).toContain("already have a warm pool: theirs");
    expect(rpcs().filter((rpc) => rpc === "create")).toHaveLength(2);
  });

  test("prevents another resource from deleting the pool that it found", async () => {
    const { context, clock, rpcs, progress } = bench({ create: [refusal("aborted")], list: [[live()]] });
    await clock.run(createWarmPool(context, declared()));
    await clock.run(deleteWarmPool(context, poolId, kept()));
    expect(rpcs()).toEqual(["create", "list"]);
    expect(progress.at(-1)).toMatch(/not deleted with the old resource/);
  });

  test.each(["newestFirst", "oldestFirst"])(
    "finds its pool beside a gone one of an unknown phase (%s)",
    async (order) => {
      const gone = live({ id: "gone", phase: "OF_TOMORROW", createdAt: older });
      const pools = order === "newestFirst" ? [live(), gone] : [gone, live()];
      expect((await create({ create: [lost], list: [pools] })).result.id).toBe(poolId);
    },
  );

  test("recognizes its pool by default sizes", async () => {
    const { result } = await create(
      { create: [lost], list: [[live({ minSize: 1, maxSize: 2 })]] },
      { projectId, environmentClassId },
    );
    expect(result.state.__managed).toEqual([]);
  });

  test("adopts the pool of someone else if allowed", async () => {
    const { context, rpcs } = await create(
      { create: [lost], list: [[live({ createdAt: older, maxSize: 9 })]], update: [live({ createdAt: older })] },
      declared({ adoptExisting: true }),
    );
    expect(rpcs()).toEqual(["create", "list", "update"]);
    expect(context.adoptionLock.isAdopted(poolId)).toBe(true);
  });

  test("searches three times within 3 s", async () => {
    const { result, calls } = await create({ create: [lost], list: [[], [], [live()]] });
    expect(result.id).toBe(poolId);
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["create", 0],
      ["list", 0],
      ["list", 1_000],
      ["list", 3_000],
    ]);
  });

  test("fails without a second request if there is no pool", async () => {
    const { error, rpcs } = await failedCreate({ create: [lost], list: [[]] });
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/No warm pool of this project and environment class was found.*pulumi up/);
    expect(rpcs()).toEqual(["create", "list", "list", "list"]);
  });

  test("reports an unknown outcome if the search fails", async () => {
    const { error, rpcs, warnings } = await failedCreate({ create: [lost], list: [refusal("unavailable")] });
    expect(warnings).toEqual([]);
    expect(error.message).toMatch(/could not determine whether the warm pool was created.*unavailable/);
    expect(rpcs()).toEqual(["create", "list"]);
  });

  test("recognizes a later conflict with its own pool", async () => {
    const { result, rpcs } = await create({
      create: [refusal("aborted"), refusal("already_exists")],
      list: [[], [live()]],
    });
    expect(result.id).toBe(poolId);
    expect(rpcs()).toEqual(["create", "list", "create", "list"]);
  });

  test("finds its pool after the create timeout and keeps it", async () => {
    const { error, rpcs } = await failedCreate({ create: [hangs()], list: [[fresh()]], get: [fresh()] }, declared(), {
      timeoutMs: 90_000,
    });
    expect(keptBy(error)).toMatchObject({ phase: "PENDING", __unfinished: true });
    expect(error.message).toContain("not become READY within 1m30s");
    expect(rpcs()).toEqual(["create", "list"]);
  });
});
