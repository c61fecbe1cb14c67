/** The lifecycle of prebuilds, and their logs. */
import { call, nobody, pairs, simulate, textOf } from "./support.js";

const openLogs = async (url: string, token: string) =>
  fetch(url, { headers: { Authorization: `Bearer ${token}` } }).then(async (response) => ({
    status: response.status,
    text: await response.text(),
  }));

test("a prebuild goes through its phases with progress and leaves a snapshot", async () => {
  const simulator = await simulate();
  const [{ projectId, environmentClassId }] = pairs(simulator);
  simulator.nextPrebuild({ snapshotSizeBytes: 9_007_199_254_740_993n });
  const { body } = await call(simulator, "CreatePrebuild", { projectId, spec: {} });
  const prebuild = simulator.prebuild(textOf(body.prebuild?.id));
  expect(body.prebuild).toMatchObject({
    metadata: { projectId, environmentClassId, triggeredBy: "PREBUILD_TRIGGER_MANUAL" },
    spec: { timeout: "3600s" },
    status: { phase: "PREBUILD_PHASE_PENDING" },
  });
  const seen: string[] = [];
  for (let second = 0; second <= 20; second++) {
    const progress = prebuild.phase === "SNAPSHOTTING" ? ` ${prebuild.snapshotCompletionPercentage}` : "";
    if (seen.at(-1) !== prebuild.phase + progress) seen.push(prebuild.phase + progress);
    simulator.clock.advance(1_000);
  }
  expect(seen).toEqual([
    "PENDING",
    "STARTING",
    "RUNNING",
    "STOPPING",
    "SNAPSHOTTING 0",
    "SNAPSHOTTING 25",
    "SNAPSHOTTING 50",
    "SNAPSHOTTING 75",
    "COMPLETED",
  ]);
  const read = await call(simulator, "GetPrebuild", { prebuildId: prebuild.id });
  expect(read.body.prebuild?.status?.snapshotSizeBytes).toBe("9007199254740993");
});

test("a failed prebuild shows the reason in its status and its log", async () => {
  const simulator = await simulate();
  simulator.nextPrebuild({ end: "failed", message: "task build exited with 1", log: "compiling\nboom\n" });
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(60_000);
  expect(prebuild).toMatchObject({ phase: "FAILED", failureMessage: "task build exited with 1" });
  expect(prebuild.completedAt).toBeDefined();
  const { body } = await call(simulator, "CreatePrebuildLogsToken", { prebuildId: prebuild.id });
  expect(await openLogs(prebuild.logUrl, textOf(body.accessToken))).toEqual({ status: 200, text: "compiling\nboom\n" });
});

test("a prebuild that exceeds its timeout fails", async () => {
  const simulator = await simulate({ timings: { prebuildRunning: 600_000 } });
  const prebuild = simulator.createPrebuild({ ...pairs(simulator)[0], timeoutSeconds: 300 });
  simulator.clock.advance(299_999);
  expect(prebuild.phase).toBe("RUNNING");
  simulator.clock.advance(1);
  expect(prebuild).toMatchObject({ phase: "FAILED", failureMessage: expect.stringContaining("300 seconds") as string });
});

test("a completed prebuild can have a warning", async () => {
  const simulator = await simulate();
  simulator.nextPrebuild({ message: "the dev container did not build" });
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(60_000);
  expect(prebuild).toMatchObject({ phase: "COMPLETED", warningMessage: "the dev container did not build" });
});

test("cancels a run in progress and refuses to cancel one that has ended", async () => {
  const simulator = await simulate();
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(5_000);
  const { body } = await call(simulator, "CancelPrebuild", { prebuildId: prebuild.id });
  expect(body.prebuild?.status?.phase).toBe("PREBUILD_PHASE_CANCELLING");
  expect((await call(simulator, "CancelPrebuild", { prebuildId: prebuild.id })).status).toBe(200);
  simulator.clock.advance(2_000);
  expect(prebuild.phase).toBe("CANCELLED");
  simulator.clock.advance(60_000);
  expect(prebuild.phase).toBe("CANCELLED");
  expect((await call(simulator, "CancelPrebuild", { prebuildId: prebuild.id })).body.code).toBe("failed_precondition");
});

