/** The clock of this process. */
import timers from "node:timers/promises";
import { systemClock } from "../../src/util/clock.js";

afterEach(() => jest.restoreAllMocks());

test("splits a sleep that is longer than Node's longest timer", async () => {
  const set = jest.spyOn(timers, "setTimeout").mockResolvedValue(undefined);
  const days = 24 * 3_600_000;
  await systemClock.sleep(60 * days);
  const delays = set.mock.calls.map(([milliseconds = NaN]) => milliseconds);
  expect(delays.reduce((sum, each) => sum + each, 0)).toBe(60 * days);
  expect(Math.max(...delays)).toBeLessThan(2 ** 31);
});

test("rejects a sleep with the reason of its signal", async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await expect(sleep).rejects.toThrow("enough");
  await expect(systemClock.sleep(60_000, stop.signal)).rejects.toThrow("enough");
});

test("advances both times during a sleep", async () => {
  const [monotonic, wall] = [systemClock.monotonic(), systemClock.wall()];
  await systemClock.sleep(2);
  expect(systemClock.monotonic()).toBeGreaterThan(monotonic);
  expect(systemClock.wall()).toBeGreaterThanOrEqual(wall);
});
