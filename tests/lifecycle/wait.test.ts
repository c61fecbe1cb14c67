/** A wait: how often it polls, what it reports, and when it fails. */
import { OnaError } from "../../src/client/index.js";
import {
  type Decision,
  pollInterval,
  startDeadline,
  type Wait,
  waitFor,
  WaitTimeoutError,
} from "../../src/lifecycle/wait.js";
import type { Clock } from "../../src/util/clock.js";
import { FakeClock } from "../support/fake-clock.js";

/** What a poll returns; undefined: no response. */
type Poll = string | Error | undefined;

interface Watch {
  readonly clock: FakeClock;
  /** When each poll happened, in milliseconds. */
  readonly polls: number[];
  readonly lines: string[];
  readonly result: Promise<string>;
  readonly stop: AbortController;
}

const outage = new OnaError({ rpc: "GetWarmPool", code: "unavailable", origin: "api", detail: "" });
const forbidden = new Error("forbidden");

/** Waits for "ready". Each poll returns what `see` returns for its time. */
function watch(see: (at: number) => Poll, overrides: Partial<Wait<string, string>> & { limit?: number } = {}): Watch {
  const clock = new FakeClock();
  const polls: number[] = [];
  const lines: string[] = [];
  const stop = new AbortController();
  const deadline = startDeadline(clock, overrides.limit ?? 1_200_000);
  const decide = (seen: string): Decision<string> =>
    seen === "ready" ? { kind: "done", result: seen } : { kind: "wait", status: seen };
  const result = waitFor<string, string>({
    observe: async (signal) => {
      polls.push(clock.monotonic());
      const seen = see(clock.monotonic());
      if (seen === undefined) return hang(signal);
      if (seen instanceof Error) throw seen;
      return seen;
    },
    decide,
    report: (line) => lines.push(line),
    clock,
    deadline: { ...deadline, signal: AbortSignal.any([deadline.signal, stop.signal]) },
    ...overrides,
  }).finally(() => deadline.end());
  result.catch(() => undefined);
  return { clock, polls, lines, result, stop };
}

/** Only the signal ends it. */
const hang = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("polls come after 1 s, then in intervals that grow by half up to 10 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 100].map(pollInterval)).toEqual([
    1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75, 10_000, 10_000,
  ]);
});

test("a wait polls at once, and then by the schedule", async () => {
  const { clock, polls, result } = watch((at) => (at < 20_000 ? "pending" : "ready"));
  await expect(clock.run(result)).resolves.toBe("ready");
  expect(polls).toEqual([0, 1_000, 2_500, 4_750, 8_125, 13_187.5, 20_781.25]);
  expect(clock.pending).toEqual([]);
});

test("after a new stage a wait polls quickly again", async () => {
  const { clock, polls, result } = watch((at) => (at < 15_000 ? "running" : at < 24_000 ? "snapshot" : "ready"), {
    decide: (seen) =>
      seen === "ready" ? { kind: "done", result: seen } : { kind: "wait", status: "slow", stage: seen },
  });
  await clock.run(result);
  expect(polls).toEqual([0, 1_000, 2_500, 4_750, 8_125, 13_187.5, 20_781.25, 21_781.25, 23_281.25, 25_531.25]);
});

test("a wait that starts with a known object polls after the first interval, or never if the object is ready", async () => {
  const later = watch((at) => (at < 2_000 ? "pending" : "ready"), { first: "pending" });
  await later.clock.run(later.result);
  expect(later.polls).toEqual([1_000, 2_500]);
  const already = watch(() => "pending", { first: "ready" });
  await already.clock.run(already.result);
  expect(already.polls).toEqual([]);
});

test("a wait reports a new status at once, with the elapsed time", async () => {
  const { clock, lines, result } = watch((at) => (at < 4_000 ? "pending" : at < 8_000 ? "starting" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["pending (0s)", "starting (5s)"]);
});

test("a wait is never silent for more than 30 s", async () => {
  const { clock, lines, result } = watch((at) => (at < 95_000 ? "pending" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["pending (0s)", "pending (30s)", "pending (1m)", "pending (1m30s)"]);
});

test("a wait also reports while a poll gets no response", async () => {
  const { clock, lines, result } = watch((at) => (at < 1_000 ? "pending" : undefined), { limit: 70_000 });
  await expect(clock.run(result)).rejects.toThrow("not finished within 1m10s: pending");
  expect(lines).toEqual(["pending (0s)", "pending (30s)", "pending (1m)"]);
});

test("a new status restarts the 30 s", async () => {
  const { clock, lines, result } = watch((at) => (at < 20_000 ? "a" : at < 60_000 ? "b" : "ready"));
  await clock.run(result);
  expect(lines).toEqual(["a (0s)", "b (21s)", "b (51s)"]);
});

describe("at the deadline a wait", () => {
  test("fails with the whole timeout and the last status", async () => {
    const { clock, result } = watch(() => "pending", { limit: 65_000 });
    const error: unknown = await clock.run(result).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ message: "not finished within 1m5s: pending", status: "pending", timeoutMs: 65_000 });
    expect(clock.monotonic()).toBe(65_000);
    expect(clock.pending).toEqual([]);
  });

  test("names a timeout that started before the wait", async () => {
    const clock = new FakeClock();
    const deadline = startDeadline(clock, 60_000);
    await clock.advance(50_000);
    const wait = waitFor<string, string>({
      observe: async () => "x",
      decide: (status) => ({ kind: "wait", status }),
      report: () => undefined,
      clock,
      deadline,
    });
    await expect(clock.run(wait)).rejects.toThrow(new WaitTimeoutError(60_000, "x"));
    expect(clock.monotonic()).toBe(60_000);
  });

  test("stops a poll that gets no response", async () => {
    const { clock, result } = watch(() => undefined, { limit: 10_000 });
    await expect(clock.run(result)).rejects.toThrow(new WaitTimeoutError(10_000, "no response yet"));
  });
});

