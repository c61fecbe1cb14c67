/** Deleting a prebuild: a run in progress is canceled first. */
import { minutes } from "../support/fake-clock.js";
import { prebuildId } from "../support/messages.js";
import { failedDelete, remove } from "../support/prebuild-life.js";
import { expiredState } from "../../src/prebuild/state.js";
import { kept, live, running } from "../support/prebuilds.js";
import { hangs, missing, refusal, unsaying } from "../support/scripted.js";

const going = live({ phase: "DELETING" });
const cancelling = running({ phase: "CANCELLING" });
const cancelled = live({ phase: "CANCELLED" });
const lost = refusal("unavailable", { origin: "network" });
const inProgress = ["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"];

const notGone = ({ message }: Error) =>
  `Could not confirm that prebuild ${prebuildId} was deleted: ${message}. The prebuild stays in state. Run the command again.`;

const notDeleted = ({ message }: Error) =>
  `The prebuild ${prebuildId} was not deleted: ${message}. The prebuild stays in state. Run the command again.`;

describe("a prebuild that has ended", () => {
  test.each(["COMPLETED", "FAILED", "CANCELLED", "UNSPECIFIED", "HIBERNATING"])(
    "as %s is deleted without a cancellation",
    async (phase) => {
      const { rpcs, sent } = await remove({ get: [live({ phase }), missing], delete: [undefined] });
      expect(rpcs()).toEqual(["get", "delete", "get"]);
      expect(sent("delete")).toEqual([prebuildId]);
    },
  );

  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("is waited for until it is gone (%s), with progress", async (_how, end) => {
    const { calls, progress } = await remove({ get: [live(), going, going, end], delete: [undefined] });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["get", 0],
      ["delete", 0],
      ["get", 0],
      ["get", 1_000],
      ["get", 2_500],
    ]);
    expect(progress).toEqual([`${prebuildId}: DELETING (0s)`]);
  });

  test("is waited for during an outage", async () => {
    const outage = (at: number) => (at < 90_000 ? refusal("unavailable") : missing);
    const { clock } = await remove({ get: [live(), outage], delete: [undefined] });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(90_000);
  });
});

describe("a prebuild that is gone or being deleted counts as deleted", () => {
  test.each([
    ["not_found", missing],
    ["DELETED", live({ phase: "DELETED" })],
  ])("after one read: %s", async (_how, answer) => {
    expect((await remove({ get: [answer] })).rpcs()).toEqual(["get"]);
    expect((await remove({ get: [answer] }, expiredState(kept()))).rpcs()).toEqual(["get"]);
  });

  test("with a warning if it is too young to have expired", async () => {
    expect((await remove({ get: [missing] })).warnings).toEqual([
      `${prebuildId}: the API reported not_found, so there was nothing to delete. If it should exist, check that the token and address are for the account that owns it`,
    ]);
    expect((await remove({ get: [live({ phase: "DELETED" })] })).warnings).toEqual([]);
    expect((await remove({ get: [missing] }, expiredState(kept()))).warnings).toEqual([]);
    expect((await remove({ get: [missing] }, kept({ createdAt: new Date(0).toISOString() }))).warnings).toEqual([]);
  });

  test("once it is gone, without a request, if it is DELETING", async () => {
    expect((await remove({ get: [going, going, missing] })).rpcs()).toEqual(["get", "get", "get"]);
  });

  test.each([
    ["DELETING", going],
    ["DELETED", live({ phase: "DELETED" })],
    ["gone", missing],
  ])("if the deletion is refused and it is %s", async (_how, now) => {
    const { rpcs } = await remove({ get: [live(), now, missing], delete: [refusal("failed_precondition")] });
    expect(rpcs().slice(0, 3)).toEqual(["get", "delete", "get"]);
  });
});

