/** Reading and updating a prebuild. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import type { PrebuildContext } from "../../src/prebuild/api.js";
import { lifetimeMs } from "../../src/prebuild/expiry.js";
import { createPrebuild, deletePrebuild, readPrebuild, updatePrebuild } from "../../src/prebuild/lifecycle.js";
import { expiredState, readState } from "../../src/prebuild/state.js";
import { epoch, minutes } from "../support/fake-clock.js";
import { prebuildId, projectId } from "../support/messages.js";
import { failedUpdate, keptBy, read, update } from "../support/prebuild-life.js";
import { bench, type Script } from "../support/prebuild-api.js";
import { bare, declared, details, kept, live, pending, running } from "../support/prebuilds.js";
import { failureOf, missing, refusal, unsaying } from "../support/scripted.js";

const gone = [
  ["not_found", missing],
  ["DELETED", live({ phase: "DELETED" })],
] as const;
/** 6 d 23 h: from then on an absent prebuild has expired. */
const boundary = lifetimeMs - 3_600_000;
const age = (milliseconds: number) => ({ createdAt: new Date(epoch - milliseconds).toISOString() });
const steady = { projectId, createdAt: details().createdAt, timeout: "45m", triggeredBy: "MANUAL" };

describe("a read", () => {
  test("returns the live prebuild and its inputs with one Get", async () => {
    const now = { phase: "SNAPSHOTTING", snapshotCompletionPercentage: 40, updatedAt: "u" };
    const { result, rpcs, sent } = await read({ get: [live(now)] });
    expect(result).toStrictEqual({ found: true, inputs: declared(), state: kept(now) });
    expect(rpcs()).toEqual(["get"]);
    expect(sent("get")).toEqual([prebuildId]);
  });

  test("keeps the settings that the API does not store, and the declared inputs", async () => {
    const settings = {
      triggers: { lock: ["a"] },
      waitForCompletion: false,
      logs: "none" as const,
      recreateWhenExpired: true,
    };
    const { result } = await read({ get: [live({ timeout: "2h", environmentClassId: "C" })] }, kept(settings));
    expect(result).toStrictEqual({ found: true, inputs: declared(settings), state: kept(settings) });
  });

  test("returns no input that is left to the API", async () => {
    const { result } = await read({ get: [live()] }, kept({ __managed: [] }));
    expect(result).toStrictEqual({ found: true, inputs: bare, state: kept({ __managed: [] }) });
  });

  test.each(unsaying)("leaves state alone after any other error ($origin $code)", async (failure) => {
    await expect(read({ get: [failure] }, kept(age(lifetimeMs)))).rejects.toBe(failure);
  });

  test.each(["my-prebuild", "", `${prebuildId}/x`])("refuses the malformed id %j without a call", async (id) => {
    await expect(read({}, kept(), id)).rejects.toThrow(/^The id of a prebuild must be a UUID such as/);
  });

  test("keeps a DELETING prebuild in state and warns", async () => {
    const { result, warnings } = await read({ get: [live({ phase: "DELETING" })] });
    expect(result).toStrictEqual({ found: true, inputs: declared(), state: kept({ phase: "DELETING" }) });
    expect(warnings).toEqual([`${prebuildId}: it is DELETING, and stays in state until it is gone`]);
  });

  test("does not warn of a prebuild that is DELETING because it expired", async () => {
    const { warnings } = await read({ get: [live({ phase: "DELETING", ...age(boundary) })] }, kept(age(boundary)));
    expect(warnings).toEqual([]);
  });

  test("shares a List with other reads, unless the List of manual runs can't show the prebuild", async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
    const unlisted = [{ triggeredBy: "SCHEDULED" as const }, { expired: true }, age(boundary)];
    const { clock, context, sent } = bench({ get: [live()], list: [ids.map((id) => live({ id }))] });
    const states = [...Array<object>(6).fill({}), ...unlisted].map((overrides) => kept(overrides));
    await clock.run(Promise.all(states.map((state, index) => readPrebuild(context, ids[index] ?? "", { ...state }))));
    expect(sent("list")).toEqual([{ projectIds: [projectId], triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] }]);
    // A List does not save calls for the first two.
    expect(sent("get")).toEqual(expect.arrayContaining([...ids.slice(0, 2), ...ids.slice(6)]));
    expect(sent("get")).toHaveLength(5);
  });

  test.each([
    ["PENDING", true],
    ["FAILED", true],
    ["DELETING", true],
    ["COMPLETED", undefined],
  ])("keeps __unfinished of a %s run: %s", async (phase, unfinished) => {
    const { result } = await read({ get: [live({ phase })] }, kept({ __unfinished: true }));
    expect("state" in result && readState({ ...result.state }).__unfinished).toBe(unfinished);
  });

  test("does not mark a run as unfinished that is not waited for", async () => {
    const { result } = await read({ get: [running()] }, kept({ waitForCompletion: false }));
    expect("state" in result && result.state).not.toHaveProperty("__unfinished");
  });

  test("completes the state of an older release", async () => {
    const { result } = await read({ get: [live()] }, { projectId, __managed: ["timeout"], timeout: "45m" });
    expect(result).toStrictEqual({
      found: true,
      inputs: { projectId, timeout: "45m" },
      state: kept({ __managed: ["timeout"] }),
    });
  });
});

