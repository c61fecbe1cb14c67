/** What reaches a terminal or a Markdown page, no matter what a server sent. */
import fc from "fast-check";
import { marked } from "marked";
import stringWidth from "string-width";
import { escapeMarkdown, formatAge, formatJson, formatTable, toMarkdownCode } from "../../src/cli/format.js";
import { createPalette, supportsUnicode } from "../../src/cli/terminal.js";

const terminal = { columns: 80, rows: 24, onResize: () => () => undefined };

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ TERM: "dumb" }, true, false],
  [{ CI: "true" }, false, false],
])("uses colors with %o on a terminal %s: %s", (env, isTerminal, colored) => {
  const { red } = createPalette({ env, screen: isTerminal ? terminal : undefined });
  expect(red("x") !== "x").toBe(colored);
});

test.each([
  [{ LANG: "en_GB.UTF-8" }, "linux", true],
  [{ LANG: "en_GB.UTF-8", LC_ALL: "C" }, "linux", false],
  [{ LC_CTYPE: "C.utf8" }, "linux", true],
  [{}, "linux", false],
  [{}, "win32", true],
])("uses block characters with %o on %s: %s", (env, platform, expected) => {
  expect(supportsUnicode({ env }, platform)).toBe(expected);
});

test("a table aligns its columns and wraps the last one to fit a narrow terminal", () => {
  const rows = [
    ["changed", "WarmPool web\nfleet/prod", "maxSize 4 => 9"],
    ["gone", "WarmPool api", "does not exist anymore. Its pair has another pool."],
  ];
  expect(formatTable(rows)).toMatchInlineSnapshot(`
    "changed  WarmPool web  maxSize 4 => 9
             fleet/prod
    gone     WarmPool api  does not exist anymore. Its pair has another pool."
  `);
  const narrow = formatTable(rows, 50).split("\n");
  expect(Math.max(...narrow.map((line) => stringWidth(line)))).toBeLessThanOrEqual(50);
  expect(narrow.join(" ").replace(/ +/g, " ")).toContain("does not exist anymore.");
});

test("a table wraps text without spaces and wide characters, and keeps each of them", () => {
  for (const part of ["x", "日本語", "🙂", "e\u0301", "a ", "  ", "日本語 "]) {
    const text = part.repeat(300).trimEnd();
    const rows = Array.from({ length: 50 }, () => ["changed", text]);
    const lines = formatTable(rows, 80).split("\n");
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    const spaces = /changed|\s/g;
    expect(lines.join("").replace(spaces, "")).toBe(text.replace(spaces, "").repeat(50));
  }
});

test("a table never splits a command, which users copy", () => {
  const command = "`npx pulumi-ona import --pool 6534c7a2-ab10-4840-a38d-c79eab0d91a5`";
  const lines = formatTable([["unmanaged", `is not managed. To import it, run ${command}. Or leave it.`]], 40).split(
    "\n",
  );
  expect(lines.map((line) => line.trim())).toContain(`${command}.`);
});

test("printed JSON parses to the same value and has no character that controls a terminal", () => {
  const texts = fc.array(fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(texts, (value) => {
      const text = formatJson({ value });
      expect(JSON.parse(text)).toEqual({ value });
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u);
    }),
  );
});

test("printed JSON contains no command of GitHub, Azure, or TeamCity", () => {
  const text = formatJson({ "##[group]": ["##vso[a]", "###teamcity[b]"] });
  expect(text).not.toContain("##");
  expect(JSON.parse(text)).toEqual({ "##[group]": ["##vso[a]", "###teamcity[b]"] });
});

test("a server's text cannot become Markdown markup, leave its table cell or mention anyone", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("|", "\\", "`", "*", "_", "<b>", "[x](http://y)", "@all", "#1", "\n", "a", " "))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(nasty, (text) => {
      const html = marked.parse(`| A | B |\n| --- | --- |\n| ${toMarkdownCode(text)} | ${toMarkdownCode(text)} |`, {
        async: false,
      });
      expect(html.match(/<td>/g)).toHaveLength(2);
      const cells = [...html.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell = ""]) => cell);
      for (const cell of cells) expect(cell).toMatch(/^(<code>[^<>]*<\/code>)?$/);
    }),
    { numRuns: 500 },
  );
  const drift =
    "maxSize 4 => 9. Its pair has another pool: @org/team, see https://x.example, www.x.example, a#1 and #2.";
  expect(marked.parse(escapeMarkdown(drift), { async: false })).toBe(
    "<p>maxSize 4 =&gt; 9. Its pair has another pool: <code>@org/team,</code> see <code>https://x.example,</code> " +
      "<code>www.x.example,</code> <code>a#1</code> and <code>#2.</code></p>\n",
  );
  const html = marked.parse(
    `| A | B |\n| --- | --- |\n| ${escapeMarkdown("a | *b* _c_ [d](e) <i> `f` 4 => 9 \\")} | x |`,
    {
      async: false,
    },
  );
  expect(html).toContain("<td>a | *b* _c_ [d](e) &lt;i&gt; `f` 4 =&gt; 9 \\</td>");
});

test.each([
  [-5_000, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_600_000, "1h"],
  [47 * 3_600_000, "47h"],
  [6 * 86_400_000, "6d"],
])("formats an age of %d ms as %s", (milliseconds, text) => {
  expect(formatAge(milliseconds)).toBe(text);
});
