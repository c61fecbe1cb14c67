/** Durations as people write and read them. */
import fc from "fast-check";
import { formatDuration, parseGoDuration, parseHumanDuration } from "../../src/util/duration.js";

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
  expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
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
  expect(parseGoDuration(text)).toBeUndefined();
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

test("parses what it formats", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (seconds) => {
      expect(parseGoDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
    }),
  );
});

test("parses any text quickly", () => {
  const hostile = `${"1".repeat(50_000)}${"1s".repeat(50_000)}x`;
  const start = performance.now();
  expect(parseGoDuration(hostile)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});

describe("a duration as users write it", () => {
  test.each([
    [2700, 2_700_000],
    [0.5, 500],
    [-5, -5_000],
    ["2700", 2_700_000],
    [" 300 ", 300_000],
    ["300.5", 300_500],
    ["45m", 2_700_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["300000ms", 300_000],
    ["1h 30m", 5_400_000],
    ["45 m", 2_700_000],
    ["45M", 2_700_000],
    ["2H", 7_200_000],
    ["45 min", 2_700_000],
    ["45mins", 2_700_000],
    ["1 hour", 3_600_000],
    ["1.5 hours", 5_400_000],
    ["2 hrs", 7_200_000],
    ["1 Hour, 30 Minutes", 5_400_000],
    ["1 hour and 30 minutes", 5_400_000],
    ["1hour30minutes", 5_400_000],
    ["90 secs", 90_000],
    ["600 seconds", 600_000],
    [".5 hours", 1_800_000],
    ["PT45M", 2_700_000],
    ["PT1H30M", 5_400_000],
    ["pt2h", 7_200_000],
    ["PT1H1M1S", 3_661_000],
    ["PT0.5H", 1_800_000],
    ["PT1H0,5M", 3_630_000],
    ["PT300.5S", 300_500],
  ])("such as %j is %d ms", (value, milliseconds) => {
    expect(parseHumanDuration(value)).toBeCloseTo(milliseconds, 6);
  });

  test.each([
    NaN,
    Infinity,
    "",
    " ",
    "and",
    ",",
    "soon",
    "one hour",
    "-45m",
    "+300",
    "1e3",
    "0x10",
    "1,5h",
    "1h-30m",
    "5 months",
    "5 millis",
    "3 days",
    "PT",
    "P1D",
    "PT45",
    "PT1.5H30M",
    "PT30M1H",
    "-PT45M",
    "PT 45M",
    "1:30:00",
    "45m left",
    "٤٥m",
    "45 andm",
  ])("such as %j is none", (value) => {
    expect(parseHumanDuration(value)).toBeUndefined();
  });

  test("may be any Go duration", () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(parseHumanDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });

  test("is not found in random text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const milliseconds = parseHumanDuration(text);
        expect(milliseconds === undefined || milliseconds >= 0).toBe(true);
        if (!/\d/.test(text)) expect(milliseconds).toBeUndefined();
      }),
    );
  });

  test("is parsed quickly however long the text is", () => {
    const start = performance.now();
    for (const text of ["1".repeat(100_000) + "x", "1 ".repeat(50_000), "1" + " ".repeat(100_000) + "x"]) {
      expect(parseHumanDuration(text)).toBeUndefined();
    }
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
