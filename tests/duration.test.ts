/** Durations as people write and read them. */
import fc from "fast-check";
import { formatDuration, parseDuration } from "../src/duration.js";

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["1.h", 3_600_000],
  [".5s", 500],
  ["1m5s", 65_000],
  ["5m1ms", 300_001],
  ["1us", 0.001],
  ["1µs", 0.001],
  ["1\u03bcs", 0.001],
  ["10ns", 0.000_01],
  ["0s", 0],
  ["1s1s", 2_000],
  ["  20m ", 1_200_000],
  ["1000h", 3_600_000_000],
])("%j is %d ms, as Go reads it", (text, milliseconds) => {
  expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
});

test.each([
  "",
  " ",
  "90",
  "s",
  ".s",
  "-1s",
  "+1s",
  "1 s",
  "1h 30m",
  "1d",
  "1S",
  "1e3s",
  "1,5h",
  "NaNs",
  "٣s",
  "1s\n2s",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, "0s"],
  [-5, "0s"],
  [499, "0s"],
  [500, "1s"],
  [59_600, "1m"],
  [60_000, "1m"],
  [125_000, "2m5s"],
  [3_600_000, "1h"],
  [5_400_000, "1h30m"],
  [3_601_000, "1h1s"],
  [90_061_000, "25h1m1s"],
])("%d ms reads %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test("what is shown can be written again", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
    }),
  );
});

test("no text takes long to be judged", () => {
  const hostile = `${"1".repeat(50_000)}${"1s".repeat(50_000)}x`;
  const start = performance.now();
  expect(parseDuration(hostile)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});
