/** The lifecycle of a prebuild through the real SDK and provider process. After each step a preview shows no changes. */
import { alive, build, kept } from "../../support/prebuild-stack";
import { expectSettled, startBench, succeed } from "../../support/warm-pools";

const cold = { simulator: { snapshots: false } };

test("up starts a run, reports progress, waits until it has completed, and keeps exact sizes", async () => {
  await using bench = await startBench({ simulator: { timings: { prebuildSnapshotting: 60_000 } } });
  bench.sim.nextPrebuild({ snapshotSizeBytes: 9007199254740993n });
  bench.declare(build(bench, { timeout: "45 minutes" }));
  const { text, outputs } = await succeed(bench.stack.up());
  const [prebuild] = alive(bench);
  expect(outputs["build"]?.value).toEqual({ id: prebuild?.id, phase: "COMPLETED" });
  expect(prebuild).toMatchObject({ projectId: bench.project, environmentClassId: bench.regular, timeoutSeconds: 2700 });
  expect(kept(bench)?.outputs).toMatchObject({
    phase: "COMPLETED",
    expired: false,
    timeout: "45m",
    snapshotSizeBytes: "9007199254740993",
    triggeredBy: "MANUAL",
    completedAt: prebuild?.completedAt,
  });
  const lines = text.split("\n").filter((line) => line.includes(`prebuild build (${prebuild?.id}): `));
  const said = lines.map((line) => line.replace(/^.*?\): /, ""));
  expect(said[0]).toBe("PENDING (0s)");
  expect(said).toEqual(expect.arrayContaining([expect.stringMatching(/^RUNNING \(\d+s\)$/)]));
  expect(said).toEqual(expect.arrayContaining([expect.stringMatching(/^SNAPSHOTTING, \d+% \((\d+m)?\d+s\)$/)]));
  expect(said.at(-1)).toMatch(/^COMPLETED, a snapshot of 9007199\.3 GB \(1m\d+s\)$/);
  expect(new Set(said).size).toBe(said.length);
  await expectSettled(bench);
});

test("a changed trigger runs a new prebuild before it deletes the old one, and the order of properties does not matter", async () => {
  await using bench = await startBench();
  bench.declare(build(bench, { triggers: { lock: "1", files: [{ a: 1, b: [true] }] } }));
  await succeed(bench.stack.up());
  const [old] = alive(bench);

  bench.declare(build(bench, { triggers: { files: [{ b: [true], a: 1 }], lock: "1" } }));
  await succeed(bench.stack.preview({ expectNoChanges: true }));

  bench.declare(build(bench, { triggers: { lock: "2", files: [{ a: 1, b: [true] }] } }));
  const { operations } = await succeed(bench.stack.preview());
  const plan = operations.filter(({ name }) => name === "build");
  expect(plan).toMatchObject([{ op: "replace", diff: { triggers: {} } }]);
  bench.calls();
  await succeed(bench.stack.up());
  const calls = bench.calls().filter((rpc) => rpc !== "GetPrebuild");
  expect(calls).toEqual(["CreatePrebuild", "DeletePrebuild"]);
  expect(bench.sim.prebuild(old?.id ?? "").phase).toBe("DELETED");
  expect(alive(bench)).toMatchObject([{ phase: "COMPLETED" }]);
  await expectSettled(bench);
});

test.each([
  ["project", (other: string, _large: string) => ({ projectId: other, environmentClassId: undefined })],
  ["class", (_other: string, large: string) => ({ environmentClassId: large })],
  ["timeout", () => ({ timeout: 3000 })],
])("a changed %s replaces the prebuild", async (_what, change) => {
  await using bench = await startBench();
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  bench.declare(build(bench, change(bench.otherProject, bench.large)));
  const { changeSummary } = await succeed(bench.stack.up());
  expect(changeSummary).toMatchObject({ replace: 1 });
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

test("a setting that the API does not store changes without a call, and so does an input that is left to the API", async () => {
  await using bench = await startBench();
  bench.declare(build(bench, { timeout: "1h" }));
  await succeed(bench.stack.up());
  const [{ id } = { id: "" }] = alive(bench);
  bench.calls();
  const settings = { waitForCompletion: false, logs: "none", recreateWhenExpired: true };
  for (const args of [
    { timeout: "1h", ...settings },
    { ...settings, environmentClassId: undefined },
    { ...settings, environmentClassId: undefined, timeout: "60m" },
  ]) {
    bench.declare(build(bench, args));
    expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ update: 1 });
    expect(bench.calls()).toEqual([]);
    await expectSettled(bench);
  }
  expect(alive(bench)).toMatchObject([{ id }]);
});

test("an unknown input replaces in the preview, but not in an up that finds it unchanged", async () => {
  await using bench = await startBench();
  const first = { ...build(bench), name: "first" };
  const second = { ...build(bench), from: { triggers: ["first", "completedAt"] as const } };
  bench.declare(first, second);
  await succeed(bench.stack.up());
  await expectSettled(bench);
  bench.declare({ ...first, args: { ...first.args, triggers: "again" } }, second);
  const { operations } = await succeed(bench.stack.preview());
  expect(operations.filter(({ op }) => op === "replace").map(({ name }) => name)).toEqual(["first", "build"]);
  await succeed(bench.stack.up());
  expect(alive(bench)).toHaveLength(2);
  await expectSettled(bench);
});

test("a pool becomes READY after the prebuild that it depends on has completed", async () => {
  await using bench = await startBench(cold);
  const args = { projectId: bench.project, environmentClassId: bench.regular, minSize: 1, waitForReady: true };
  bench.declare(build(bench), { name: "pool", args, after: ["build"] });
  const { outputs } = await succeed(bench.stack.up());
  expect(outputs).toMatchObject({ build: { value: { phase: "COMPLETED" } }, pool: { value: { phase: "READY" } } });
  const writes = bench.calls().filter((rpc) => rpc.startsWith("Create"));
  expect(writes).toEqual(["CreatePrebuild", "CreateWarmPool"]);
  await succeed(bench.stack.destroy());
  expect(alive(bench)).toEqual([]);
});

test("waitForCompletion: false ends up at once, and destroy cancels and deletes the run", async () => {
  await using bench = await startBench(cold);
  bench.declare(build(bench, { waitForCompletion: false }));
  await succeed(bench.stack.up());
  expect(bench.calls()).toEqual(["CreatePrebuild"]);
  expect(kept(bench)?.outputs["phase"]).toBe("PENDING");
  await expectSettled(bench);
  await succeed(bench.stack.destroy());
  const calls = bench.calls();
  expect(calls.filter((rpc) => rpc !== "GetPrebuild")).toEqual(["CancelPrebuild", "DeletePrebuild"]);
  expect(alive(bench)).toEqual([]);
});

test("customTimeouts limit the wait, the run stays in state, and the next up continues to wait", async () => {
  await using bench = await startBench(cold);
  bench.declare(build(bench, {}, { customTimeouts: { create: "5s" } }));
  const result = await bench.stack.up();
  expect(result.exitCode).toBe(1);
  const { id } = kept(bench) ?? {};
  expect(result.text).toContain(`The prebuild ${id} did not complete within 5s (RUNNING)`);
  expect(alive(bench)).toMatchObject([{ id }]);
  bench.calls();
  const { changeSummary } = await succeed(bench.stack.up());
  expect(changeSummary).toMatchObject({ update: 1 });
  expect(new Set(bench.calls())).toEqual(new Set(["GetPrebuild"]));
  expect(kept(bench)).toMatchObject({ id, outputs: { phase: "COMPLETED" } });
  await expectSettled(bench);
});
