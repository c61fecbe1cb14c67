/** The end of the log of a run that has failed; against the simulator, and against answers that it does not give. */
import { setImmediate } from "node:timers/promises";
import { OnaError } from "../../../src/client/index.js";
import { readTail } from "../../../src/prebuild/log/follow.js";
import { open, scriptedLog, settle, simulatedLog } from "../../support/logs.js";
import { until } from "../../support/until.js";
import { brokenOff, page, redirect, type Reply, text } from "../../support/wire-server.js";

const never = new AbortController().signal;
const tenLines = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].join("\n");

describe("the end of a log", () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

  test.each([
    [1, 0],
    [200, 0],
    [201, 1],
    [1_234, 1_034],
  ])("of %d lines omits the first %d", async (count, omitted) => {
    await using bench = await simulatedLog(numbers(count).join("\n"));
    bench.simulator.clock.advance(60_000);
    const tail = await readTail(bench.context, bench.prebuild, never);
    expect(tail).toEqual({ lines: numbers(count).slice(-200), omitted });
  });

  test("includes an unfinished last line, and is empty without a log", async () => {
    await using bench = await scriptedLog(text(200, "a\nb"), text(200, ""));
    const prebuild = { id: "1", logUrl: bench.url };
    expect(await readTail(bench.context, prebuild, never)).toEqual({ lines: ["a", "b"], omitted: 0 });
    expect(await readTail(bench.context, prebuild, never)).toEqual({ lines: [], omitted: 0 });
    expect(await readTail(bench.context, { id: "1" }, never)).toEqual({ lines: [], omitted: 0 });
    expect(bench.server.requests).toHaveLength(2);
  });

  test("is read again after a lost connection, a proxy page or a missing archive", async () => {
    const missing = text(404, JSON.stringify({ code: "not_found" }), { "content-type": "application/json" });
    await using bench = await scriptedLog(brokenOff, page(502), text(404, "no"), missing, text(200, "a\nb\n"));
    const tail = settle(bench.clock, readTail(bench.context, { id: "1", logUrl: bench.url }, never));
    expect(await tail).toEqual({ lines: ["a", "b"], omitted: 0 });
    expect(bench.clock.slept).toEqual(expect.arrayContaining([500, 1_000, 2_000, 4_000]));
  });

  test.each([
    ["a proxy that does not go away", page(502), 6],
    ["a token that is refused", text(403, "no"), 1],
    ["a redirect to elsewhere", redirect(307, "https://elsewhere.example/"), 1],
  ])("fails with the reason: %s", async (_what, reply, requests) => {
    await using bench = await scriptedLog(...Array.from({ length: 8 }, () => reply));
    const tail = readTail(bench.context, { id: "1", logUrl: bench.url }, never);
    await expect(settle(bench.clock, tail)).rejects.toThrow(OnaError);
    expect(bench.server.requests).toHaveLength(requests);
    expect(bench.clock.pending).toEqual([]);
  });

  test("is not read again if the prebuild is gone", async () => {
    await using bench = await simulatedLog(tenLines);
    bench.simulator.clock.advance(60_000);
    const { logUrl, id } = bench.prebuild;
    bench.simulator.remove(id);
    await expect(readTail(bench.context, { id, logUrl }, never)).rejects.toMatchObject({ code: "not_found" });
    expect(bench.tokens()).toBe(1);
  });

  test("contains the lines of the first minute of a log without an end", async () => {
    const endless = open("a\nb");
    await using bench = await scriptedLog(endless.reply);
    const tail = readTail(bench.context, { id: "1", logUrl: bench.url }, never);
    await until(() => bench.clock.pending.length === 1 && bench.server.requests.length === 1);
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    await bench.clock.advance(60_000);
    expect(await tail).toEqual({ lines: ["a", "b"], omitted: 0 });
  });

  test("ends with the signal", async () => {
    const endless = open("a\nb");
    await using bench = await scriptedLog(endless.reply);
    const stop = new AbortController();
    const tail = readTail(bench.context, { id: "1", logUrl: bench.url }, stop.signal);
    await until(() => bench.server.requests.length === 1);
    stop.abort(new Error("enough"));
    await expect(tail).rejects.toMatchObject({ origin: "cancelled" });
    expect(bench.clock.pending).toEqual([]);
  });

  test("takes little memory for a huge log", async () => {
    const line = `${"x".repeat(99)}\n`;
    const piece = Buffer.from(line.repeat(10_000));
    const huge: Reply = (response) => {
      let left = 40;
      const more = () => void (left-- > 0 ? response.write(piece, more) : response.end());
      more();
    };
    await using bench = await scriptedLog(huge);
    const before = process.memoryUsage().heapUsed;
    const tail = await readTail(bench.context, { id: "1", logUrl: bench.url }, never);
    expect(tail.omitted).toBe(400_000 - 200);
    expect(tail.lines).toHaveLength(200);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });
});
