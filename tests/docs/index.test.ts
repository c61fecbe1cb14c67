/** docs/README.md leads to everything. tests/acceptance/package.test.ts checks that its links work. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(__dirname, "../../docs");

test("docs/README.md links to every page of docs", () => {
  const index = readFileSync(join(docs, "README.md"), "utf8");
  const linked = new Set([...index.matchAll(/\]\(([\w/-]+\.md)/g)].map(([, page]) => page));
  const pages = readdirSync(docs, { recursive: true, encoding: "utf8" })
    .map((page) => page.replaceAll("\\", "/"))
    .filter((page) => page.endsWith(".md") && page !== "README.md");
  expect(pages.filter((page) => !linked.has(page))).toEqual([]);
});
