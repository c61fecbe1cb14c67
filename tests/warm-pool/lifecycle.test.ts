/** The rest of a pool's life: read, update, delete. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { deleteWarmPool, readWarmPool } from "../../src/warm-pool/lifecycle.js";
import { readState } from "../../src/warm-pool/state.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { bench, type Script } from "../support/pool-api.js";
import { failedDelete, failedUpdate, keptBy, onlyMax, onlyMin, update } from "../support/pool-life.js";
import { declared, details, kept, live } from "../support/pools.js";
import { hangs, missing, refusal, unsaying } from "../support/scripted.js";

describe("a read", () => {
  const read = async (script: Script, properties: object = kept()) => {
    const made = bench(script);
    return { ...made, result: await made.clock.run(readWarmPool(made.context, poolId, properties)) };
  };

  test("gives the live pool and the live inputs of what is managed, by one Get", async () => {
    const { result, rpcs } = await read({ get: [live({ minSize: 0, maxSize: 9 })] }, kept({ __managed: ["maxSize"] }));
    expect(result).toStrictEqual({
      found: true,
      inputs: { projectId, environmentClassId, maxSize: 9 },
      state: kept({ minSize: 0, maxSize: 9, __managed: ["maxSize"] }),
    });
    expect(rpcs()).toEqual(["get"]);
  });

  test("keeps what the API does not know", async () => {
    const settings = { adoptExisting: true, waitForReady: false as const, __timeouts: { delete: "1h" } };
    const { result } = await read({ get: [live()] }, kept(settings));
    expect(result).toStrictEqual({ found: true, inputs: { ...declared(), ...settings }, state: kept(settings) });
  });

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("says that a pool is gone only after %s", async (_how, answer) => {
    expect((await read({ get: [answer] })).result).toEqual({ found: false });
  });

  test("of a pool that the API does not know warns: the token may be that of another account", async () => {
    expect((await read({ get: [missing] })).warnings).toEqual([
      `${poolId}: the API reported not_found, so it is removed from state. If it should exist, check that the token and address belong to its account`,
    ]);
    expect((await read({ get: [live({ phase: "DELETED" })] })).warnings).toEqual([]);
  });

  test.each(unsaying)("leaves state alone after any other answer ($origin $code)", async (failure) => {
    await expect(read({ get: [failure] })).rejects.toBe(failure);
  });

  test("of a DELETING pool keeps it, with that phase and a warning", async () => {
    const { result, warnings } = await read({ get: [live({ phase: "DELETING" })] });
    expect(result).toMatchObject({ found: true, state: { phase: "DELETING" }, inputs: declared() });
    expect(warnings).toEqual([
      `${poolId}: it is DELETING, and stays in state until it is gone. After that \`pulumi up\` creates a new one`,
    ]);
  });

  test.each([
    ["PENDING", true],
    ["DEGRADED", true],
    ["DELETING", true],
    ["READY", undefined],
  ])("of a pool that is unfinished and %s remembers that: %s", async (phase, unfinished) => {
    const { result } = await read({ get: [live({ phase })] }, kept({ __unfinished: true }));
    expect(result).toMatchObject({ found: true });
    expect("state" in result && readState({ ...result.state }).__unfinished).toBe(unfinished);
  });

  test("of a DEGRADED pool that was finished is no reason to go on", async () => {
    const { result } = await read({ get: [live({ phase: "DEGRADED" })] });
    expect("state" in result && result.state).not.toHaveProperty("__unfinished");
  });

  test("of a pool that is not managed shows nothing that moves by itself", async () => {
    const { result } = await read({ get: [live()] }, {});
    const { projectId, environmentClassId, createdAt, minSize, maxSize } = details();
    const steady = { projectId, environmentClassId, createdAt, minSize, maxSize };
    expect(result).toStrictEqual({ found: true, state: steady, inputs: steady });
  });
});

describe("an update", () => {
  const larger = declared({ maxSize: 9 });

  test("sends the managed sizes that differ, and waits", async () => {
    const grown = live({ maxSize: 9, phase: "PENDING" });
    const { result, calls, sent } = await update(
      { get: [live(), grown, live({ maxSize: 9 })], update: [grown] },
      larger,
    );
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["get", 0],
      ["update", 0],
      ["get", 1_000],
      ["get", 2_500],
    ]);
    expect(sent("update")).toEqual([{ id: poolId, minSize: 1, maxSize: 9 }]);
    expect(result).toStrictEqual(kept({ maxSize: 9 }));
  });

  test("never sends a size that is not managed", async () => {
    const { sent } = await update(
      { get: [live({ minSize: 3 })], update: [live({ minSize: 3, maxSize: 9 })] },
      { ...onlyMax, maxSize: 9 },
      kept({ __managed: ["maxSize"] }),
    );
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 9 }]);
  });

  test("restores what was resized behind our back, although the state agrees with the program", async () => {
    const { sent } = await update({ get: [live({ maxSize: 2 })], update: [live()] }, declared(), kept({ maxSize: 2 }));
    expect(sent("update")).toEqual([{ id: poolId, minSize: 1, maxSize: 4 }]);
  });

  test("sends nothing where the pool is already as declared", async () => {
    const { rpcs, result } = await update({ get: [live({ maxSize: 9 })] }, larger);
    expect(rpcs()).toEqual(["get"]);
    expect(result.maxSize).toBe(9);
  });

  test("whose size crosses one that is not managed is refused before anything is sent, naming both", async () => {
    const { error, rpcs } = await failedUpdate(
      { get: [live({ minSize: 3 })] },
      { ...onlyMax, maxSize: 2 },
      kept({ __managed: ["maxSize"] }),
    );
    expect(rpcs()).toEqual(["get"]);
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/maxSize \(2\) is smaller than the pool's unmanaged minSize \(3\)/);
  });

  test.each([
    ["adoptExisting", declared({ adoptExisting: true }), { adoptExisting: true }],
    ["the limit of a delete", declared({ __timeouts: { delete: "1h" } }), { __timeouts: { delete: "1h" } }],
    ["no longer managing a size", onlyMin, { __managed: ["minSize"] }],
    ["no longer managing any", { projectId, environmentClassId }, { __managed: [] }],
  ] as const)("of %s makes no call", async (_what, inputs, changed) => {
    const { result, calls } = await update({}, inputs);
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept(changed));
  });

  test("forgets a setting that is no longer declared", async () => {
    const { result } = await update({}, declared(), kept({ adoptExisting: true, __timeouts: { delete: "1h" } }));
    expect(result).toStrictEqual(kept());
  });

  test("that begins to manage a size looks at the live one", async () => {
    const { rpcs, result } = await update({ get: [live()] }, declared(), kept({ __managed: ["minSize"] }));
    expect(rpcs()).toEqual(["get"]);
    expect(result).toStrictEqual(kept());
  });

  test("of what is unfinished waits again, and resizes only if a size differs", async () => {
    const state = kept({ phase: "PENDING", __unfinished: true });
    const { rpcs, result } = await update({ get: [live({ phase: "PENDING" }), live()] }, declared(), state);
    expect(rpcs()).toEqual(["get", "get"]);
    expect(result).toStrictEqual(kept());
  });

  test("that is not READY in time is kept as unfinished", async () => {
    const pending = live({ maxSize: 9, phase: "PENDING" });
    const { error, clock } = await failedUpdate(
      { get: [live(), pending], update: [pending] },
      { ...larger, __timeouts: { update: "3m" } },
    );
    expect(keptBy(error)).toMatchObject({ maxSize: 9, phase: "PENDING", __unfinished: true });
    expect(error.message).toContain("not become READY within 3m");
    expect(clock.monotonic()).toBe(3 * minutes);
  });

  test("of a DEGRADED pool gives it 30 s to recover", async () => {
    const degraded = live({ maxSize: 9, phase: "DEGRADED", failureMessage: "quota" });
    const recovers = (at: number) => (at < 15_000 ? degraded : live({ maxSize: 9 }));
    const { result } = await update({ get: [degraded, recovers] }, larger);
    expect(result.phase).toBe("READY");
    const { error } = await failedUpdate({ get: [degraded] }, larger);
    expect(error.message).toContain("DEGRADED: quota");
    expect(keptBy(error).__unfinished).toBe(true);
  });

  test("of a pool that becomes DEGRADED fails at once", async () => {
    const { error, clock } = await failedUpdate(
      { get: [live(), live({ phase: "DEGRADED" })], update: [live({ maxSize: 9, phase: "PENDING" })] },
      larger,
    );
    expect(keptBy(error).phase).toBe("DEGRADED");
    expect(clock.monotonic()).toBe(1_000);
  });

  test("of a DELETING pool waits for the end and fails with what to do", async () => {
    const going = live({ phase: "DELETING" });
    const { error, rpcs } = await failedUpdate({ get: [going, going, missing] }, larger);
    expect(rpcs()).toEqual(["get", "get", "get"]);
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/being deleted and is gone now.*`pulumi refresh`, then `pulumi up`/);
  });

  test("of a DELETING pool has a deadline too", async () => {
    const { error, clock } = await failedUpdate({ get: [live({ phase: "DELETING" })] }, larger);
    expect(error.message).toContain("is not gone after 20m (DELETING, 1 instance left)");
    expect(clock.monotonic()).toBe(20 * minutes);
  });

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("of a pool that is gone (%s) fails with what to do", async (_how, answer) => {
    const { error } = await failedUpdate({ get: [answer] }, larger);
    expect(error.message).toMatch(/does not exist any more.*`pulumi refresh`, then `pulumi up`/);
  });

  test("whose outcome is unknown is looked at, and counts when it was done", async () => {
    const grown = live({ maxSize: 9 });
    const { result, rpcs } = await update({ get: [live(), grown], update: [refusal("internal")] }, larger);
    expect(rpcs()).toEqual(["get", "update", "get"]);
    expect(result.maxSize).toBe(9);
  });

  const unseen = `We could not determine whether the warm pool ${poolId} was resized: REFUSAL. Run \`pulumi up\` again: it checks the sizes first.`;
  const notResized = `The warm pool ${poolId} was not resized: REFUSAL. Nothing was changed: run \`pulumi up\` again.`;

  test.each([
    ["and was not done", live(), notResized],
    ["and cannot be looked at", refusal("unavailable"), unseen],
    ["and the pool is gone", missing, unseen],
  ])("whose outcome is unknown %s says so, and what to do", async (_what, look, said) => {
    const failure = refusal("internal");
    const { error } = await failedUpdate({ get: [live(), look], update: [failure] }, larger);
    expect(error.message).toBe(said.replace("REFUSAL", failure.message));
  });

  test("of a pool that cannot be looked at changes nothing, and says so", async () => {
    const failure = refusal("permission_denied");
    const { error, rpcs } = await failedUpdate({ get: [failure] }, larger);
    expect(error.message).toBe(
      `The warm pool ${poolId} was not changed: ${failure.message}. It stays in state as it was. Run \`pulumi up\` again.`,
    );
    expect(rpcs()).toEqual(["get"]);
  });

  test("that was refused is an error that keeps the state as it was, without another look", async () => {
    const failure = refusal("invalid_argument");
    const { error, rpcs } = await failedUpdate({ get: [live()], update: [failure] }, larger);
    expect(error.message).toBe(notResized.replace("REFUSAL", failure.message));
    expect(error.cause).toBe(failure);
    expect(rpcs()).toEqual(["get", "update"]);
  });
});

describe("a delete", () => {
  const remove = async (script: Script, state: Parameters<typeof deleteWarmPool>[2] = kept()) => {
    const made = bench(script);
    await made.clock.run(deleteWarmPool(made.context, poolId, state));
    expect(made.clock.pending).toEqual([]);
    return made;
  };
  const going = live({ phase: "DELETING" });
  const notGone = ({ message }: Error) =>
    `Could not confirm that warm pool ${poolId} was deleted: ${message}. It stays in state. Run the command again.`;

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("waits until the pool is gone (%s), and tells how it goes", async (_how, end) => {
    const { calls, progress } = await remove({ delete: [undefined], get: [going, going, end] });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["delete", 0],
      ["get", 0],
      ["get", 1_000],
      ["get", 2_500],
    ]);
    expect(progress).toEqual([`${poolId}: DELETING, 1 instance left (0s)`]);
  });

  test("that finds nothing to delete says so: the token may be that of another account", async () => {
    const { warnings } = await remove({ delete: [false], get: [missing] });
    expect(warnings).toEqual([
      `${poolId}: the API reported not_found, so there was nothing to delete. If it should exist, check that the token and address belong to its account`,
    ]);
    expect((await remove({ delete: [true], get: [missing] })).warnings).toEqual([]);
  });

  test.each([
    ["DELETING", going],
    ["DELETED", live({ phase: "DELETED" })],
    ["gone", missing],
  ])("that is refused for a pool that is %s has succeeded all the same", async (_how, now) => {
    const { rpcs } = await remove({ delete: [refusal("failed_precondition")], get: [now, missing] });
    expect(rpcs()[0]).toBe("delete");
  });

  test.each([
    ["stays", live()],
    ["cannot be looked at", refusal("unavailable")],
  ])(
    "that is refused for a pool that %s fails with the refusal, and says that it stays in state",
    async (_what, look) => {
      const failure = refusal("permission_denied");
      const { error } = await failedDelete({ delete: [failure], get: [look] });
      expect(error.message).toBe(notGone(failure));
    },
  );

  test("bears an outage of the API while it waits", async () => {
    const { clock } = await remove({
      delete: [undefined],
      get: [(at) => (at < 90_000 ? refusal("unavailable") : missing)],
    });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(90_000);
  });

  test("does not take a wrong URL for a pool that is gone", async () => {
    const wrongUrl = refusal("unimplemented", { origin: "http", httpStatus: 404 });
    const { error } = await failedDelete({ delete: [undefined], get: [wrongUrl] });
    expect(error.message).toBe(notGone(wrongUrl));
  });

  test.each([
    [undefined, "30m", 30],
    [{ delete: "5m" }, "5m", 5],
    [{ create: "1m", update: "1m" }, "30m", 30],
  ] as const)("has a deadline, with limits %j", async (timeouts, shown, limit) => {
    const state = kept(timeouts === undefined ? {} : { __timeouts: timeouts });
    const { error, clock } = await failedDelete({ delete: [undefined], get: [going] }, state);
    expect(error.message).toMatch(
      new RegExp(`${poolId} is not gone after ${shown} \\(DELETING, 1 instance left\\).*Run the command again`),
    );
    expect(clock.monotonic()).toBe(limit * minutes);
  });

  test("whose request gets no answer has the deadline as well", async () => {
    const { error, clock } = await failedDelete({ delete: [hangs()] }, kept({ __timeouts: { delete: "1m" } }));
    expect(error.message).toContain("is not gone after 1m");
    expect(clock.monotonic()).toBe(minutes);
  });

  test("of the state of an older release has the default limits", async () => {
    expect((await remove({ delete: [undefined], get: [missing] }, {})).rpcs()).toEqual(["delete", "get"]);
  });
});
