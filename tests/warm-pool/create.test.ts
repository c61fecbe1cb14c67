/** Creating a pool: the calls, the wait, and what stays in state if the pool does not become ready. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { create, failedCreate, fresh, keptBy, onlyMax, onlyMin } from "../support/pool-life.js";
import { declared, kept, live } from "../support/pools.js";
import { missing, refusal, refusals } from "../support/scripted.js";

describe("a new pool", () => {
  test("takes one Create if it is READY at once", async () => {
    const { result, rpcs, sent } = await create({ create: [live()] });
    expect(rpcs()).toEqual(["create"]);
    expect(sent("create")).toEqual([{ projectId, environmentClassId, minSize: 1, maxSize: 4 }]);
    expect(result).toStrictEqual({ id: poolId, state: kept() });
  });

  test.each([
    ["no sizes", { projectId, environmentClassId }, { minSize: 1, maxSize: 2 }, []],
    ["minSize alone", { ...onlyMin, minSize: 5 }, { minSize: 5, maxSize: 5 }, ["minSize"]],
    ["maxSize alone", { ...onlyMax, maxSize: 1 }, { minSize: 1, maxSize: 1 }, ["maxSize"]],
  ])("declared with %s gets matching sizes, and manages only the declared ones", async (...row) => {
    const [, inputs, sizes, managed] = row;
    const { result, sent } = await create({ create: [live(sizes)] }, inputs);
    expect(sent("create")).toEqual([{ projectId, environmentClassId, ...sizes }]);
    expect(result.state).toMatchObject({ ...sizes, __managed: managed });
  });

  test("takes one Create and one Get per poll until it is READY", async () => {
    const { calls, result, progress } = await create({
      create: [fresh()],
      get: [fresh(), fresh({ snapshotId: "s" }), live()],
    });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["create", 0],
      ["get", 1_000],
      ["get", 2_500],
      ["get", 4_750],
    ]);
    expect(result.state).toStrictEqual(kept());
    expect(progress).toEqual([
      `${poolId}: PENDING, no prebuild snapshot yet (0s)`,
      `${poolId}: PENDING, starting instances from the snapshot (3s)`,
    ]);
  });

  test("succeeds without a snapshot after 30 s and warns why it is empty", async () => {
    const { result, warnings, clock } = await create({ create: [fresh()], get: [fresh()] });
    expect(result.state).toMatchObject({ phase: "PENDING" });
    expect(result.state).not.toHaveProperty("__unfinished");
    expect(warnings).toEqual([expect.stringMatching(/no completed prebuild.*Run a prebuild/)]);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000);
    expect(clock.monotonic()).toBeLessThan(41_000);
  });

  test("is not polled if waitForReady is false", async () => {
    const { result, rpcs } = await create({ create: [fresh()] }, declared({ waitForReady: false }));
    expect(rpcs()).toEqual(["create"]);
    expect(result.state).toMatchObject({ phase: "PENDING", waitForReady: false });
  });

  test("is waited for beyond 30 s and reported every 30 s if waitForReady is true", async () => {
    const get = [(at: number) => (at < 5 * minutes ? fresh() : live())];
    const { result, progress } = await create({ create: [fresh()], get }, declared({ waitForReady: true }));
    expect(result.state.phase).toBe("READY");
    expect(progress).toHaveLength(11);
  });
});

describe("a new pool that does not become ready stays in state", () => {
  test("when it is DEGRADED, with the runner's message", async () => {
    const degraded = live({ phase: "DEGRADED", failureMessage: "no capacity" });
    const { error } = await failedCreate({ create: [fresh()], get: [degraded] });
    expect(keptBy(error)).toMatchObject({ phase: "DEGRADED", failureMessage: "no capacity", __unfinished: true });
    expect(error.message).toBe(
      `The warm pool ${poolId} is DEGRADED: no capacity. It stays in state and the next \`pulumi up\` continues. Its sizes are as declared: set \`waitForReady: false\` if that is enough.`,
    );
  });

  test.each([
    [undefined, 20 * minutes, "20m"],
    [90_000, 90_000, "1m30s"],
  ])("when it is not READY in time with a timeout of %s ms", async (timeoutMs, limit, shown) => {
    const inputs = declared({ waitForReady: true });
    const { error, clock } = await failedCreate({ create: [fresh()], get: [fresh()] }, inputs, { timeoutMs });
    expect(keptBy(error)).toMatchObject({ phase: "PENDING", __unfinished: true });
    expect(error.message).toMatch(
      new RegExp(
        `^The warm pool ${poolId} did not become READY within ${shown} \\(PENDING, no prebuild.*customTimeouts`,
      ),
    );
    expect(clock.monotonic()).toBe(limit);
  });

  test("when it can no longer be read", async () => {
    const { error, clock } = await failedCreate({ create: [fresh()], get: [refusal("permission_denied")] });
    expect(keptBy(error)).toMatchObject({ phase: "PENDING", __unfinished: true });
    expect(error.message).toMatch(/exists \(PENDING\), but waiting for it failed.*permission_denied/);
    expect(clock.monotonic()).toBe(1_000);
  });

  test("when an outage lasts for two minutes, but not before", async () => {
    const outage = refusal("unavailable");
    const short = (at: number) => (at < 100_000 ? outage : live());
    expect((await create({ create: [fresh()], get: [short] })).result.state).toStrictEqual(kept());
    const { error, clock } = await failedCreate({ create: [fresh()], get: [outage] });
    expect(keptBy(error).__unfinished).toBe(true);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(2 * minutes);
    expect(clock.monotonic()).toBeLessThan(2.5 * minutes);
  });

  test("when it is DELETING", async () => {
    const { error } = await failedCreate({ create: [fresh()], get: [live({ phase: "DELETING" })] });
    expect(keptBy(error)).toMatchObject({ phase: "DELETING", __unfinished: true });
  });

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("but not when it is gone (%s)", async (_how, answer) => {
    const { error } = await failedCreate({ create: [fresh()], get: [answer] });
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/was deleted during the wait.*pulumi refresh`, then `pulumi up`/);
  });
});

test.each(refusals)("does not search for a pool after a create that was refused ($origin $code)", async (failure) => {
  const { error, rpcs } = await failedCreate({ create: [failure] });
  expect(error).toBe(failure);
  expect(rpcs()).toEqual(["create"]);
});

describe("a new pool that the API answers not_found about", () => {
  test("is waited for, since a replica may lag behind", async () => {
    const { result, rpcs } = await create({ create: [fresh()], get: [missing, missing, live()] });
    expect(rpcs()).toEqual(["create", "get", "get", "get"]);
    expect(result).toStrictEqual({ id: poolId, state: kept() });
  });

  test("counts as gone once it was seen or 10 s have passed", async () => {
    const seen = await failedCreate({ create: [fresh()], get: [fresh(), missing] });
    expect(seen.error.message).toMatch(/was deleted during the wait/);
    expect(seen.clock.monotonic()).toBeLessThan(10_000);
    const never = await failedCreate({ create: [fresh()], get: [missing] });
    expect(never.error.message).toMatch(/was deleted during the wait/);
    expect(never.clock.monotonic()).toBeGreaterThanOrEqual(10_000);
  });
});
