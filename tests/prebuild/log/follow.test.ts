/** The log of a run, followed line by line; against the simulator, and against answers that it does not give. */
import { setImmediate } from "node:timers/promises";
import { logsToken, open, scriptedLog, settle, type SimulatedLog, simulatedLog } from "../../support/logs.js";
import { until } from "../../support/until.js";
import { page, redirect, silence, text } from "../../support/wire-server.js";

const never = new AbortController().signal;
/** One line a second, from the third second of the run on. */
const ten = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const tenLines = ten.join("\n");

/** The run ends, and the log with it. */
async function finish({ simulator, prebuild, clock, follower }: SimulatedLog): Promise<void> {
  simulator.clock.advance(60_000);
  await settle(clock, follower.finish(prebuild.logUrl, never));
}

describe("a log that is followed", () => {
  test("is shown while it is written, and once although the archive repeats it", async () => {
    await using bench = await simulatedLog(tenLines);
    bench.follower.seen(undefined);
    await bench.advance(5_500);
    bench.follower.seen(bench.prebuild.logUrl);
    await until(() => bench.lines.length === 3);
    await bench.advance(2_000);
    bench.follower.seen(bench.prebuild.logUrl);
    await until(() => bench.lines.length === 5);
    await finish(bench);
    expect(bench.lines).toEqual(ten);
    expect(bench.warnings).toEqual([]);
    expect(bench.readings().map(({ path }) => path)).toEqual(["logs", "archive"]);
    expect(bench.tokens()).toBe(1);
  });

  test("is polled with pauses if a request returns only the lines so far", async () => {
    await using bench = await simulatedLog(tenLines, "soFar");
    await bench.advance(4_500);
    bench.follower.seen(bench.prebuild.logUrl);
    const at: number[] = [];
    for (let reading = 1; reading <= 9; reading++) {
      await bench.asked(reading);
      at.push(bench.clock.monotonic());
      await until(() => bench.clock.pending.length === 1 && bench.clock.pending[0] !== 60_000);
      await bench.advance(bench.clock.pending[0] ?? 0);
    }
    const waits = at.slice(1).map((moment, index) => moment - (at[index] ?? 0));
    expect(waits).toEqual([1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75, 10_000, 10_000]);
    await finish(bench);
    expect(bench.lines).toEqual(ten);
    expect(bench.warnings).toEqual([]);
  });

  test("is completed from the archive if a request returns only new lines", async () => {
    await using bench = await simulatedLog(tenLines, "fromNow");
    await bench.advance(5_500);
    bench.follower.seen(bench.prebuild.logUrl);
    await bench.asked(1);
    await bench.advance(2_000);
    await until(() => bench.lines.length === 2);
    await finish(bench);
    expect(bench.lines).toEqual(["d", "e", "f", "g", "h", "i", "j", "a", "b", "c"]);
  });

  test("is followed to a new address", async () => {
    await using bench = await simulatedLog(tenLines, "fromNow");
    await bench.advance(5_500);
    const live = bench.prebuild.logUrl;
    bench.follower.seen(live);
    await bench.asked(1);
    await bench.advance(60_000);
    bench.follower.seen(bench.prebuild.logUrl);
    await until(() => bench.lines.length === 10);
    bench.follower.seen(bench.prebuild.logUrl);
    await finish(bench);
    expect(bench.lines.toSorted()).toEqual(ten);
  });

  test.each(["follow", "fromNow"] as const)("is shown once although it breaks off repeatedly: %s", async (liveLogs) => {
    await using bench = await simulatedLog(tenLines, liveLogs);
    bench.simulator.fault({ rpc: "PrebuildLogs", times: 4, truncated: true });
    bench.simulator.fault({ rpc: "PrebuildLogs", times: 1, reset: "after" });
    await bench.advance(5_500);
    bench.follower.seen(bench.prebuild.logUrl);
    for (let reading = 1; reading <= 5; reading++) {
      await bench.asked(reading);
      await bench.advance(1_500);
    }
    await finish(bench);
    expect(liveLogs === "follow" ? bench.lines : bench.lines.toSorted()).toEqual(ten);
    expect(bench.warnings).toEqual([]);
  });

  test("survives proxy pages and lost connections without a warning", async () => {
    await using bench = await simulatedLog(tenLines);
    bench.simulator.fault({ rpc: "PrebuildLogs", times: 3, html: { status: 502 } });
    bench.simulator.fault({ rpc: "PrebuildLogs", reset: "before" });
    bench.simulator.fault({ rpc: "PrebuildLogs", error: { code: "unavailable" } });
    await bench.advance(4_500);
    bench.follower.seen(bench.prebuild.logUrl);
    await settle(
      bench.clock,
      until(() => bench.lines.length === 2),
    );
    bench.simulator.fault({ rpc: "PrebuildLogs", times: 2, html: { status: 502 } });
    await finish(bench);
    expect(bench.lines).toEqual(ten);
    expect(bench.warnings).toEqual([]);
  });

  test("waits as long as a rate limit requires", async () => {
    await using bench = await simulatedLog(tenLines);
    bench.simulator.fault({ rpc: "PrebuildLogs", error: { code: "resource_exhausted", rateLimitRetryAfter: 20 } });
    await bench.advance(4_500);
    bench.follower.seen(bench.prebuild.logUrl);
    await until(() => bench.clock.pending.includes(20_000));
    bench.follower.stop();
  });

  test("is opened with a new token after the old one expired", async () => {
    await using bench = await simulatedLog(tenLines);
    await bench.advance(4_500);
    bench.simulator.fault({ rpc: "PrebuildLogs", truncated: true });
    bench.follower.seen(bench.prebuild.logUrl);
    await bench.asked(1);
    // The server's hour is over, while ours has hardly begun.
    bench.simulator.clock.advance(3_600_000);
    await settle(
      bench.clock,
      until(() => bench.lines.length === 10),
    );
    expect(bench.tokens()).toBe(2);
    expect(bench.readings().map(({ status }) => status)).toEqual([200, 401, 200]);
    await finish(bench);
    expect(bench.lines).toEqual(ten);
    expect(bench.warnings).toEqual([]);
  });

  test("is opened with a new token before the old one expires", async () => {
    const live = open("a\n");
    await using bench = await scriptedLog(live.reply, text(200, "a\nb\n"));
    bench.follower.seen(bench.url);
    await until(() => bench.lines.length === 1);
    await bench.clock.advance(55 * 60_000);
    live.end();
    await until(() => bench.clock.pending.includes(1_000));
    await bench.clock.advance(1_000);
    await until(() => bench.lines.length === 2);
    expect(bench.tokens).toHaveLength(2);
    expect(bench.server.requests.map(({ headers }) => headers.authorization)).toEqual(
      bench.tokens.map((token) => `Bearer ${token}`),
    );
    bench.follower.stop();
  });

  test.each([401, 403])(
    "is given up with one warning if no token opens it (HTTP %d), and tried again at the end",
    async (status) => {
      await using bench = await scriptedLog(text(status, "no"), text(200, "a\n"));
      bench.follower.seen(bench.url);
      await until(() => bench.warnings.length === 1);
      expect(bench.warnings[0]).toMatch(/^could not read the log; the run continues: PrebuildLogs: HTTP \d+ /);
      await bench.clock.advance(600_000);
      expect(bench.server.requests).toHaveLength(1);
      await settle(bench.clock, bench.follower.finish(bench.url, never));
      expect(bench.lines).toEqual(["a"]);
      expect(bench.warnings).toHaveLength(1);
    },
  );

  test("is given up with the API's reason if the API refuses a token", async () => {
    await using bench = await simulatedLog(tenLines);
    bench.simulator.fault({ rpc: "CreatePrebuildLogsToken", times: "always", error: { code: "permission_denied" } });
    await bench.advance(4_500);
    bench.follower.seen(bench.prebuild.logUrl);
    await until(() => bench.warnings.length === 1);
    await finish(bench);
    expect(bench.lines).toEqual([]);
    expect(bench.warnings).toHaveLength(1);
    expect(bench.warnings[0]).toContain("CreatePrebuildLogsToken: the Ona API answered permission_denied");
  });

  test("causes one warning after an outage of a minute and is shown afterwards", async () => {
    await using bench = await scriptedLog(...Array.from({ length: 12 }, () => page(502)), text(200, "a\n"));
    bench.follower.seen(bench.url);
    await settle(
      bench.clock,
      until(() => bench.lines.length === 1),
    );
    expect(bench.warnings).toHaveLength(1);
    expect(bench.warnings[0]).toMatch(
      /^could not read the log; retrying while the run continues: PrebuildLogs: HTTP 502/,
    );
    expect(bench.clock.monotonic()).toBeGreaterThan(60_000);
    bench.follower.stop();
  });

  test.each([
    ["another origin", redirect(302, "https://bucket.example/log"), "https://bucket.example/log"],
    ["a page", page(200), "an HTML page instead of the log"],
  ])("is given up if it leads to %s, without sending the token there", async (_what, reply, why) => {
    await using bench = await scriptedLog(reply, reply);
    bench.follower.seen(bench.url);
    await until(() => bench.warnings.length === 1);
    await settle(bench.clock, bench.follower.finish(undefined, never));
    expect(bench.warnings).toHaveLength(1);
    expect(bench.warnings[0]).toContain(why);
    expect(bench.warnings[0]).not.toContain(logsToken);
  });

  test("shows no token and no terminal control sequences", async () => {
    const hostile = Buffer.concat([
      Buffer.from(`\x1b]0;title\x07\x1b[31merror\x1b[0m \u202etxt.exe\nAuthorization: Bearer ${logsToken}\n1%\r2%\r`),
      Buffer.of(0xff, 0xc3, 0x0a),
      Buffer.from(`\x1bPq\x1b\\\tend\n\n${"x".repeat(5_000)}\n`),
    ]);
    await using bench = await scriptedLog((response) => void response.end(hostile), text(200, ""));
    bench.follower.seen(bench.url);
    await until(() => bench.clock.pending.includes(1_000));
    await settle(bench.clock, bench.follower.finish(undefined, never));
    expect(bench.lines.join("\n")).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    expect(bench.lines.join("\n")).not.toContain(logsToken);
    expect(bench.lines).toEqual([
      "error txt.exe",
      "Authorization: Bearer [token]",
      "\u{fffd}\u{fffd}",
      "    end",
      "",
      `${"x".repeat(4_000)}… (5000 characters)`,
    ]);
  });

  test("waits for an archive that appears late", async () => {
    await using bench = await scriptedLog(
      text(200, "a\nb"),
      text(404, "no"),
      page(502),
      text(404, "no"),
      text(200, "a\nb"),
    );
    bench.follower.seen(bench.url);
    await until(() => bench.clock.pending.includes(1_000));
    await settle(bench.clock, bench.follower.finish(`${bench.server.origin}/archive/1`, never));
    expect(bench.lines).toEqual(["a", "b"]);
    expect(bench.warnings).toEqual([]);
    expect(bench.clock.slept.filter((slept) => slept <= 2_000)).toEqual([500, 1_000, 2_000]);
  });

  test("is shown to its last character without an archive, with the reason", async () => {
    await using bench = await scriptedLog(text(200, "a\nb"), ...Array.from({ length: 6 }, () => text(404, "no")));
    bench.follower.seen(bench.url);
    await until(() => bench.clock.pending.includes(1_000));
    await settle(bench.clock, bench.follower.finish(undefined, never));
    expect(bench.lines).toEqual(["a", "b"]);
    expect(bench.warnings).toEqual([
      expect.stringMatching(
        /^could not read the end of the log: PrebuildLogs: HTTP 404 without an error from the log server/,
      ),
    ]);
    expect(bench.server.requests).toHaveLength(7);
  });

  test("is left three seconds after its run has ended, and after thirty in all", async () => {
    const [live, archive] = [open("a\n"), open("a\nb\n")];
    await using bench = await scriptedLog(live.reply, archive.reply);
    bench.follower.seen(bench.url);
    await until(() => bench.lines.length === 1);
    const finished = bench.follower.finish(undefined, never);
    await bench.clock.advance(2_999);
    expect(live.gone()).toBe(false);
    await bench.clock.advance(1);
    await until(() => live.gone() && bench.lines.length === 2);
    await bench.clock.advance(26_999);
    expect(bench.warnings).toEqual([]);
    await bench.clock.advance(1);
    await finished;
    expect(bench.lines).toEqual(["a", "b"]);
    expect(bench.warnings).toEqual([expect.stringContaining("the timeout of 30s expired")]);
  });

  test("is finished at once when the signal is aborted, without a warning", async () => {
    const live = open("a\nb");
    await using bench = await scriptedLog(live.reply, silence);
    bench.follower.seen(bench.url);
    await until(() => bench.lines.length === 1);
    const stop = new AbortController();
    const finished = bench.follower.finish(undefined, stop.signal);
    stop.abort();
    await finished;
    expect(bench.lines).toEqual(["a", "b"]);
    expect(bench.warnings).toEqual([]);
  });

  test("shows nothing after it was stopped and leaves nothing open", async () => {
    const live = open("a\n");
    await using bench = await scriptedLog(live.reply);
    bench.follower.seen(bench.url);
    await until(() => bench.lines.length === 1);
    bench.follower.stop();
    live.write("b\n");
    await until(() => live.gone());
    bench.follower.seen(`${bench.url}0`);
    await bench.follower.finish(bench.url, never);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(bench.lines).toEqual(["a"]);
    expect(bench.clock.pending).toEqual([]);
    expect(bench.server.requests).toHaveLength(1);
  });

  test("is finished silently if it never had an address", async () => {
    await using bench = await scriptedLog();
    await bench.follower.finish(undefined, never);
    expect([bench.lines, bench.warnings, bench.tokens]).toEqual([[], [], []]);
  });
});
