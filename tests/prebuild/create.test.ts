/** Starting a prebuild: the request, the wait, and what stays in state if the run does not complete. */
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { defaultRunTimeoutMs } from "../../src/prebuild/lifecycle.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, prebuildId, projectId } from "../support/messages.js";
import { create, failedCreate, keptBy } from "../support/prebuild-life.js";
import { bare, declared, kept, live, pending, running } from "../support/prebuilds.js";
import { missing, refusal, refusals } from "../support/scripted.js";

const noLog = declared({ logs: "none" });

describe("a new run", () => {
  test.each([
    ["everything", declared(), { projectId, environmentClassId, timeoutSeconds: 2_700 }],
    ["the project alone", bare, { projectId }],
    ["a timeout", { ...bare, timeout: "1h30m" }, { projectId, timeoutSeconds: 5_400 }],
    ["a class", { ...bare, environmentClassId }, { projectId, environmentClassId }],
  ])("declared with %s is requested with only that", async (_what, inputs, asked) => {
    const { sent, rpcs } = await create({ create: [live()] }, inputs);
    expect(sent("create")).toEqual([asked]);
    expect(rpcs()).toEqual(["create"]);
  });

  test("takes one Create if it is COMPLETED at once", async () => {
    const { result, rpcs } = await create({ create: [live()] });
    expect(rpcs()).toEqual(["create"]);
    expect(result).toStrictEqual({ id: prebuildId, state: kept() });
  });

  test("takes one Create and one Get per poll, quickly in a new phase and then every 10 s", async () => {
    const { calls, result } = await create({
      create: [pending()],
      get: [(at) => (at < 60_000 ? running() : live())],
    });
    expect(calls[0]).toMatchObject({ rpc: "create", at: 0 });
    expect(calls.slice(1).map(({ rpc, at }) => [rpc, Math.round(at / 100) / 10])).toEqual(
      [1, 2, 3.5, 5.8, 9.1, 14.2, 21.8, 31.8, 41.8, 51.8, 61.8].map((at) => ["get", at]),
    );
    expect(result.state).toStrictEqual(kept());
  });

  test("reports each phase, the growing snapshot and the completion once", async () => {
    const snapshot = (percentage: number) =>
      running({ phase: "SNAPSHOTTING", snapshotCompletionPercentage: percentage });
    const { progress } = await create({
      create: [pending()],
      get: [pending(), running(), running(), snapshot(0), snapshot(40), live({ snapshotSizeBytes: "21474836480" })],
    });
    expect(progress).toEqual([
      `${prebuildId}: PENDING (0s)`,
      `${prebuildId}: RUNNING (3s)`,
      `${prebuildId}: SNAPSHOTTING (5s)`,
      `${prebuildId}: SNAPSHOTTING, 40% (6s)`,
      `${prebuildId}: COMPLETED, a snapshot of 21.5 GB (8s)`,
    ]);
  });

  test("is polled quickly again during the snapshot of a long run", async () => {
    const [stopped, completed] = [20 * minutes, 20 * minutes + 12_000];
    const { calls } = await create({
      create: [pending()],
      get: [(at) => (at < stopped ? running() : at < completed ? running({ phase: "SNAPSHOTTING" }) : live())],
    });
    expect(calls.at(-1)?.at).toBeLessThan(completed + 6_000);
  });

  test("is reported every 30 s while its phase does not change", async () => {
    const { progress } = await create({
      create: [running()],
      get: [(at) => (at < 10 * minutes ? running() : live({ snapshotSizeBytes: "0" }))],
    });
    expect(progress.slice(0, 3)).toEqual(["0s", "30s", "1m"].map((at) => `${prebuildId}: RUNNING (${at})`));
    expect(progress.at(-1)).toMatch(/: COMPLETED \(10m/);
    expect(progress).toHaveLength(22);
  });

  test.each([
    ["0", "COMPLETED (0s)"],
    ["9400000", "COMPLETED, a snapshot of 9.4 MB (0s)"],
    ["1000000000", "COMPLETED, a snapshot of 1.0 GB (0s)"],
    ["9223372036854775807", "COMPLETED, a snapshot of 9223372036.9 GB (0s)"],
  ])("with a snapshot of %s bytes reports %j", async (snapshotSizeBytes, line) => {
    const { progress } = await create({ create: [live({ snapshotSizeBytes })] });
    expect(progress).toEqual([`${prebuildId}: ${line}`]);
  });

  test("is not polled if waitForCompletion is false, nor waited for by a later update", async () => {
    const { result, rpcs, progress } = await create({ create: [pending()] }, declared({ waitForCompletion: false }));
    expect(rpcs()).toEqual(["create"]);
    expect(result.state).toMatchObject({ phase: "PENDING", waitForCompletion: false });
    expect(result.state).not.toHaveProperty("__unfinished");
    expect(progress).toEqual([]);
  });

  test("retries during an outage", async () => {
    const outage = (at: number) => (at < 100_000 ? refusal("unavailable") : live());
    const { result, progress } = await create({ create: [pending()], get: [outage] });
    expect(result.state).toStrictEqual(kept());
    expect(progress[1]).toMatch(/unavailable.*; trying again \(1s\)$/);
  });

  test("keeps the declared inputs and warns if the API runs it with others", async () => {
    const other = { timeout: "1h", environmentClassId: projectId };
    const { result, warnings } = await create({ create: [live(other)] });
    expect(result.state).toStrictEqual(kept());
    expect(warnings).toEqual([
      `${prebuildId}: the API runs it with environmentClassId ${projectId} instead of ${environmentClassId}`,
      `${prebuildId}: the API runs it with timeout 1h instead of 45m`,
    ]);
  });

  test("does not warn if the API chooses class and timeout or does not report them", async () => {
    expect((await create({ create: [live({ timeout: "1h" })] }, bare)).warnings).toEqual([]);
    const silent = live({ timeout: undefined, environmentClassId: undefined });
    expect((await create({ create: [silent] })).warnings).toEqual([]);
  });
});

describe("a warning of the server", () => {
  const warned = { warningMessage: "disk is nearly full" };
  const shown = `${prebuildId}: the server warns: disk is nearly full`;

  test("is shown once", async () => {
    const { warnings } = await create({ create: [pending()], get: [running(warned), running(warned), live(warned)] });
    expect(warnings).toEqual([shown]);
  });

  test("is shown if the run is COMPLETED at once", async () => {
    expect((await create({ create: [live(warned)] })).warnings).toEqual([shown]);
  });

  test("is shown if the run is not waited for", async () => {
    const inputs = declared({ waitForCompletion: false });
    expect((await create({ create: [pending(warned)] }, inputs)).warnings).toEqual([shown]);
  });

  test("is shown again if its text changes", async () => {
    const { warnings } = await create({ create: [pending(warned)], get: [live({ warningMessage: "cache is cold" })] });
    expect(warnings).toEqual([shown, `${prebuildId}: the server warns: cache is cold`]);
  });
});

describe("a run without a snapshot stays in state and is run again", () => {
  test.each([
    ["FAILED", "FAILED: exit code 1"],
    ["CANCELLED", "was CANCELLED: exit code 1"],
  ])("when it is %s, with the server's message", async (phase, said) => {
    const ended = live({ phase, failureMessage: "exit code 1" });
    const { error } = await failedCreate({ create: [pending()], get: [running(), ended] }, noLog);
    expect(keptBy(error)).toStrictEqual(kept({ phase, failureMessage: "exit code 1", logs: "none" }));
    expect(error.message).toBe(`The prebuild ${prebuildId} ${said}. The next \`pulumi up\` runs it again.`);
  });

  test("when it has FAILED at once", async () => {
    const { error, rpcs } = await failedCreate({ create: [live({ phase: "FAILED" })] }, noLog);
    expect(keptBy(error).phase).toBe("FAILED");
    expect(error.message).toContain(`The prebuild ${prebuildId} FAILED, and the API does not say why. The next`);
    expect(rpcs()).toEqual(["create"]);
  });
});

describe("a run in progress stays in state and is waited for", () => {
  test.each([
    [undefined, "45m", 60 * minutes, "1h"],
    [undefined, undefined, 75 * minutes, "1h15m"],
    [undefined, "2h", 135 * minutes, "2h15m"],
    [undefined, "45m", 60 * minutes, "1h"],
    [90_000, "45m", 90_000, "1m30s"],
  ])(
    "when it has not completed in time with a limit of %s ms and timeout %s",
    async (timeoutMs, timeout, limit, shown) => {
      const inputs = {
        ...bare,
        ...(timeout === undefined ? {} : { timeout }),
      };
      const { error, clock, rpcs } = await failedCreate({ create: [pending()], get: [running()] }, inputs, {
        timeoutMs,
      });
      expect(keptBy(error)).toMatchObject({ phase: "RUNNING", __unfinished: true });
      expect(error.message).toBe(
        `The prebuild ${prebuildId} did not complete within ${shown} (RUNNING). It stays in state and the next \`pulumi up\` continues to wait. Raise \`customTimeouts\`, or set \`waitForCompletion: false\`.`,
      );
      expect(clock.monotonic()).toBe(limit);
      expect(rpcs()).not.toContain("token");
    },
  );

  test.each([
    ["5m", 20],
    ["1h30m", 105],
    [undefined, 75],
  ])("after its own timeout (%s) plus 15 minutes: %d", (timeout, limit) => {
    expect(defaultRunTimeoutMs(timeout)).toBe(limit * minutes);
  });

  test("when it can no longer be read", async () => {
    const { error, clock } = await failedCreate({ create: [pending()], get: [refusal("permission_denied")] });
    expect(keptBy(error)).toMatchObject({ phase: "PENDING", __unfinished: true });
    expect(error.message).toMatch(
      /was started \(PENDING\), but waiting for it failed.*permission_denied.*continues to wait/,
    );
    expect(clock.monotonic()).toBe(1_000);
  });

  test("when an outage lasts for two minutes, but not before", async () => {
    const { error, clock } = await failedCreate({ create: [pending()], get: [refusal("unavailable")] });
    expect(keptBy(error).__unfinished).toBe(true);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(2 * minutes);
    expect(clock.monotonic()).toBeLessThan(2.5 * minutes);
  });

  test("when someone is deleting it", async () => {
    const { error } = await failedCreate({ create: [pending()], get: [running({ phase: "DELETING" })] });
    expect(keptBy(error)).toMatchObject({ phase: "DELETING", __unfinished: true });
    expect(error.message).toMatch(/^The prebuild \S+ is DELETING: it was deleted.*`pulumi refresh`, then `pulumi up`/);
  });
});

test.each([
  ["not_found", missing],
  ["DELETED", live({ phase: "DELETED" })],
])("a run that is gone during the wait leaves state (%s)", async (_how, answer) => {
  const { error } = await failedCreate({ create: [pending()], get: [answer] });
  expect(error).not.toBeInstanceOf(PartialFailure);
  expect(error.message).toMatch(/was deleted during the wait.*`pulumi refresh`, then `pulumi up`/);
});

test.each([...refusals, refusal("failed_precondition"), refusal("already_exists")])(
  "does not search for a run after a create that was refused ($origin $code)",
  async (failure) => {
    const { error, rpcs } = await failedCreate({ create: [failure] });
    expect(error).toBe(failure);
    expect(rpcs()).toEqual(["create"]);
  },
);

test("a new run that the API answers not_found about is waited for, since a replica may lag behind", async () => {
  const { result, rpcs } = await create({ create: [pending()], get: [missing, missing, live()] }, noLog);
  expect(rpcs()).toEqual(["create", "get", "get", "get"]);
  expect(result).toStrictEqual({ id: prebuildId, state: kept({ logs: "none" }) });
});
