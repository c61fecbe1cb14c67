/** The rest of a prebuild's life: read and update. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { lifetimeMs } from "../../src/prebuild/expiry.js";
import { expiredState, readState } from "../../src/prebuild/state.js";
import { epoch, minutes } from "../support/fake-clock.js";
import { prebuildId, projectId } from "../support/messages.js";
import { failedUpdate, keptBy, read, update } from "../support/prebuild-life.js";
import { bare, declared, details, kept, live, pending, running } from "../support/prebuilds.js";
import { missing, refusal, unsaying } from "../support/scripted.js";

const gone = [
  ["not_found", missing],
  ["DELETED", live({ phase: "DELETED" })],
] as const;
/** 6 d 23 h: from then on an absent prebuild has expired. */
const boundary = lifetimeMs - 3_600_000;
const age = (milliseconds: number) => ({ createdAt: new Date(epoch - milliseconds).toISOString() });
const steady = { projectId, createdAt: details().createdAt, timeout: "45m", triggeredBy: "MANUAL" };

describe("a read", () => {
  test("gives the live prebuild and its inputs, by one Get", async () => {
    const now = { phase: "SNAPSHOTTING", snapshotCompletionPercentage: 40, updatedAt: "u" };
    const { result, rpcs, sent } = await read({ get: [live(now)] });
    expect(result).toStrictEqual({ found: true, inputs: declared(), state: kept(now) });
    expect(rpcs()).toEqual(["get"]);
    expect(sent("get")).toEqual([prebuildId]);
  });

  test("keeps what the API does not know, and what was declared", async () => {
    const settings = {
      triggers: { lock: ["a"] },
      waitForCompletion: false,
      logs: "none" as const,
      recreateWhenExpired: true,
      __timeouts: { delete: "1h" },
    };
    const { result } = await read({ get: [live({ timeout: "2h", environmentClassId: "C" })] }, kept(settings));
    expect(result).toStrictEqual({ found: true, inputs: declared(settings), state: kept(settings) });
  });

  test("shows no input that is left to the API", async () => {
    const { result } = await read({ get: [live()] }, kept({ __managed: [] }));
    expect(result).toStrictEqual({ found: true, inputs: bare, state: kept({ __managed: [] }) });
  });

  test.each(unsaying)("leaves state alone after an answer that says nothing of it ($origin $code)", async (failure) => {
    await expect(read({ get: [failure] }, kept(age(lifetimeMs)))).rejects.toBe(failure);
  });

  test.each(["my-prebuild", "", `${prebuildId}/x`])("of %j is refused before anything is asked", async (id) => {
    await expect(read({}, kept(), id)).rejects.toThrow(/^The id of a prebuild must be a UUID such as/);
  });

  test("of a DELETING prebuild keeps it, with that phase and a warning", async () => {
    const { result, warnings } = await read({ get: [live({ phase: "DELETING" })] });
    expect(result).toStrictEqual({ found: true, inputs: declared(), state: kept({ phase: "DELETING" }) });
    expect(warnings).toEqual([`${prebuildId}: it is DELETING, and stays in state until it is gone`]);
  });

  test("of one that is DELETING because it has expired is quiet", async () => {
    const { warnings } = await read({ get: [live({ phase: "DELETING", ...age(boundary) })] }, kept(age(boundary)));
    expect(warnings).toEqual([]);
  });

  test.each([
    ["PENDING", true],
    ["FAILED", true],
    ["DELETING", true],
    ["COMPLETED", undefined],
  ])("of a run that is unfinished and %s remembers that: %s", async (phase, unfinished) => {
    const { result } = await read({ get: [live({ phase })] }, kept({ __unfinished: true }));
    expect("state" in result && readState({ ...result.state }).__unfinished).toBe(unfinished);
  });

  test("of a run that is not waited for does not begin to wait", async () => {
    const { result } = await read({ get: [running()] }, kept({ waitForCompletion: false }));
    expect("state" in result && result.state).not.toHaveProperty("__unfinished");
  });

  test("of state that an older release stored in less detail is completed", async () => {
    const { result } = await read({ get: [live()] }, { projectId, __managed: ["timeout"], timeout: "45m" });
    expect(result).toStrictEqual({
      found: true,
      inputs: { projectId, timeout: "45m" },
      state: kept({ __managed: ["timeout"] }),
    });
  });
});

