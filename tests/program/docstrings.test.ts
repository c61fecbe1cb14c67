/** The docstrings that users of the TypeScript package read, against the descriptions in the property tables. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Property, PropertyTable } from "../../src/lifecycle/properties.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";

/** The docstrings of the members of each interface and class in a file, without line breaks. */
function docstringsIn(path: string): Map<string, Map<string, string>> {
  const text = readFileSync(join(__dirname, "../../src", path), "utf8");
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, Map<string, string>>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) && !ts.isClassDeclaration(statement)) continue;
    const members = [...statement.members].filter(
      (member) => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member),
    );
    found.set(
      statement.name?.text ?? "",
      new Map(members.map((member) => [member.name.getText(), docstringOf(text, member)])),
    );
  }
  return found;
}

function docstringOf(text: string, member: ts.Node): string {
  const [comment] = ts.getLeadingCommentRanges(text, member.pos)?.slice(-1) ?? [];
  const lines = comment === undefined ? "" : text.slice(comment.pos + 3, comment.end - 2);
  return lines
    .replaceAll(/^\s*\*/gm, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function docstringFor({ description, sentAs, default: otherwise }: Property): string {
  const source = sentAs === undefined ? "" : ` Source: \`${sentAs}\`.`;
  const fallback = otherwise === undefined || sentAs !== undefined ? "" : ` @default ${JSON.stringify(otherwise)}`;
  return `${description}${source}${fallback}`.replaceAll(/\s+/g, " ");
}

describe.each<[string, string, string, PropertyTable]>([
  ["warm-pool/resource.ts", "WarmPoolArgs", "WarmPool", warmPoolProperties],
  ["prebuild/resource.ts", "PrebuildArgs", "Prebuild", prebuildProperties],
])("in %s", (path, args, resource, { inputNames, outputNames, rows }) => {
  const docstrings = docstringsIn(path);

  test(`${args} has the inputs of the property table, with their descriptions`, () => {
    expect(Object.fromEntries(docstrings.get(args) ?? [])).toEqual(
      Object.fromEntries(inputNames.map((name) => [name, docstringFor(rows[name] as Property)])),
    );
  });

  test(`${resource} has the outputs of the property table, with their descriptions`, () => {
    const members = docstrings.get(resource) ?? new Map<string, string>();
    expect([...members.keys()]).toEqual([...inputNames, ...outputNames]);
    expect(Object.fromEntries(outputNames.map((name) => [name, members.get(name)]))).toEqual(
      Object.fromEntries(outputNames.map((name) => [name, docstringFor(rows[name] as Property)])),
    );
  });
});