test("a deletion continues after the response and keeps the snapshot from new pools", async () => {
  const simulator = await simulate({ projects: [{ environmentClasses: [{}] }] });
  const seeded = simulator.prebuilds[0];
  const project = simulator.projects[0];
  const pair = { projectId: project?.id ?? "", environmentClassId: project?.environmentClassIds[0] ?? "" };
  await call(simulator, "DeletePrebuild", { prebuildId: seeded?.id });
  expect(seeded?.phase).toBe("DELETING");
  simulator.clock.advance(2_000);
  expect((await call(simulator, "GetPrebuild", { prebuildId: seeded?.id })).body.code).toBe("not_found");
  expect(simulator.createPool(pair).snapshotId).toBeUndefined();
});

test("a prebuild expires after seven days and not before", async () => {
  const simulator = await simulate();
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(7 * 86_400_000 - 1);
  expect((await call(simulator, "GetPrebuild", { prebuildId: prebuild.id })).status).toBe(200);
  simulator.clock.advance(1);
  expect((await call(simulator, "GetPrebuild", { prebuildId: prebuild.id })).body.code).toBe("not_found");
  expect(simulator.prebuild(prebuild.id).phase).toBe("DELETED");
});

test("a prebuild of someone else has another creator than one of the token's owner", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  const { body } = await call(simulator, "CreatePrebuild", { projectId: pair.projectId, spec: {} });
  const mine = textOf(body.prebuild?.metadata?.creator?.id);
  const colleague = simulator.createPrebuild(pair).creatorId;
  expect(simulator.prebuilds.map(({ creatorId }) => creatorId)).toEqual([
    ...Array.from({ length: 4 }, () => colleague),
    mine,
    colleague,
  ]);
  expect(mine).not.toBe(colleague);
  expect(simulator.createPrebuild({ ...pair, creatorId: nobody }).creatorId).toBe(nobody);
  expect(() => simulator.createPrebuild({ ...pair, creatorId: "me" })).toThrow('creatorId must be a UUID: got "me"');
});

test("serves a live log until the run ends and a complete archive afterwards", async () => {
  const simulator = await simulate();
  simulator.nextPrebuild({ log: "one\ntwo" });
  const prebuild = simulator.createPrebuild(pairs(simulator)[0]);
  simulator.clock.advance(4_000);
  const live = prebuild.logUrl;
  expect(live).toContain("/logs/");
  const { body } = await call(simulator, "CreatePrebuildLogsToken", { prebuildId: prebuild.id });
  const token = textOf(body.accessToken);
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(live, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(await reader?.read()).toEqual({ done: false, value: "one\n" });
  simulator.clock.advance(5_000);
  expect(await reader?.read()).toEqual({ done: false, value: "two\n" });
  simulator.clock.advance(20_000);
  expect((await reader?.read())?.done).toBe(true);
  expect(prebuild.logUrl).toContain("/archive/");
  expect(await openLogs(prebuild.logUrl, token)).toEqual({ status: 200, text: "one\ntwo\n" });
});

test("a log token is valid for the logs of one prebuild for one hour", async () => {
  const simulator = await simulate();
  const [first, second] = simulator.prebuilds;
  const { body } = await call(simulator, "CreatePrebuildLogsToken", { prebuildId: first?.id });
  const token = textOf(body.accessToken);
  expect((await openLogs(first?.logUrl ?? "", token)).status).toBe(200);
  expect((await openLogs(second?.logUrl ?? "", token)).status).toBe(401);
  expect((await openLogs(first?.logUrl ?? "", simulator.token)).status).toBe(401);
  simulator.clock.advance(3_600_000);
  expect((await openLogs(first?.logUrl ?? "", token)).status).toBe(401);
  expect((await call(simulator, "CreatePrebuildLogsToken", { prebuildId: nobody })).body.code).toBe("not_found");
});
