/** Text from elsewhere on a terminal. */
import fc from "fast-check";
import { describeCause, truncate, joinWithOr, sanitizeLogLine, sanitize, describeObject } from "../../src/util/text.js";

test("returns one line without control characters for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const shown of [sanitize(text), sanitizeLogLine(text)])
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

test("keeps ordinary text and trims it", () => {
  expect(sanitize("  Größe 3, 日本語 🙂\n")).toBe("Größe 3, 日本語 🙂");
});

test.each([
  ["colors", "\x1b[1;31mred\x1b[0m, \x1b[38:2::1:2:3mtrue\x1b[m and \x9b32mC1", "red, true and C1"],
  ["moves and modes", "\x1b[2K\x1b[1Ga\x1b[?25l\x1b[>4;2m\x1b[!pb\x1b(Bc\x1b7d\x1bce", "abcde"],
  ["a title", "\x1b]0;title\x07a\x1b]2;title\x1b\\b\x9d0;title\x9cc", "abc"],
  ["a link", "\x1b]8;;https://x.example\x1b\\text\x1b]8;;\x1b\\ after", "text after"],
  ["the clipboard", "a\x1b]52;c;aGVsbG8=\x07b", "ab"],
  ["device control", "a\x1bPq#0;2;0\x1b\\b\x1b_app\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e", "abcde"],
  ["a string that does not end", "a\x1b]0;error: disk full", "a0;error: disk full"],
  ["a sequence that does not end", "a\x1b[31", "a"],
  ["marks that reorder", "a\u202eb\u2066c\u{feff}", "abc"],
  ["tabs, spaces and other control characters", "\ta\vb\u2028c\x00\b \t", "    a b c"],
  ["ordinary text", "  Größe 3, 日本語 👩‍🚀 ✔", "  Größe 3, 日本語 👩‍🚀 ✔"],
])("keeps the text of a log line with %s", (_what, line, text) => {
  expect(sanitizeLogLine(line)).toBe(text);
});

test.each([
  ["colors", "no \x1b[31mluck\x1b[0m, \x9b1mnone", "no luck, none"],
  ["a title until BEL", "a\x1b]0;title\x07b", "ab"],
  ["a link until ST", "\x1b]8;;https://x.example\x1b\\text\x1b]8;;\x1b\\ after", "text after"],
  ["a title without an end", "a \x1b]0;error", "a 0;error"],
  ["lines and other controls", "a\r\nb\tc\x00", "a b c"],
])("keeps the text of a message with %s as one line", (_what, message, text) => {
  expect(sanitize(message)).toBe(text);
});

test("handles lines quickly even if they are made to be slow", () => {
  for (const part of ["\x1b]", "\x90", "\x1b[1;", "\x1b", "\x1b[ ", "\x1b]\x9b"]) {
    sanitizeLogLine(part.repeat(200_000));
    sanitize(part.repeat(200_000));
  }
});

test("truncates between characters and adds the full length", () => {
  expect(truncate("ab🙂cd", 3)).toBe("ab… (6 characters)");
  expect(truncate("ab🙂cd", 4)).toBe("ab🙂… (6 characters)");
  expect(truncate("abcd", 4)).toBe("abcd");
  expect(truncate("abcd", 4, 9)).toBe("abcd… (9 characters)");
});

test("joins alternatives with commas and a final or", () => {
  expect([joinWithOr([]), joinWithOr(["a"]), joinWithOr(["a", "b"]), joinWithOr(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a or b",
    "a, b or c",
  ]);
});

test.each([
  ["exit code 1", "The prebuild a FAILED: exit code 1."],
  ["It broke.", "The prebuild a FAILED: It broke."],
  ["and so on...", "The prebuild a FAILED: and so on...."],
  [undefined, "The prebuild a FAILED, and the API does not say why."],
  ["\x1b[0m", "The prebuild a FAILED, and the API does not say why."],
])("completes a sentence about a failure with the cause %j", (said, sentence) => {
  expect(`${describeObject("prebuild", "a")} FAILED${describeCause(said)}.`).toBe(sentence);
});
