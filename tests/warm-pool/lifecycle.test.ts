/** Reading, updating and deleting a pool. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { createWarmPool, deleteWarmPool, readWarmPool, updateWarmPool } from "../../src/warm-pool/lifecycle.js";
import { readState } from "../../src/warm-pool/state.js";
import type { WarmPoolContext } from "../../src/warm-pool/api.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { bench, type Script } from "../support/pool-api.js";
import { failedDelete, failedUpdate, keptBy, onlyMax, onlyMin, update } from "../support/pool-life.js";
import { declared, details, kept, live } from "../support/pools.js";
import { failureOf, hangs, missing, refusal, unsaying } from "../support/scripted.js";

describe("a read", () => {
  const read = async (script: Script, properties: object = kept()) => {
    const made = bench(script);
    return { ...made, result: await made.clock.run(readWarmPool(made.context, poolId, { ...properties })) };
  };

  test("returns the live pool and its managed inputs with one Get", async () => {
    const { result, rpcs } = await read({ get: [live({ minSize: 0, maxSize: 9 })] }, kept({ __managed: ["maxSize"] }));
    expect(result).toStrictEqual({
      found: true,
      inputs: { projectId, environmentClassId, maxSize: 9 },
      state: kept({ minSize: 0, maxSize: 9, __managed: ["maxSize"] }),
    });
    expect(rpcs()).toEqual(["get"]);
  });

  test("keeps the settings that the API does not store", async () => {
    const settings = { adoptExisting: true, waitForReady: false as const };
    const { result } = await read({ get: [live()] }, kept(settings));
    expect(result).toStrictEqual({ found: true, inputs: { ...declared(), ...settings }, state: kept(settings) });
  });

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("reports that a pool is gone only after %s", async (_how, answer) => {
    expect((await read({ get: [answer] })).result).toEqual({ found: false });
  });

  test("warns after not_found that the token may belong to another account", async () => {
    expect((await read({ get: [missing] })).warnings).toEqual([
      `${poolId}: the API reported not_found, so it is removed from state. If it should exist, check that the token and address are for the account that owns it`,
    ]);
    expect((await read({ get: [live({ phase: "DELETED" })] })).warnings).toEqual([]);
  });

  test.each(unsaying)("leaves state alone after any other error ($origin $code)", async (failure) => {
    await expect(read({ get: [failure] })).rejects.toBe(failure);
  });

  test.each(["my-pool", "", `${poolId}/x`])("refuses the malformed id %j without a call", async (id) => {
    const { clock, context } = bench({});
    await expect(clock.run(readWarmPool(context, id, {}))).rejects.toThrow(/^The id of a warm pool must be a UUID/);
  });

  test("keeps a DELETING pool in state and warns", async () => {
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
  ])("keeps __unfinished of a %s pool: %s", async (phase, unfinished) => {
    const { result } = await read({ get: [live({ phase })] }, kept({ __unfinished: true }));
    expect(result).toMatchObject({ found: true });
    expect("state" in result && readState({ ...result.state }).__unfinished).toBe(unfinished);
  });

  test("does not mark a DEGRADED pool as unfinished", async () => {
    const { result } = await read({ get: [live({ phase: "DEGRADED" })] });
    expect("state" in result && result.state).not.toHaveProperty("__unfinished");
  });

  test("omits volatile outputs of a read-only pool", async () => {
    const { result } = await read({ get: [live()] }, {});
    const { projectId, environmentClassId, createdAt, minSize, maxSize } = details();
    const steady = { projectId, environmentClassId, createdAt, minSize, maxSize };
    expect(result).toStrictEqual({ found: true, state: steady, inputs: steady });
  });
});

describe("an update", () => {
  const larger = declared({ maxSize: 9 });

  test("sends the sizes that changed and waits", async () => {
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
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 9 }]);
    expect(result).toStrictEqual(kept({ maxSize: 9 }));
  });

  test("never sends an unmanaged size", async () => {
    const { sent } = await update(
      { get: [live({ minSize: 3 })], update: [live({ minSize: 3, maxSize: 9 })] },
      { ...onlyMax, maxSize: 9 },
      kept({ __managed: ["maxSize"] }),
    );
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 9 }]);
  });

  test("restores a pool that was resized outside after a refresh has found that", async () => {
    const { sent } = await update({ get: [live({ maxSize: 2 })], update: [live()] }, declared(), kept({ maxSize: 2 }));
    expect(sent("update")).toEqual([{ id: poolId, maxSize: 4 }]);
  });

  describe("that someone else resized", () => {
    const grown = { maxSize: 9 };

    test("leaves a size alone that has not changed since the last update: ignoreChanges may cover it", async () => {
      const after = live({ ...grown, minSize: 2 });
      const script = { get: [live(grown)], update: [after] };
      const { sent, result } = await update(script, declared({ minSize: 2 }), kept(), { oldInputs: declared() });
      expect(sent("update")).toEqual([{ id: poolId, minSize: 2 }]);
      expect(result).toStrictEqual(kept({ ...grown, minSize: 2 }));
    });

    test("leaves it alone in later updates too, although state now has the live size", async () => {
      const script = { get: [live(grown)], update: [live({ ...grown, minSize: 2 })] };
      const { sent } = await update(script, declared({ minSize: 2 }), kept(grown), { oldInputs: declared() });
      expect(sent("update")).toEqual([{ id: poolId, minSize: 2 }]);
    });

    test("makes no call if only a setting changes that the API does not know", async () => {
      const { calls, result } = await update({}, declared({ adoptExisting: true }), kept(grown), {
        oldInputs: declared(),
      });
      expect(calls).toEqual([]);
      expect(result).toStrictEqual(kept({ ...grown, adoptExisting: true }));
    });

    test("waits again for an unfinished pool without resizing it", async () => {
      const state = kept({ phase: "PENDING", __unfinished: true });
      const { rpcs } = await update({ get: [live({ ...grown, phase: "PENDING" }), live(grown)] }, declared(), state, {
        oldInputs: declared(),
      });
      expect(rpcs()).toEqual(["get", "get"]);
    });

    test("fails before it sends a size that crosses one that it leaves alone, with what to do", async () => {
      const { error, rpcs } = await failedUpdate({ get: [live({ maxSize: 2 })] }, declared({ minSize: 3 }), kept(), {
        oldInputs: declared(),
      });
      expect(rpcs()).toEqual(["get"]);
      expect(error.message).toContain(
        "minSize (3) is greater than the pool's maxSize (2), which this update leaves alone. " +
          "Run `pulumi up --refresh` without maxSize in `ignoreChanges`, or lower minSize.",
      );
    });
  });

  test("sends nothing if the pool is as declared", async () => {
    const { rpcs, result } = await update({ get: [live({ maxSize: 9 })] }, larger);
    expect(rpcs()).toEqual(["get"]);
    expect(result.maxSize).toBe(9);
  });

  test("fails before it sends a size that crosses an unmanaged one", async () => {
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
    ["no longer managing a size", onlyMin, { __managed: ["minSize"] }],
    ["no longer managing any", { projectId, environmentClassId }, { __managed: [] }],
  ] as const)("of %s makes no call", async (_what, inputs, changed) => {
    const { result, calls } = await update({}, inputs);
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept(changed));
  });

  test("removes a setting that is no longer declared from state", async () => {
    const { result } = await update({}, declared(), kept({ adoptExisting: true }));
    expect(result).toStrictEqual(kept());
  });

  test("reads the live size when it starts to manage it", async () => {
    const { rpcs, result } = await update({ get: [live()] }, declared(), kept({ __managed: ["minSize"] }));
    expect(rpcs()).toEqual(["get"]);
    expect(result).toStrictEqual(kept());
  });

  test("waits again for an unfinished pool and resizes it only if a size differs", async () => {
    const state = kept({ phase: "PENDING", __unfinished: true });
    const { rpcs, result } = await update({ get: [live({ phase: "PENDING" }), live()] }, declared(), state);
    expect(rpcs()).toEqual(["get", "get"]);
    expect(result).toStrictEqual(kept());
  });

  test("keeps a pool as unfinished that is not READY in time", async () => {
    const pending = live({ maxSize: 9, phase: "PENDING" });
    const { error, clock } = await failedUpdate({ get: [live(), pending], update: [pending] }, larger, kept(), {
      timeoutMs: 3 * minutes,
    });
    expect(keptBy(error)).toMatchObject({ maxSize: 9, phase: "PENDING", __unfinished: true });
    expect(error.message).toContain("not become READY within 3m");
    expect(clock.monotonic()).toBe(3 * minutes);
  });

  test("gives a DEGRADED pool 30 s to recover", async () => {
    const degraded = live({ maxSize: 9, phase: "DEGRADED", failureMessage: "quota" });
    const recovers = (at: number) => (at < 15_000 ? degraded : live({ maxSize: 9 }));
    const { result } = await update({ get: [degraded, recovers] }, larger);
    expect(result.phase).toBe("READY");
    const { error } = await failedUpdate({ get: [degraded] }, larger);
    expect(error.message).toContain("DEGRADED: quota");
    expect(keptBy(error).__unfinished).toBe(true);
  });

  test("fails at once if the pool becomes DEGRADED", async () => {
    const { error, clock } = await failedUpdate(
      { get: [live(), live({ phase: "DEGRADED" })], update: [live({ maxSize: 9, phase: "PENDING" })] },
      larger,
    );
    expect(keptBy(error).phase).toBe("DEGRADED");
    expect(clock.monotonic()).toBe(1_000);
  });

  test("waits until a DELETING pool is gone and fails with what to do", async () => {
    const going = live({ phase: "DELETING" });
    const { error, rpcs } = await failedUpdate({ get: [going, going, missing] }, larger);
    expect(rpcs()).toEqual(["get", "get", "get"]);
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/being deleted and is gone now.*`pulumi refresh`, then `pulumi up`/);
  });

  test("fails at its timeout if a DELETING pool is not gone", async () => {
    const { error, clock } = await failedUpdate({ get: [live({ phase: "DELETING" })] }, larger);
    expect(error.message).toContain("was not deleted within 20m (DELETING, 1 instance left)");
    expect(clock.monotonic()).toBe(20 * minutes);
  });

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("fails with what to do if the pool is gone (%s)", async (_how, answer) => {
    const { error } = await failedUpdate({ get: [answer] }, larger);
    expect(error.message).toMatch(/no longer exists.*`pulumi refresh`, then `pulumi up`/);
  });

  test("fails at once if the pool is deleted during the wait", async () => {
    const pending = live({ maxSize: 9, phase: "PENDING" });
    const { error, clock } = await failedUpdate({ get: [live(), missing], update: [pending] }, larger);
    expect(error.message).toMatch(/deleted during the wait.*`pulumi refresh`, then `pulumi up`/);
    expect(clock.monotonic()).toBe(1_000);
  });

  test("reads the pool after a lost response and succeeds if it was resized", async () => {
    const grown = live({ maxSize: 9 });
    const { result, rpcs } = await update({ get: [live(), grown], update: [refusal("internal")] }, larger);
    expect(rpcs()).toEqual(["get", "update", "get"]);
    expect(result.maxSize).toBe(9);
  });

  const unseen = `We could not determine whether the warm pool ${poolId} was resized: REFUSAL. Run \`pulumi up\` again: it checks the sizes first.`;
  const notResized = `The warm pool ${poolId} was not resized: REFUSAL. Nothing was changed. Run \`pulumi up\` again.`;

  test.each([
    ["and was not done", live(), notResized],
    ["and cannot be looked at", refusal("unavailable"), unseen],
    ["and the pool is gone", missing, unseen],
  ])("whose response was lost %s fails with what to do", async (_what, look, said) => {
    const failure = refusal("internal");
    const { error } = await failedUpdate({ get: [live(), look], update: [failure] }, larger);
    expect(error.message).toBe(said.replace("REFUSAL", failure.message));
  });

  test("changes nothing if the pool can not be read", async () => {
    const failure = refusal("permission_denied");
    const { error, rpcs } = await failedUpdate({ get: [failure] }, larger);
    expect(error.message).toBe(
      `The warm pool ${poolId} was not changed: ${failure.message}. The warm pool stays in state as it was. Run \`pulumi up\` again.`,
    );
    expect(rpcs()).toEqual(["get"]);
  });

  test("fails without another read after a refusal", async () => {
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
    `Could not confirm that warm pool ${poolId} was deleted: ${message}. The warm pool stays in state. Run the command again.`;

  const notDeleted = ({ message }: Error) =>
    `The warm pool ${poolId} was not deleted: ${message}. The warm pool stays in state. Run the command again.`;

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("waits until the pool is gone (%s) and reports progress", async (_how, end) => {
    const { calls, progress } = await remove({ delete: [undefined], get: [going, going, end] });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["delete", 0],
      ["get", 0],
      ["get", 1_000],
      ["get", 2_500],
    ]);
    expect(progress).toEqual([`${poolId}: DELETING, 1 instance left (0s)`]);
  });

  test("warns if there is nothing to delete that the token may belong to another account", async () => {
    const { warnings } = await remove({ delete: [false], get: [missing] });
    expect(warnings).toEqual([
      `${poolId}: the API reported not_found, so there was nothing to delete. If it should exist, check that the token and address are for the account that owns it`,
    ]);
    expect((await remove({ delete: [true], get: [missing] })).warnings).toEqual([]);
  });

  test.each([
    ["DELETING", going],
    ["DELETED", live({ phase: "DELETED" })],
    ["gone", missing],
  ])("succeeds after a refusal if the pool is %s", async (_how, now) => {
    const { rpcs } = await remove({ delete: [refusal("failed_precondition")], get: [now, missing] });
    expect(rpcs()[0]).toBe("delete");
  });

  test.each([
    ["stays", live()],
    ["cannot be looked at", refusal("unavailable")],
  ])("says that nothing was deleted after a refusal for a pool that %s", async (_what, look) => {
    const failure = refusal("permission_denied");
    const { error } = await failedDelete({ delete: [failure], get: [look] });
    expect(error.message).toBe(notDeleted(failure));
  });

  test("that may have taken effect before its response was lost is not confirmed", async () => {
    const failure = refusal("unavailable");
    const { error } = await failedDelete({ delete: [failure], get: [live()] });
    expect(error.message).toBe(notGone(failure));
  });

  test("says what state holds before the API's advice", async () => {
    const failure = refusal("unauthenticated").with(() => ({ advice: "Replace the token: it is revoked" }));
    const { error } = await failedDelete({ delete: [failure], get: [live()] });
    expect(error.message).toBe(
      `The warm pool ${poolId} was not deleted: ${failure.summary}. The warm pool stays in state. Replace the token: it is revoked. Run the command again.`,
    );
  });

  test("retries during an outage", async () => {
    const { clock } = await remove({
      delete: [undefined],
      get: [(at) => (at < 90_000 ? refusal("unavailable") : missing)],
    });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(90_000);
  });

  test("does not mistake a wrong URL for a pool that is gone", async () => {
    const wrongUrl = refusal("unimplemented", { origin: "http", httpStatus: 404 });
    const { error } = await failedDelete({ delete: [undefined], get: [wrongUrl] });
    expect(error.message).toBe(notGone(wrongUrl));
  });

  test.each([
    [undefined, "30m", 30],
    [5 * minutes, "5m", 5],
  ] as const)("has a deadline, with a timeout of %s ms", async (timeoutMs, shown, limit) => {
    const { error, clock } = await failedDelete({ delete: [undefined], get: [going] }, kept(), { timeoutMs });
    expect(error.message).toMatch(
      new RegExp(`${poolId} was not deleted within ${shown} \\(DELETING, 1 instance left\\).*Run the command again`),
    );
    expect(clock.monotonic()).toBe(limit * minutes);
  });

  test("fails at its timeout if the request gets no response", async () => {
    const { error, clock } = await failedDelete({ delete: [hangs()] }, kept(), { timeoutMs: minutes });
    expect(error.message).toContain("was not deleted within 1m");
    expect(clock.monotonic()).toBe(minutes);
  });

  test("has the default timeout for the state of an older release", async () => {
    expect((await remove({ delete: [undefined], get: [missing] }, {})).rpcs()).toEqual(["delete", "get"]);
  });
});

const many = Array.from({ length: 5 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const foreign = kept({ organizationId: "ours" });
const all = (phase: string) => many.map((id) => live({ id, phase }));
test.each<[string, Script, (context: WarmPoolContext, id: string) => Promise<unknown>]>([
  ["reads", { get: [live()], list: [all("READY")] }, (context, id) => readWarmPool(context, id, { ...kept() })],
  [
    "creates",
    { create: all("PENDING"), get: [live()], list: [all("READY")] },
    (context) => createWarmPool(context, declared()),
  ],
  [
    "deletes",
    { delete: [true], get: [missing], list: [all("DELETING"), []] },
    (context, id) => deleteWarmPool(context, id, kept()),
  ],
])("%s of many pools share a List", async (_what, script, run) => {
  const { clock, context, sent } = bench(script);
  await clock.run(Promise.all(many.map((id) => run(context, id))));
  expect(sent("list")).toContainEqual({ projectIds: [projectId] });
});

test("reads share a List of their project while a pool of another project is being deleted", async () => {
  const { clock, context, sent } = bench({ delete: [hangs()], get: [live()], list: [all("READY")] });
  const deletion = deleteWarmPool(context, poolId, kept());
  const other = { ...kept({ projectId: environmentClassId }) };
  await clock.run(Promise.allSettled([deletion, ...many.map((id) => readWarmPool(context, id, other))]));
  expect(sent("list")).toEqual([{ projectIds: [environmentClassId] }]);
});

test.each<[string, Script, (context: WarmPoolContext) => Promise<unknown>]>([
  ["a read", { get: [missing] }, (context) => readWarmPool(context, poolId, { ...foreign })],
  ["an update", { get: [missing] }, (context) => updateWarmPool(context, poolId, foreign, declared({ maxSize: 9 }))],
  ["a deletion", { delete: [false], get: [missing] }, (context) => deleteWarmPool(context, poolId, foreign)],
])("%s with a token of another organization fails and keeps the pool in state", async (_what, script, run) => {
  const { clock, context } = bench(script);
  const error = await failureOf(clock, run({ ...context, tokenOrganization: async () => "theirs" }));
  expect(error.message).toMatch(
    /belongs to organization ours and the token to organization theirs\. It stays in state/,
  );
});
