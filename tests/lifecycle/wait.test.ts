/** Waiting: how often it looks, what it says, and when it gives up. */
import { OnaError } from "../../src/client/index.js";
import {
  type Decision,
  pollInterval,
  startDeadline,
  type Wait,
  waitFor,
  WaitTimeoutError,
} from "../../src/lifecycle/wait.js";
import { FakeClock } from "../support/fake-clock.js";

/** What a look sees; undefined: no answer. */
type Look = string | Error | undefined;

interface Watch {
  readonly clock: FakeClock;
  /** When each look happened, in milliseconds. */
  readonly looks: number[];
  readonly lines: string[];
  readonly result: Promise<string>;
  readonly stop: AbortController;
}

const outage = new OnaError({ rpc: "GetWarmPool", code: "unavailable", origin: "api", detail: "" });
const forbidden = new Error("forbidden");

/** Waits for "ready"; the looks see what `see` gives for the time of the look. */
function watch(see: (at: number) => Look, overrides: Partial<Wait<string, string>> & { limit?: number } = {}): Watch {
  const clock = new FakeClock();
  const looks: number[] = [];
  const lines: string[] = [];
  const stop = new AbortController();
  const deadline = startDeadline(clock, overrides.limit ?? 1_200_000);
  const decide = (seen: string): Decision<string> =>
    seen === "ready" ? { kind: "done", result: seen } : { kind: "wait", status: seen };
  const result = waitFor<string, string>({
    observe: async (signal) => {
      looks.push(clock.monotonic());
      const seen = see(clock.monotonic());
      if (seen === undefined) return hang(signal);
      if (seen instanceof Error) throw seen;
      return seen;
    },
    decide,
    report: (line) => lines.push(line),
    tolerate: (error) => error === outage,
    clock,
    deadline: { ...deadline, signal: AbortSignal.any([deadline.signal, stop.signal]) },
    ...overrides,
  }).finally(() => deadline.end());
  result.catch(() => undefined);
  return { clock, looks, lines, result, stop };
}

/** What only the signal ends. */
const hang = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("polls come after 1 s, then 1.5 times as late, up to 10 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 100].map(pollInterval)).toEqual([
    1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75, 10_000, 10_000,
  ]);
});

test("it looks at once, and then by the schedule", async () => {
  const { clock, looks, result } = watch((at) => (at < 20_000 ? "pending" : "ready"));
  await expect(clock.run(result)).resolves.toBe("ready");
  expect(looks).toEqual([0, 1_000, 2_500, 4_750, 8_125, 13_187.5, 20_781.25]);
  expect(clock.pending).toEqual([]);
});

test("after another stage it looks quickly again", async () => {
  const { clock, looks, result } = watch((at) => (at < 15_000 ? "running" : at < 24_000 ? "snapshot" : "ready"), {
    decide: (seen) =>
      seen === "ready" ? { kind: "done", result: seen } : { kind: "wait", status: "slow", stage: seen },
  });
  await clock.run(result);
  expect(looks).toEqual([0, 1_000, 2_500, 4_750, 8_125, 13_187.5, 20_781.25, 21_781.25, 23_281.25, 25_531.25]);
});

test("with something seen already the first look comes after an interval, and none when that suffices", async () => {
  const later = watch((at) => (at < 2_000 ? "pending" : "ready"), { first: "pending" });
  await later.clock.run(later.result);
  expect(later.looks).toEqual([1_000, 2_500]);
  const already = watch(() => "pending", { first: "ready" });
  await already.clock.run(already.result);
  expect(already.looks).toEqual([]);
});

