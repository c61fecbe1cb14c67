/** docs/troubleshooting.md explains every message. Run `npm run troubleshooting` to regenerate it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPage } from "../../scripts/docs/troubleshooting.js";

const page = createPage();

test("every error and warning in src has an entry for docs/troubleshooting.md, and every entry a message", () => {
  expect(page.problems.join("\n")).toBe("");
});

test("docs/troubleshooting.md is what `npm run troubleshooting` writes", () => {
  const written = readFileSync(join(__dirname, "../../docs/troubleshooting.md"), "utf8");
  expect(written.split("\n")).toEqual(page.text.split("\n"));
});

test("a message without an entry is reported with its place, and an entry without a message too", () => {
  const message = { text: "… is not a URL. Use another one.", place: "src/a.ts:1" };
  const other = { text: "The pool … is gone.", place: "src/a.ts:2" };
  const { problems, text } = createPage("# T\n\n### The pool …\n\nWhy.\n\n* unknown\n", [message, other]);
  expect(problems).toEqual([
    expect.stringMatching(
      /^src\/a\.ts:1: no entry for "… is not a URL\. Use another one\."\.\n {2}Add "### is not a URL"/,
    ),
    'scripts/docs/troubleshooting.md: no message needs "* unknown".',
  ]);
  expect(text).toBe("# T\n\n### The pool …\n\n- `` The pool … is gone. ``\n\nWhy.\n\n");
});

test("a message belongs to the entry that fits best, also to one with a value", () => {
  const messages = ["…: the API answered …", "…: the API answered with a page"].map((text) => ({ text, place: "" }));
  const { problems, text } = createPage("### the API answered not_found\n### the API answered with", messages);
  expect(problems).toEqual([]);
  expect(text).toContain("### the API answered with\n\n- `` …: the API answered with a page ``");
});