describe("a run in progress", () => {
  test.each(inProgress)("that is %s is canceled, waited for, and then deleted", async (phase) => {
    const { calls, sent } = await remove({
      get: [running({ phase }), cancelling, cancelled, missing],
      cancel: [cancelling],
      delete: [undefined],
    });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["get", 0],
      ["cancel", 0],
      ["get", 1_000],
      ["get", 2_500],
      ["delete", 2_500],
      ["get", 2_500],
    ]);
    expect(sent("cancel")).toEqual([prebuildId]);
  });

  test("that is CANCELLING is waited for without another cancellation", async () => {
    const { rpcs } = await remove({ get: [cancelling, cancelled, missing], delete: [undefined] });
    expect(rpcs()).toEqual(["get", "get", "delete", "get"]);
  });

  test("reports the cancellation while it is waited for", async () => {
    const { progress } = await remove({
      get: [running(), running(), cancelling, cancelled, missing],
      cancel: [running()],
      delete: [undefined],
    });
    expect(progress).toEqual([
      `${prebuildId}: RUNNING, being canceled before it is deleted (0s)`,
      `${prebuildId}: CANCELLING, being canceled before it is deleted (3s)`,
    ]);
  });

  test.each([
    ["COMPLETED", live()],
    ["FAILED", live({ phase: "FAILED" })],
    ["CANCELLED", cancelled],
  ])("that is %s by now is deleted although its cancellation is refused", async (_phase, now) => {
    const { rpcs } = await remove({
      get: [running(), now, missing],
      cancel: [refusal("failed_precondition")],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["get", "cancel", "get", "delete", "get"]);
  });

  test("is waited for during an outage", async () => {
    const outage = (at: number) => (at < 90_000 ? refusal("unavailable") : at < 120_000 ? cancelled : missing);
    const { rpcs } = await remove({ get: [cancelling, outage], delete: [undefined] });
    expect(rpcs().filter((rpc) => rpc !== "get")).toEqual(["delete"]);
  });

  test("that completes despite the cancellation is deleted", async () => {
    const { rpcs } = await remove({
      get: [running(), live(), missing],
      cancel: [cancelling],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["get", "cancel", "get", "delete", "get"]);
  });

  test.each([
    ["is refused", refusal("failed_precondition"), missing],
    ["is not answered", lost, live({ phase: "DELETED" })],
  ])("that is gone when its cancellation %s counts as deleted", async (_how, answer, now) => {
    expect((await remove({ get: [running(), now], cancel: [answer] })).rpcs()).toEqual(["get", "cancel", "get"]);
  });

  test("that someone deletes during the cancellation is only waited for", async () => {
    const { rpcs } = await remove({ get: [running(), going, missing], cancel: [cancelling] });
    expect(rpcs()).toEqual(["get", "cancel", "get", "get"]);
  });

  test("whose cancellation took effect without a response is waited for", async () => {
    const { rpcs } = await remove({
      get: [running(), cancelling, cancelled, missing],
      cancel: [lost],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["get", "cancel", "get", "get", "delete", "get"]);
  });

  test("whose cancellation was lost is canceled again", async () => {
    const { rpcs, clock } = await remove({
      get: [running(), running(), running(), cancelled, missing],
      cancel: [lost, refusal("unavailable"), cancelling],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["get", "cancel", "get", "cancel", "get", "cancel", "get", "delete", "get"]);
    expect(clock.monotonic()).toBe(3_500);
  });

  test("whose cancellation is lost six times fails", async () => {
    const { error, rpcs } = await failedDelete({ get: [running()], cancel: [lost] });
    expect(error.message).toBe(notDeleted(lost));
    expect(rpcs().filter((rpc) => rpc === "cancel")).toHaveLength(6);
  });

  test.each(["permission_denied", "failed_precondition", "invalid_argument"] as const)(
    "whose cancellation is refused (%s) fails and is not deleted",
    async (code) => {
      const failure = refusal(code);
      const { error, rpcs } = await failedDelete({ get: [running()], cancel: [failure] });
      expect(error.message).toBe(notDeleted(failure));
      expect(rpcs()).toEqual(["get", "cancel", "get"]);
    },
  );

  test("that can not be read after its cancellation was refused fails with the refusal", async () => {
    const failure = refusal("permission_denied");
    const { error } = await failedDelete({ get: [running(), refusal("unavailable")], cancel: [failure] });
    expect(error.message).toBe(notDeleted(failure));
  });
});

describe("a deletion that fails", () => {
  test.each([
    ["stays", live()],
    ["cannot be looked at", refusal("permission_denied")],
  ])("for a prebuild that %s reports the API's error", async (_what, look) => {
    const failure = refusal("permission_denied");
    expect((await failedDelete({ get: [live(), look], delete: [failure] })).error.message).toBe(notDeleted(failure));
  });

  test.each(unsaying)("at the first read sends nothing ($origin $code)", async (failure) => {
    const { error, rpcs } = await failedDelete({ get: [failure] });
    expect(error.message).toBe(notDeleted(failure));
    expect(rpcs()).toEqual(["get"]);
  });

  test("does not mistake a wrong URL for a prebuild that is gone", async () => {
    const wrongUrl = refusal("unimplemented", { origin: "http", httpStatus: 404 });
    expect((await failedDelete({ get: [live(), wrongUrl], delete: [undefined] })).error.message).toBe(
      notGone(wrongUrl),
    );
  });
});

describe("the timeout of a deletion", () => {
  test.each([
    [undefined, "30m", 30],
    [5 * minutes, "5m", 5],
  ] as const)("of %s ms is %s", async (timeoutMs, shown, limit) => {
    const script = { get: [live(), going], delete: [undefined] };
    const { error, clock } = await failedDelete(script, kept(), { timeoutMs });
    expect(error.message).toMatch(
      new RegExp(`^The prebuild ${prebuildId} was not deleted within ${shown} \\(DELETING\\).*Run the command again`),
    );
    expect(clock.monotonic()).toBe(limit * minutes);
  });

  test("applies to a run that stays CANCELLING, and its error shows the phase", async () => {
    const { error, clock } = await failedDelete({ get: [running(), cancelling], cancel: [cancelling] });
    expect(error.message).toContain("was not deleted within 30m (CANCELLING, being canceled before it is deleted).");
    expect(clock.monotonic()).toBe(30 * minutes);
  });

  test.each([
    ["read", { get: [hangs<never>()] }],
    ["cancellation", { get: [running()], cancel: [hangs<never>()] }],
    ["deletion", { get: [live()], delete: [hangs<never>()] }],
  ])("applies to a %s without a response", async (_what, script) => {
    const { error, clock } = await failedDelete(script, kept(), { timeoutMs: minutes });
    expect(error.message).toContain("was not deleted within 1m.");
    expect(clock.monotonic()).toBe(minutes);
  });

  test("is the default for the state of an older release", async () => {
    expect((await remove({ get: [missing] }, {})).rpcs()).toEqual(["get"]);
  });
});
