/** The lines of a log as people read them. */
import fc from "fast-check";
import { LogLines } from "../../../src/prebuild/log/lines.js";

/** The lines of a text that comes in these pieces, and what is left. */
function linesOf(...pieces: readonly string[]): (string | undefined)[] {
  const lines = new LogLines((text) => text.replaceAll("secret", "[token]"));
  const whole = pieces.flatMap((piece) => [...lines.push(piece)]);
  const rest = lines.rest();
  return rest === undefined ? whole : [...whole, rest];
}

test.each([
  ["lines", "one\ntwo\n", ["one", "two"]],
  ["a last line without an end", "one\ntwo", ["one", "two"]],
  ["empty lines", "one\n\n \n\ntwo\n", ["one", "", "", "", "two"]],
  ["lines of Windows", "one\r\n\r\ntwo\r\n", ["one", "", "two"]],
  ["progress", "10%\r20%\r\x1b[K100%\ndone\r\n", ["100%", "done"]],
  ["progress that is wiped out", "10%\r20%\r      \r\x1b[K\nnext\n", ["20%", "next"]],
  ["progress that is under way", "10%\r20%\r", ["20%"]],
  ["nothing", "", []],
  ["colours and tabs", "\x1b[31m\terror\x1b[0m\n", ["    error"]],
  ["a token", "my secret, \x1b[1msec\x1b[0mret\n", ["my [token], [token]"]],
])("%s", (_what, text, lines) => {
  expect(linesOf(text)).toEqual(lines);
  expect(linesOf(...text)).toEqual(lines);
});

test("the chunks of a log do not change its lines", () => {
  const text = fc.array(fc.constantFrom("a", "b ", "\r", "\n", "\x1b[1m", "🙂", "\t", "secret"), { maxLength: 30 });
  fc.assert(
    fc.property(text, (parts) => {
      expect(linesOf(...parts)).toEqual(linesOf(parts.join("")));
    }),
  );
});

test("truncates a long line and shows its length, even if it is unfinished", () => {
  expect(linesOf("x".repeat(4_000), "\n")).toEqual(["x".repeat(4_000)]);
  expect(linesOf("x".repeat(4_001), "\n")).toEqual([`${"x".repeat(4_000)}… (4001 characters)`]);
  const piece = "x".repeat(65_536);
  expect(linesOf(...Array.from({ length: 160 }, () => piece))).toEqual([`${"x".repeat(4_000)}… (10485760 characters)`]);
  expect(linesOf(...Array.from({ length: 160 }, () => `${piece}\r`), "done\n")).toEqual(["done"]);
});

test("hides a token before it truncates a line", () => {
  const [line] = linesOf(`${"x".repeat(3_997)}secret\n`);
  expect(line).toBe(`${"x".repeat(3_997)}[to… (4004 characters)`);
});