test("it reports what is new at once, with the time that has passed", async () => {
  const { clock, lines, result } = watch((at) => (at < 4_000 ? "pending" : at < 8_000 ? "starting" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["pending (0s)", "starting (5s)"]);
});

test("it is never silent for more than 30 s", async () => {
  const { clock, lines, result } = watch((at) => (at < 95_000 ? "pending" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["pending (0s)", "pending (30s)", "pending (1m)", "pending (1m30s)"]);
});

test("it is not silent either while a look gets no answer", async () => {
  const { clock, lines, result } = watch((at) => (at < 1_000 ? "pending" : undefined), { limit: 70_000 });
  await expect(clock.run(result)).rejects.toThrow("not finished within 1m10s: pending");
  expect(lines).toEqual(["pending (0s)", "pending (30s)", "pending (1m)"]);
});

test("a new status starts the 30 s anew", async () => {
  const { clock, lines, result } = watch((at) => (at < 20_000 ? "a" : at < 60_000 ? "b" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["a (0s)", "b (21s)", "b (51s)"]);
});

describe("at the deadline", () => {
  test("it fails with the whole limit and the last status, on the dot", async () => {
    const { clock, result } = watch(() => "pending", { limit: 65_000 });
    const error: unknown = await clock.run(result).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ message: "not finished within 1m5s: pending", status: "pending", timeout: 65_000 });
    expect(clock.monotonic()).toBe(65_000);
    expect(clock.pending).toEqual([]);
  });

  test("it names the limit that began before the wait", async () => {
    const clock = new FakeClock();
    const deadline = startDeadline(clock, 60_000);
    await clock.advance(50_000);
    const wait = waitFor<string, string>({
      observe: async () => "x",
      decide: (status) => ({ kind: "wait", status }),
      report: () => undefined,
      tolerate: () => false,
      clock,
      deadline,
    });
    await expect(clock.run(wait)).rejects.toThrow(new WaitTimeoutError(60_000, "x"));
    expect(clock.monotonic()).toBe(60_000);
  });

  test("a look that hangs is ended", async () => {
    const { clock, result } = watch(() => undefined, { limit: 10_000 });
    await expect(clock.run(result)).rejects.toThrow(new WaitTimeoutError(10_000, "no answer yet"));
  });
});

describe("when looking fails", () => {
  test("an outage of less than two minutes is borne, and told", async () => {
    const { clock, lines, result } = watch((at) => (at < 100_000 ? outage : "ready"));
    await expect(clock.run(result)).resolves.toBe("ready");
    expect(lines[0]).toMatch(/^GetWarmPool: the Ona API answered unavailable.*; asking again \(0s\)$/);
    expect(lines).toHaveLength(4);
  });

  test("an outage of two minutes ends the wait", async () => {
    const { clock, result } = watch(() => outage);
    await expect(clock.run(result)).rejects.toBe(outage);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(120_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(130_000);
  });

  test("a success in between starts the two minutes anew", async () => {
    const { clock, result } = watch((at) => (at > 300_000 ? "ready" : at > 90_000 && at < 100_000 ? "up" : outage));
    await expect(clock.run(result)).rejects.toBe(outage);
    expect(clock.monotonic()).toBeGreaterThan(210_000);
  });

  test("an outage is as long as the looks that it swallows", async () => {
    const clock = new FakeClock();
    const deadline = startDeadline(clock, 3_600_000);
    let looks = 0;
    const wait = waitFor<string, string>({
      observe: async () => {
        looks++;
        await clock.sleep(130_000);
        throw outage;
      },
      decide: (status) => ({ kind: "wait", status }),
      report: () => undefined,
      tolerate: () => true,
      clock,
      deadline,
    });
    await expect(clock.run(wait)).rejects.toBe(outage);
    expect(looks).toBe(1);
  });

  test("for a reason that does not pass, the wait ends at once", async () => {
    const { clock, result, looks } = watch((at) => (at < 3_000 ? "pending" : forbidden));
    await expect(clock.run(result)).rejects.toBe(forbidden);
    expect(looks).toHaveLength(4);
  });
});

test("what decide throws ends the wait", async () => {
  const { clock, result } = watch(() => "odd", {
    decide: () => {
      throw forbidden;
    },
  });
  await expect(clock.run(result)).rejects.toBe(forbidden);
  expect(clock.pending).toEqual([]);
});

describe("a signal from outside", () => {
  test("ends a pause with its reason", async () => {
    const { clock, result, stop } = watch(() => "pending");
    await clock.advance(5_000);
    stop.abort(new Error("stopped"));
    await expect(result).rejects.toThrow("stopped");
    expect(clock.pending).toEqual([]);
  });

  test("ends a look", async () => {
    const { clock, result, stop } = watch(() => undefined);
    await clock.advance(5_000);
    stop.abort(new Error("stopped"));
    await expect(result).rejects.toThrow("stopped");
  });
});
