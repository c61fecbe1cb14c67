/** Each line of a log is shown once, however the server continues a log that is opened again. */
import fc from "fast-check";
import { type ReadingKind, ShownLines } from "../../../src/prebuild/log/dedupe.js";

/** Reads these lines and returns the shown ones. A last line that starts with `~` is unfinished. */
function read(shown: ShownLines, kind: ReadingKind, lines: readonly string[]): string[] {
  const reading = shown.startReading(kind);
  const whole = lines.filter((line) => !line.startsWith("~"));
  const spoken = whole.flatMap((line) => reading.take(line));
  reading.end(lines.find((line) => line.startsWith("~"))?.slice(1));
  return spoken;
}

/** What each reading shows, and what is left at the end. */
function readings(...all: [ReadingKind, string][]): string[] {
  const shown = new ShownLines(1_000);
  const spoken = all.map(([kind, text]) => read(shown, kind, text.split(" ")).join(" "));
  return [...spoken, shown.takeLeftover() ?? "-"];
}

test.each<[string, [ReadingKind, string][], string[]]>([
  ["that is opened once", [["unknown", "a b a"]], ["a b a", "-"]],
  [
    "that starts again",
    [
      ["unknown", "a b"],
      ["unknown", "a b c"],
    ],
    ["a b", "c", "-"],
  ],
  [
    "that starts again and ends sooner",
    [
      ["unknown", "a b c"],
      ["unknown", "a"],
      ["unknown", "a b c d"],
    ],
    ["a b c", "", "d", "-"],
  ],
  [
    "that continues",
    [
      ["unknown", "a b"],
      ["unknown", "c d"],
      ["unknown", "e"],
    ],
    ["a b", "c d", "e", "-"],
  ],
  [
    "that continues with a line like its first",
    [
      ["unknown", "a b"],
      ["unknown", "a c b"],
    ],
    ["a b", "a c b", "-"],
  ],
  [
    "with equal lines that starts again",
    [
      ["unknown", "a a"],
      ["unknown", "a a a b a"],
    ],
    ["a a", "a b a", "-"],
  ],
  [
    "that ended within a line and starts again",
    [
      ["unknown", "a ~b"],
      ["unknown", "a bc d"],
    ],
    ["a", "bc d", "-"],
  ],
  [
    "that ended within a line and continues",
    [
      ["unknown", "a ~b"],
      ["unknown", "c d"],
    ],
    ["a", "b c d", "-"],
  ],
  ["that broke within a line and never comes back", [["unknown", "a ~b"]], ["a", "b"]],
  [
    "that ended within its first line",
    [
      ["unknown", "~a"],
      ["unknown", "ab c"],
    ],
    ["", "ab c", "-"],
  ],
  [
    "that is archived",
    [
      ["unknown", "a b"],
      ["whole", "a b c"],
    ],
    ["a b", "c", "-"],
  ],
  [
    "that was read from its middle and is archived",
    [
      ["unknown", "c d"],
      ["whole", "a b c d e"],
    ],
    ["c d", "a b e", "-"],
  ],
  [
    "that had gaps and is archived",
    [
      ["unknown", "a b"],
      ["unknown", "e"],
      ["whole", "a b c d e f"],
    ],
    ["a b", "e", "c d f", "-"],
  ],
  [
    "that ended before a line break and is archived",
    [
      ["unknown", "a ~b"],
      ["unknown", "e"],
      ["whole", "a b e b"],
    ],
    ["a", "b e", "b", "-"],
  ],
  [
    "that ended within a line and is archived",
    [
      ["unknown", "a ~b"],
      ["unknown", "e"],
      ["whole", "a bc e"],
    ],
    ["a", "b e", "bc", "-"],
  ],
  [
    "whose last line is unfinished",
    [
      ["unknown", "a ~b"],
      ["whole", "a ~b"],
    ],
    ["a", "", "b"],
  ],
  [
    "whose archive is read twice",
    [
      ["unknown", "b"],
      ["whole", "a b"],
      ["whole", "a b b"],
    ],
    ["b", "a", "b", "-"],
  ],
])("shows each line once of a log %s", (_what, all, spoken) => {
  expect(readings(...all)).toEqual(spoken);
});

const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 40 });

test("shows each line once of a log that starts again, wherever it ended", () => {
  fc.assert(
    fc.property(lines, fc.array(fc.nat(40)), (log, breaks) => {
      const shown = new ShownLines(1_000);
      const parts = [...breaks, log.length].map((end) => read(shown, "unknown", log.slice(0, end)));
      expect(parts.flat()).toEqual(log);
    }),
  );
});

test("shows only the missing lines of the archive", () => {
  fc.assert(
    fc.property(lines, fc.nat(40), (log, from) => {
      const shown = new ShownLines(1_000);
      const spoken = [...read(shown, "unknown", log.slice(from)), ...read(shown, "whole", log)];
      expect(spoken.toSorted()).toEqual(log.toSorted());
    }),
  );
});

test("limits the number of shown lines", () => {
  const shown = new ShownLines(3);
  expect(read(shown, "unknown", ["a", "b"])).toEqual(["a", "b"]);
  expect(shown.full).toBe(false);
  expect(read(shown, "whole", ["a", "b", "c", "d"])).toEqual(["c"]);
  expect([shown.full, shown.count]).toEqual([true, 3]);
});
