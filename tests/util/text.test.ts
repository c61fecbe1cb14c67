/** Text from elsewhere on a terminal. */
import fc from "fast-check";
import {
  cut,
  describeCause,
  describeThrown,
  truncate,
  joinWithOr,
  sanitizeLogLine,
  sanitize,
  describeObject,
} from "../../src/util/text.js";

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
  ["ordinary text", "  Größe 3, 日本語 🚀 ✔", "  Größe 3, 日本語 🚀 ✔"],
  ["characters without width", "a\u200bb\u{e0041}c\u00add\u3164e\ufe0ff\ud83dg\ufffeh", "abcdefgh"],
  ["commands in it", "::add-mask::x ##[group] ##vso[a]b", ": :add-mask::x # #[group] # #vso[a]b"],
  ["headings of Buildkite, which never start a line here", "--- PASS: TestPools", "--- PASS: TestPools"],
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

const command =
  /##(?:vso|teamcity)?\[|section_(?:start|end):\d|<\{%|(?:^|[\s{[,"'])::[a-z]|^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)/i;

test.each([
  ["GitHub's commands", "::add-mask::production", ": :add-mask::production"],
  ["GitHub's commands after whitespace, where a table wraps", "a ::SET-output name=x::y", "a : :SET-output name=x::y"],
  ["more colons than a command has", ":::group::x", ": : :group::x"],
  ["GitHub's old commands", "a ##[add-mask]production", "a # #[add-mask]production"],
  ["more marks than a command has", "###[error]x", "## #[error]x"],
  ["Azure's commands", "##vso[task.setvariable variable=x]y", "# #vso[task.setvariable variable=x]y"],
  ["TeamCity's messages", "##teamcity[buildStop comment='x']", "# #teamcity[buildStop comment='x']"],
  [
    "GitLab's sections",
    "section_start:1700000000:x and section_end:1:x",
    "section_start :1700000000:x and section_end :1:x",
  ],
  ["Buildkite's headings", "+++ Deploy", "+ ++ Deploy"],
  ["Buildkite's headings without a title", "\n---\n", "- --"],
  ["Buildkite's command", "^^^ +++", "^ ^^ +++"],
  ["the engine's color marks", "##<{%reset%}>[add-mask]x", "##<{ %reset%}>[add-mask]x"],
  ["keys of JSON, which the engine prints as lines", '{"::group::x":1}', '{": :group::x":1}'],
  ["escapes in JSON, which the engine decodes", String.raw`{"a":"x\n::add-mask::y"}`, '{"a":"x/n::add-mask::y"}'],
  ["a command in two lines", "x\n::add-mask::y", "x : :add-mask::y"],
  ["a command behind an escape sequence", "\u001b[0m::add-mask::y", ": :add-mask::y"],
  ["a command with an escape sequence in it", "##\u001b]8;;x\u0007vso[a]b", "# #vso[a]b"],
  ["a command with invisible characters in it", ":\u200b:\u2060add-mask::y, #\u00ad#[x]", ": :add-mask::y, # #[x]"],
  ["a command at an invisible start", "\ufeff\u200e--- x", "- -- x"],
])("disarms %s", (_what, text, shown) => {
  expect(sanitize(text)).toBe(shown);
  expect(shown).not.toMatch(command);
});

test.each([
  "connect ECONNREFUSED ::1:443",
  "std::vector, a::b and urn:pulumi:dev::x::y",
  "a -- b --- c",
  "# heading, issue #12 [x], ##",
  String.raw`cannot open "C:\new"`,
  "section_start: now",
])("leaves %s as it is", (text) => {
  expect(sanitize(text)).toBe(text);
});

test("disarms any text for good: cleaning it again changes nothing", () => {
  const part = fc.constantFrom(
    ...'##[ # [ vso[ :: : add section_start: 1 <{% <{ % --- + \u001b[0m \u001b \u200b \n { " \\n a ~~~ ^^^ …'.split(
      " ",
    ),
    " ",
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 2 }), (text, times) => {
      const shown = sanitize(text.repeat(10 ** times));
      expect(shown).not.toMatch(command);
      expect(sanitize(shown)).toBe(shown);
      expect(sanitizeLogLine(text)).not.toMatch(/##(?:vso)?\[|section_start:1|<\{%|(?:^|\s)::[a-z]/);
    }),
    { numRuns: 1_000, seed: 1 },
  );
});

test("hides secrets after it has removed what could split them, and before it truncates", () => {
  const hide = (text: string) => text.replaceAll("secret", "[token]");
  expect(sanitize("a s\u001b[0mecr\u200bet, ##secret", hide)).toBe("a [token], # #[token]");
  expect(sanitizeLogLine("s\u001b]0;x\u0007ecret ##secret", hide)).toBe("[token] # #[token]");
  expect(sanitize(`${"x".repeat(997)}secret`, hide)).toBe(`${"x".repeat(997)}[to… (1004 characters)`);
  // What the read part of a text ends with may be half a secret.
  const invisible = "\u200b".repeat(65_536 - 503);
  expect(sanitize(`${"x".repeat(500)}${invisible}secret`, hide)).toBe("… (65539 characters)");
});

test("describes whatever was thrown", () => {
  expect([new Error("m"), "text", 7, undefined, null, {}, { message: 3 }].map(describeThrown)).toEqual([
    "m",
    "text",
    "",
    "",
    "",
    "",
    "",
  ]);
});

test("handles lines quickly even if they are made to be slow", () => {
  for (const part of [
    "\x1b]",
    "\x90",
    "\x1b[1;",
    "\x1b",
    "\x1b[ ",
    "\x1b]\x9b",
    "#",
    "##",
    ":",
    " ::a",
    "section_start:",
    "\u200b",
    "\t",
    "<{%",
  ]) {
    sanitizeLogLine(part.repeat(200_000));
    sanitize(part.repeat(200_000));
  }
});

test("truncates between characters and adds the full length", () => {
  expect(truncate("ab🙂cd", 3)).toBe("ab… (6 characters)");
  expect(truncate("ab🙂cd", 4)).toBe("ab🙂… (6 characters)");
  expect(truncate("abcd", 4)).toBe("abcd");
  expect(truncate("abcd", 4, 9)).toBe("abcd… (9 characters)");
  expect(cut("ab🙂cd", 3)).toBe("ab");
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