describe("when polls fail", () => {
  test("a wait retries an outage of less than two minutes and reports it", async () => {
    const { clock, lines, result } = watch((at) => (at < 100_000 ? outage : "ready"));
    await expect(clock.run(result)).resolves.toBe("ready");
    expect(lines[0]).toMatch(/^GetWarmPool: the Ona API answered unavailable.*; trying again \(0s\)$/);
    expect(lines).toHaveLength(4);
  });

  test("a wait ends after an outage of two minutes", async () => {
    const { clock, result } = watch(() => outage);
    await expect(clock.run(result)).rejects.toBe(outage);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(120_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(130_000);
  });

  test("a success in between restarts the two minutes", async () => {
    const { clock, result } = watch((at) => (at > 300_000 ? "ready" : at > 90_000 && at < 100_000 ? "up" : outage));
    await expect(clock.run(result)).rejects.toBe(outage);
    expect(clock.monotonic()).toBeGreaterThan(210_000);
  });

  test("an outage counts from the first failure, and includes the duration of later polls", async () => {
    const clock = new FakeClock();
    const deadline = startDeadline(clock, 3_600_000);
    let polls = 0;
    const wait = waitFor<string, string>({
      observe: async () => {
        polls++;
        await clock.sleep(130_000);
        throw outage;
      },
      decide: (status) => ({ kind: "wait", status }),
      report: () => undefined,
      clock,
      deadline,
    });
    await expect(clock.run(wait)).rejects.toBe(outage);
    expect(polls).toBe(2);
  });

  test.each(["in a pause before the first failure", "in a pause after it", "in the first poll that fails"])(
    "an hour in which the machine was suspended is no outage: %s",
    async (when) => {
      const clock = new FakeClock();
      const suspend = async () => void (await clock.sleep(3_600_000));
      const sleep = clock.sleep.bind(clock);
      let pauses = 0;
      const suspended = when === "in a pause after it" ? 2 : when === "in a pause before the first failure" ? 1 : 0;
      const jumping: Clock = {
        monotonic: () => clock.monotonic(),
        wall: () => clock.wall(),
        async sleep(milliseconds, signal) {
          await sleep(milliseconds, signal);
          // Other sleeps are those of the deadline and of the report.
          if (milliseconds === pollInterval(pauses) && ++pauses === suspended) await suspend();
        },
      };
      const deadline = startDeadline(clock, 24 * 3_600_000);
      let polls = 0;
      const wait = waitFor<string, string>({
        observe: async () => {
          if (++polls === 1 && suspended > 0) return "pending";
          if (polls === 1) await suspend();
          if (polls < 4) throw outage;
          return "ready";
        },
        decide: (seen) => (seen === "ready" ? { kind: "done", result: seen } : { kind: "wait", status: seen }),
        report: () => undefined,
        clock: jumping,
        deadline,
      });
      await expect(clock.run(wait)).resolves.toBe("ready");
      expect(clock.monotonic()).toBeGreaterThan(3_600_000);
      deadline.end();
    },
  );

  test("a wait ends at once after an error that is not transient", async () => {
    const { clock, result, polls } = watch((at) => (at < 3_000 ? "pending" : forbidden));
    await expect(clock.run(result)).rejects.toBe(forbidden);
    expect(polls).toHaveLength(4);
  });
});

test("an error of decide ends the wait", async () => {
  const { clock, result } = watch(() => "odd", {
    decide: () => {
      throw forbidden;
    },
  });
  await expect(clock.run(result)).rejects.toBe(forbidden);
  expect(clock.pending).toEqual([]);
});

describe("an outer signal", () => {
  test("ends a pause with its reason", async () => {
    const { clock, result, stop } = watch(() => "pending");
    await clock.advance(5_000);
    stop.abort(new Error("stopped"));
    await expect(result).rejects.toThrow("stopped");
    expect(clock.pending).toEqual([]);
  });

  test("ends a poll", async () => {
    const { clock, result, stop } = watch(() => undefined);
    await clock.advance(5_000);
    stop.abort(new Error("stopped"));
    await expect(result).rejects.toThrow("stopped");
  });
});