describe.each(gone)("a read of a prebuild that is gone (%s)", (_how, answer) => {
  test("reports that it was deleted at an age below 6 d 23 h", async () => {
    expect((await read({ get: [answer] }, kept(age(boundary - 1)))).result).toEqual({ found: false });
  });

  test("keeps it as expired without a warning from 6 d 23 h on", async () => {
    const { result, warnings, progress } = await read({ get: [answer] }, kept(age(boundary)));
    expect(result).toStrictEqual({
      found: true,
      inputs: declared(),
      state: kept({ ...age(boundary), expired: true }),
    });
    expect([...warnings, ...progress]).toEqual([]);
  });

  test("keeps it as expired weeks later", async () => {
    const state = expiredState(kept({ ...age(5 * lifetimeMs), triggers: [1] }));
    const { result } = await read({ get: [answer] }, state);
    expect(result).toStrictEqual({ found: true, inputs: declared({ triggers: [1] }), state });
  });

  test.each([
    ["has come to the boundary", boundary - minutes, minutes, true],
    ["has not come to the boundary", boundary + minutes, -minutes - 1, false],
  ])("goes by the server's clock, which %s, and not by ours", async (_what, old, skew, found) => {
    const serverTimeAt = (moment: number) => epoch + skew + moment;
    const { result } = await read({ get: [answer], serverTimeAt }, kept(age(old)));
    expect(result.found).toBe(found);
  });

  test("uses our clock if the server's time is unknown", async () => {
    const serverTimeAt = () => undefined;
    expect((await read({ get: [answer], serverTimeAt }, kept(age(boundary)))).result.found).toBe(true);
    expect((await read({ get: [answer], serverTimeAt }, kept(age(boundary - 1)))).result.found).toBe(false);
  });

  test("reports that it was deleted if its creation time is unknown", async () => {
    const { createdAt: _, ...state } = kept();
    expect((await read({ get: [answer] }, state)).result).toEqual({ found: false });
  });
});

test("a read of a young prebuild warns after not_found that the token may belong to another account", async () => {
  expect((await read({ get: [missing] })).warnings).toEqual([
    `${prebuildId}: the API reported not_found, so it is removed from state. If it should exist, check that the token and address are for the account that owns it`,
  ]);
  expect((await read({ get: [live({ phase: "DELETED" })] })).warnings).toEqual([]);
});

