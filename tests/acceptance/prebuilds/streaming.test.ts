/** Logs stream through a real provider process. */
import { build } from "../../support/prebuild-stack";
import { startBench } from "../../support/warm-pools";

const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`);

test.each(["follow", "soFar", "fromNow"] as const)(
  "each line of a run's log is printed once as it arrives (%s)",
  async (liveLogs) => {
    await using bench = await startBench();
    bench.sim.setUnknowns({ liveLogs });
    bench.sim.nextPrebuild({ log: ten.join("\n") });
    bench.sim.fault({ rpc: "PrebuildLogs", nth: 2, html: { status: 502 } });
    bench.declare(build(bench, { logs: "stream" }));
    const result = await bench.stack.up();
    const said = [...result.text.matchAll(/line \d+/g)].map(([line]) => line);
    expect(result.exitCode).toBe(0);
    expect(said.toSorted()).toEqual(ten.toSorted());
  },
);

test("the engine's color markers in a log line are printed as text", async () => {
  await using bench = await startBench();
  bench.sim.nextPrebuild({ log: "a <{%fg 1%}>red<{%reset%}> line\n" });
  bench.declare(build(bench, { logs: "stream" }));
  expect((await bench.stack.up()).text).toContain("build | a <{ %fg 1%}>red<{ %reset%}> line\n");
});
