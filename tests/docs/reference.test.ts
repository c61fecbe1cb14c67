/** The generated pages of docs/reference. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PublicApi } from "../../scripts/docs/public-api.js";
import { referencePages } from "../../scripts/docs/reference.js";

const folder = join(__dirname, "../../docs/reference");
const pages = referencePages();
const all = Object.values(pages).join("\n");

test("docs/reference is current: run npm run reference after a change of docstrings, settings, or commands", () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(pages).sort());
  for (const [name, text] of Object.entries(pages)) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
});

test.each(["index.ts", "testing/index.ts"])("every export of %s is on a page", (entry) => {
  // Each function has a form for outputs, and the arguments and results of functions are in their sections.
  const names = PublicApi.open(entry).names.filter((name) => !/Output(Args)?$/.test(name));
  expect(names.filter((name) => !all.includes(name))).toEqual([]);
});

test("no page shows what only the compiler understands", () => {
  expect(all.match(/\{@\w+|import\("|Source: /g)).toBeNull();
});