describe.each(gone)("a read of a prebuild that is gone, said with %s", (_how, answer) => {
  test("a millisecond before 6 d 23 h says that it was deleted", async () => {
    expect((await read({ get: [answer] }, kept(age(boundary - 1)))).result).toEqual({ found: false });
  });

  test("from 6 d 23 h on keeps it as expired, quietly", async () => {
    const { result, warnings, progress } = await read({ get: [answer] }, kept(age(boundary)));
    expect(result).toStrictEqual({
      found: true,
      inputs: declared(),
      state: kept({ ...age(boundary), expired: true }),
    });
    expect([...warnings, ...progress]).toEqual([]);
  });

  test("weeks later finds the same again", async () => {
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

  test("goes by our clock where the server does not tell its time", async () => {
    const serverTimeAt = () => undefined;
    expect((await read({ get: [answer], serverTimeAt }, kept(age(boundary)))).result.found).toBe(true);
    expect((await read({ get: [answer], serverTimeAt }, kept(age(boundary - 1)))).result.found).toBe(false);
  });

  test("of which nobody knows when it was created says that it was deleted", async () => {
    const { createdAt: _, ...state } = kept();
    expect((await read({ get: [answer] }, state)).result).toEqual({ found: false });
  });
});

test("a read of a young prebuild that the API does not know warns: the token may be that of another account", async () => {
  expect((await read({ get: [missing] })).warnings).toEqual([
    `${prebuildId}: the API reported not_found, so it is removed from state. If it should exist, check that the token and address belong to its account`,
  ]);
  expect((await read({ get: [live({ phase: "DELETED" })] })).warnings).toEqual([]);
});

describe("a read of a prebuild that is not managed", () => {
  test("shows nothing that moves by itself", async () => {
    const { result } = await read({ get: [running()] }, {});
    const { environmentClassId, creatorId } = details();
    const shown = { ...steady, environmentClassId, creatorId };
    expect(result).toStrictEqual({ found: true, state: shown, inputs: shown });
  });

  test.each(gone)("and was never seen is an error where there is none (%s)", async (_how, answer) => {
    await expect(read({ get: [answer] }, {})).rejects.toThrow(
      `There is no prebuild ${prebuildId}. The API removes each prebuild after seven days.`,
    );
  });

  test.each(gone)("and was seen before is gone where it is not old (%s)", async (_how, answer) => {
    expect((await read({ get: [answer] }, steady)).result).toEqual({ found: false });
  });

  test.each(gone)("and has expired stays what it was (%s)", async (_how, answer) => {
    const old = { ...steady, ...age(boundary) };
    expect((await read({ get: [answer] }, old)).result).toStrictEqual({ found: true, state: old, inputs: old });
  });
});

describe("an update", () => {
  test.each([
    ["waitForCompletion", { waitForCompletion: false }],
    ["logs", { logs: "none" }],
    ["recreateWhenExpired", { recreateWhenExpired: true }],
    ["the limit of a delete", { __timeouts: { delete: "1h" } }],
  ] as const)("of %s makes no call, and is forgotten again as well", async (_what, changed) => {
    const noted = await update({}, declared(changed));
    expect(noted.calls).toEqual([]);
    expect(noted.result).toStrictEqual(kept(changed));
    expect((await update({}, declared(), kept(changed))).result).toStrictEqual(kept());
  });

  test("that leaves class and timeout to the API keeps what they are", async () => {
    const { result, calls } = await update({}, bare);
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept({ __managed: [] }));
  });

  test("that declares them as they are notes that", async () => {
    expect((await update({}, declared(), kept({ __managed: [] }))).result).toStrictEqual(kept());
  });

  test("of an expired prebuild leaves it expired", async () => {
    const { result, calls } = await update({}, declared({ logs: "none" }), expiredState(kept()));
    expect(calls).toEqual([]);
    expect(result).toStrictEqual(kept({ expired: true, logs: "none" }));
  });
});

describe("an update of a run that is unfinished", () => {
  const state = kept({ phase: "RUNNING", snapshotSizeBytes: "0", snapshotCompletionPercentage: 0, __unfinished: true });

  test("goes on waiting until it has completed, and starts nothing", async () => {
    const { result, calls, progress } = await update({ get: [running(), live()] }, declared(), state);
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["get", 0],
      ["get", 1_000],
    ]);
    expect(result).toStrictEqual(kept());
    expect(progress[0]).toBe(`${prebuildId}: RUNNING (0s)`);
  });

  test("that has completed meanwhile takes one look", async () => {
    const { result, rpcs } = await update({ get: [live()] }, declared(), state);
    expect(rpcs()).toEqual(["get"]);
    expect(result).toStrictEqual(kept());
  });

  test("is not waited for any more with waitForCompletion false", async () => {
    const { result, calls } = await update({}, declared({ waitForCompletion: false }), state);
    expect(calls).toEqual([]);
    const { __unfinished: _, ...finished } = state;
    expect(result).toStrictEqual({ ...finished, waitForCompletion: false });
  });

  test("that fails is kept, to be run again, with the end of its log", async () => {
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
    [{ update: "3m" }, "45m", 3],
    [{ create: "3m" }, "45m", 60],
  ])("has a limit: %j with the run's timeout %s takes %d minutes", async (timeouts, timeout, limit) => {
    const { timeout: _, ...rest } = state;
    const { error, clock } = await failedUpdate(
      { get: [running()] },
      { ...bare, ...(timeouts === undefined ? {} : { __timeouts: timeouts }) },
      timeout === undefined ? rest : { ...rest, timeout },
    );
    expect(keptBy(error)).toMatchObject({ phase: "RUNNING", __unfinished: true });
    expect(clock.monotonic()).toBe(limit * minutes);
  });

  test.each(gone)("that is gone fails with what to do (%s)", async (_how, answer) => {
    const { error } = await failedUpdate({ get: [answer] }, declared(), state);
    expect(error).not.toBeInstanceOf(PartialFailure);
    expect(error.message).toMatch(/does not exist any more.*`pulumi refresh`, then `pulumi up`/);
  });

  test.each(gone)("that has expired is over, with a warning that its end is not known (%s)", async (_how, answer) => {
    const old = { ...state, ...age(boundary) };
    const { result, warnings } = await update({ get: [answer] }, declared(), old);
    const { __unfinished: _, ...finished } = old;
    expect(result).toStrictEqual({ ...finished, phase: "DELETED", expired: true });
    expect(warnings).toEqual([`${prebuildId}: it has expired; whether it had completed is unknown`]);
  });

  test("that cannot be looked at fails with the API's own error, and says that the state stays", async () => {
    const failure = refusal("permission_denied");
    expect((await failedUpdate({ get: [failure] }, declared(), state)).error.message).toBe(
      `The prebuild ${prebuildId} could not be read: ${failure.message}. It stays in state as it was. Run \`pulumi up\` again.`,
    );
  });

  test("that is PENDING again is waited for as well: the API's word wins", async () => {
    expect((await update({ get: [pending(), live()] }, declared(), state)).result).toStrictEqual(kept());
  });
});