describe("a read of a read-only prebuild", () => {
  test("omits volatile outputs", async () => {
    const { result } = await read({ get: [running()] }, {});
    const { environmentClassId, creatorId } = details();
    const shown = { ...steady, environmentClassId, creatorId };
    expect(result).toStrictEqual({ found: true, state: shown, inputs: shown });
  });

  test.each(gone)("fails if it never existed in state (%s)", async (_how, answer) => {
    await expect(read({ get: [answer] }, {})).rejects.toThrow(
      `There is no prebuild ${prebuildId}. The API removes each prebuild after seven days.`,
    );
  });

  test.each(gone)("reports that a young prebuild is gone (%s)", async (_how, answer) => {
    expect((await read({ get: [answer] }, steady)).result).toEqual({ found: false });
  });

  test.each(gone)("keeps an expired prebuild as it was (%s)", async (_how, answer) => {
    const old = { ...steady, ...age(boundary) };
    expect((await read({ get: [answer] }, old)).result).toStrictEqual({ found: true, state: old, inputs: old });
  });
});

describe("an update", () => {
  test.each([
    ["waitForCompletion", { waitForCompletion: false }],
    ["logs", { logs: "none" }],
    ["recreateWhenExpired", { recreateWhenExpired: true }],
  ] as const)("of %s makes no call, nor does its removal", async (_what, changed) => {
    const noted = await update({}, declared(changed));
    expect(noted.calls).toEqual([]);
    expect(noted.result).toStrictEqual(kept(changed));
    expect((await update({}, declared(), kept(changed))).result).toStrictEqual(kept());
  });

  test("keeps class and timeout in state when they are no longer declared", async () => {
    const { result, calls } = await update({}, bare);
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept({ __managed: [] }));
  });

  test("manages class and timeout when they are declared again", async () => {
    expect((await update({}, declared(), kept({ __managed: [] }))).result).toStrictEqual(kept());
  });

  test("keeps an expired prebuild expired", async () => {
    const { result, calls } = await update({}, declared({ logs: "none" }), expiredState(kept()));
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept({ expired: true, logs: "none" }));
  });
});

