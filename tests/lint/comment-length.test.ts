import { Linter } from "eslint";
import commentLength from "../../scripts/lint/comment-length.cjs";

const config: Linter.Config = {
  plugins: { local: { rules: { comments: commentLength.rule } } },
  rules: { "local/comments": "error" },
};
const fix = (text: string) => new Linter().verifyAndFix(text, [config]);
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(" ");

test.each([
  ["a line comment", `  // ${words(30)}\n`],
  ["a docstring in one line", `/** ${words(30)} */\n`],
  ["a docstring with tags", `/**\n * ${words(30)}\n * rest of it\n * @param a ${words(30)}\n * @returns b\n */\n`],
])("wraps %s at 120 columns and keeps its words", (_what, text) => {
  const { output, messages } = fix(text);
  expect(messages).toEqual([]);
  expect(output.split("\n").filter((line) => line.length > 120)).toEqual([]);
  const wordsOf = (comment: string) => comment.split(/\s+/).filter((word) => !/^[/*]*$/.test(word));
  expect(wordsOf(output)).toEqual(wordsOf(text));
});

test("reports a long comment behind code, and leaves an address alone", () => {
  expect(fix(`let a; // ${words(30)}\n`).messages).toHaveLength(1);
  expect(fix(`// https://example.com/${"a".repeat(150)}\n`).messages).toEqual([]);
});
