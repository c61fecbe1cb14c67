/** Prebuilds that fail, are canceled, are deleted by others, or expire. */
import { alive, build, kept } from "../../support/prebuild-stack";
import { type Bench, expectSettled, startBench, succeed } from "../../support/warm-pools";

const days = 24 * 3_600_000;

async function upFails(bench: Bench): Promise<string> {
  const result = await bench.stack.up();
  if (result.exitCode !== 1) throw new Error(`exit status ${result.exitCode} instead of 1\n${result.text}`);
  return result.text;
}

test("up fails with the server's message and the end of the log if the run fails, and the next up runs it again", async () => {
  await using bench = await startBench();
  const log = Array.from({ length: 250 }, (_, line) => `line ${line + 1}`).join("\n");
  bench.sim.nextPrebuild({ end: "failed", message: "npm ci exited with 1", log });
  bench.declare(build(bench));
  const text = await upFails(bench);
  const id = kept(bench)?.id ?? "";
  expect(text).toContain(`The prebuild ${id} FAILED: npm ci exited with 1. The next \`pulumi up\` runs it again.`);
  expect(text).toContain("the last 200 of the 250 lines of its log:");
  expect([...text.matchAll(/build \| (line \d+)$/gm)].map(([, line]) => line)).toEqual(log.split("\n").slice(50));
  expect(kept(bench)?.outputs["phase"]).toBe("FAILED");

  const { operations, text: previewed } = await succeed(bench.stack.preview());
  expect(operations.map(({ op }) => op)).toContain("replace");
  expect(previewed).toContain(`prebuild build (${id}): it FAILED: npm ci exited with 1. \`pulumi up\` runs it again`);
  await succeed(bench.stack.up());
  expect(bench.sim.prebuild(id).phase).toBe("DELETED");
  expect(alive(bench)).toMatchObject([{ phase: "COMPLETED" }]);
  await expectSettled(bench);
});

test("a run that someone cancels is run again, even after a refresh", async () => {
  await using bench = await startBench();
  bench.sim.nextPrebuild({ end: "cancelled", message: "not today" });
  bench.declare(build(bench, { logs: "none" }));
  expect(await upFails(bench)).toContain(" was CANCELLED: not today");
  expect(bench.calls()).not.toContain("PrebuildLogs");
  await succeed(bench.stack.refresh());
  expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ replace: 1 });
  await expectSettled(bench);
});

test("up shows a warning of the server once", async () => {
  await using bench = await startBench();
  bench.sim.nextPrebuild({ end: "completed", message: "the cache is stale" });
  bench.declare(build(bench));
  const { text } = await succeed(bench.stack.up());
  expect(text.match(/warning: prebuild build \([-0-9a-f]+\): the server warns: the cache is stale/g)).toHaveLength(1);
});

test.each(["not_found", "deleted"] as const)(
  "an expired prebuild (%s) stays in state without drift until recreateWhenExpired is set",
  async (deletedPrebuild) => {
    await using bench = await startBench({ simulator: { unknowns: { deletedPrebuild } } });
    bench.declare(build(bench));
    await succeed(bench.stack.up());
    const id = kept(bench)?.id;
    bench.sim.clock.advance(21 * days);
    await succeed(bench.stack.refresh({ previewOnly: true, expectNoChanges: true }));
    await succeed(bench.stack.refresh());
    expect(kept(bench)).toMatchObject({ id, outputs: { expired: true, phase: "COMPLETED" } });
    await expectSettled(bench);

    bench.declare(build(bench, { recreateWhenExpired: true }));
    expect((await succeed(bench.stack.up())).changeSummary).toMatchObject({ replace: 1 });
    expect(alive(bench)).toMatchObject([{ phase: "COMPLETED" }]);
    await expectSettled(bench);
    bench.sim.clock.advance(8 * days);
    expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
    await succeed(bench.stack.up({ refresh: true }));
    expect(alive(bench)).toHaveLength(1);
    await succeed(bench.stack.destroy());
    expect(alive(bench)).toEqual([]);
  },
);

test("a missing prebuild was deleted before 6 days and 23 hours, and has expired after that", async () => {
  for (const [age, gone] of [
    [7 * days - 3_600_000 - 60_000, true],
    [7 * days - 3_600_000 + 60_000, false],
  ] as const) {
    await using bench = await startBench();
    bench.declare(build(bench));
    await succeed(bench.stack.up());
    const created = Date.parse(alive(bench)[0]?.createdAt ?? "");
    bench.sim.clock.advance(created + age - bench.sim.clock.now());
    bench.sim.remove(kept(bench)?.id ?? "");
    await succeed(bench.stack.refresh());
    expect(kept(bench) === undefined).toBe(gone);
  }
});

test("a prebuild that someone deletes is drift and is run again", async () => {
  await using bench = await startBench();
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  const id = kept(bench)?.id ?? "";
  bench.sim.drain(id);
  const { text } = await succeed(bench.stack.refresh());
  expect(text).toContain("it is DELETING, and stays in state until it is gone");
  bench.sim.clock.advance(60_000);
  expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({ exitCode: 7 });
  await succeed(bench.stack.up({ refresh: true }));
  expect(kept(bench)?.id).not.toBe(id);
  await expectSettled(bench);
});

test.each([
  [{ deleteRunning: "failed_precondition" }],
  [{ cancelFinished: "invalid_argument" }],
  [{ deleteAgain: "not_found" }],
] as const)("destroy removes a run in any phase (%j)", async (unknowns) => {
  await using bench = await startBench({ simulator: { unknowns } });
  for (const wait of [0, 5_000, 15_000, 30_000]) {
    bench.declare(build(bench, { waitForCompletion: false }));
    await succeed(bench.stack.up());
    bench.sim.clock.advance(wait);
    await succeed(bench.stack.destroy());
    expect(alive(bench)).toEqual([]);
  }
  bench.declare(build(bench, { waitForCompletion: false }));
  await succeed(bench.stack.up());
  bench.sim.cancelPrebuild(kept(bench)?.id ?? "");
  await succeed(bench.stack.destroy());
  expect(alive(bench)).toEqual([]);
});