describe("an update of an unfinished run", () => {
  const state = kept({ phase: "RUNNING", snapshotSizeBytes: "0", __unfinished: true });

  test("waits until it has completed and starts no other", async () => {
    const { result, calls, progress } = await update({ get: [running(), live()] }, declared(), state);
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["get", 0],
      ["get", 1_000],
    ]);
    expect(result).toStrictEqual(kept());
    expect(progress[0]).toBe(`${prebuildId}: RUNNING (0s)`);
  });

  test("takes one read if it has completed meanwhile", async () => {
    const { result, rpcs } = await update({ get: [live()] }, declared(), state);
    expect(rpcs()).toEqual(["get"]);
    expect(result).toStrictEqual(kept());
  });

  test("does not wait if waitForCompletion is false", async () => {
    const { result, calls } = await update({}, declared({ waitForCompletion: false }), state);
    expect(calls).toEqual([]);
    const { __unfinished: _, ...finished } = state;
    expect(result).toStrictEqual({ ...finished, waitForCompletion: false });
  });

  test("keeps a run that fails and shows the end of its log", async () => {
    const failed = live({ phase: "FAILED", failureMessage: "exit code 1" });
    const script = { get: [running(), failed], token: ["t"], log: ["boom\n"] };
    const { error, shown } = await failedUpdate(script, declared(), state);
    expect(keptBy(error)).toStrictEqual(kept({ phase: "FAILED", failureMessage: "exit code 1" }));
    expect(error.message).toContain("The next `pulumi up` runs it again.");
    expect(shown).toEqual([`${prebuildId}: boom`]);
  });

  test.each([
    [undefined, "45m", 60],
    [undefined, undefined, 75],
    [3 * minutes, "45m", 3],
  ])("has a limit: %s ms with the run's timeout %s takes %d minutes", async (timeoutMs, timeout, limit) => {
    const { timeout: _, ...rest } = state;
    const { error, clock } = await failedUpdate(
      { get: [running()] },
      bare,
      timeout === undefined ? rest : { ...rest, timeout },
      { timeoutMs },
    );
    expect(keptBy(error)).toMatchObject({ phase: "RUNNING", __unfinished: true });
    expect(clock.monotonic()).toBe(limit * minutes);
  });

  test.each(gone)("fails at once if it is deleted during the wait (%s)", async (_how, answer) => {
    const { error, clock } = await failedUpdate({ get: [running(), answer] }, declared(), state);
    expect(error.message).toMatch(/deleted during the wait.*`pulumi refresh`, then `pulumi up`/);
    expect(clock.monotonic()).toBe(1_000);
  });

  test.each(gone)("fails with what to do if it is gone (%s)", async (_how, answer) => {
    const { error } = await failedUpdate({ get: [answer] }, declared(), state);
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/no longer exists.*`pulumi refresh`, then `pulumi up`/);
  });

  test.each(gone)("warns that the outcome of an expired run is unknown (%s)", async (_how, answer) => {
    const old = { ...state, ...age(boundary) };
    const { result, warnings } = await update({ get: [answer] }, declared(), old);
    const { __unfinished: _, ...finished } = old;
    expect(result).toStrictEqual({ ...finished, phase: "DELETED", expired: true });
    expect(warnings).toEqual([`${prebuildId}: it has expired, and it is unknown whether it completed`]);
  });

  test("fails with the API's error if the run can not be read", async () => {
    const failure = refusal("permission_denied");
    expect((await failedUpdate({ get: [failure] }, declared(), state)).error.message).toBe(
      `The prebuild ${prebuildId} could not be read: ${failure.message}. The prebuild stays in state as it was. Run \`pulumi up\` again.`,
    );
  });

  test("waits for a run that is PENDING again", async () => {
    expect((await update({ get: [pending(), live()] }, declared(), state)).result).toStrictEqual(kept());
  });
});

const many = Array.from({ length: 5 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const foreign = kept({ organizationId: "ours", __unfinished: true });
const all = (phase: string) => many.map((id) => live({ id, phase }));
test.each<[string, Script, (context: PrebuildContext, id: string) => Promise<unknown>]>([
  [
    "creates",
    { create: all("PENDING"), get: [live()], list: [all("COMPLETED")] },
    (context) => createPrebuild(context, declared()),
  ],
  [
    "cancellations",
    { get: [...all("RUNNING"), live(), live(), missing], cancel: all("CANCELLING"), list: [all("CANCELLED"), []] },
    (context, id) => deletePrebuild(context, id, kept()),
  ],
  [
    "deletes",
    { get: [...all("COMPLETED"), missing], list: [all("DELETING"), []] },
    (context, id) => deletePrebuild(context, id, kept()),
  ],
])("%s of many prebuilds share a List", async (_what, script, run) => {
  const { clock, context, sent } = bench({ delete: [undefined], ...script });
  await clock.run(Promise.all(many.map((id) => run(context, id))));
  expect(sent("list")).toContainEqual({ projectIds: [projectId], triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] });
});

test.each<[string, Script, (context: PrebuildContext) => Promise<unknown>]>([
  ["a read", { get: [missing] }, (context) => readPrebuild(context, prebuildId, { ...foreign })],
  ["an update", { get: [missing] }, (context) => updatePrebuild(context, prebuildId, foreign, declared())],
  ["a deletion", { get: [missing] }, (context) => deletePrebuild(context, prebuildId, foreign)],
])("%s with a token of another organization fails and keeps the prebuild in state", async (_what, script, run) => {
  const { clock, context } = bench(script);
  const error = await failureOf(clock, run({ ...context, tokenOrganization: async () => "theirs" }));
  expect(error.message).toMatch(
    /belongs to organization ours and the token to organization theirs\. It stays in state/,
  );
});
