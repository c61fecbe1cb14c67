/** What an editor shows about inputs and outputs: the docstrings of the property tables, which the public types take over. */
import { join } from "node:path";
import ts from "typescript";
import type { PropertyTable } from "../../src/lifecycle/properties.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";

const entry = join(__dirname, "../../src/index.ts");
const program = ts.createProgram([entry], {
  strict: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.Node16,
  types: [],
});
const checker = program.getTypeChecker();
const source = program.getSourceFile(entry);
const exported = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(source as ts.Node) as ts.Symbol)
    .map((symbol) => [symbol.name, checker.getAliasedSymbol(symbol)]),
);

interface Shown {
  readonly text: string;
  readonly fallback: string | undefined;
}

/** What an editor shows about the members of a public type. */
function shownOf(type: string): Map<string, Shown> {
  const members = checker.getDeclaredTypeOfSymbol(exported.get(type) as ts.Symbol).getProperties();
  return new Map(
    members.map((member) => {
      const text = ts.displayPartsToString(member.getDocumentationComment(checker));
      const fallback = member.getJsDocTags(checker).find(({ name }) => name === "default")?.text;
      return [member.name, { text, fallback: fallback && ts.displayPartsToString(fallback) }];
    }),
  );
}

describe.each<[string, string, string, PropertyTable]>([
  ["WarmPoolArgs", "WarmPool", "GetWarmPoolResult", warmPoolProperties],
  ["PrebuildArgs", "Prebuild", "GetPrebuildResult", prebuildProperties],
])("%s, %s and %s", (args, resource, details, { inputs, inputNames, allNames, rows }) => {
  test("have the properties of the table, each with its docstring", () => {
    expect([...shownOf(args).keys()].sort()).toEqual([...inputNames].sort());
    expect([...shownOf(resource).keys()]).toEqual(expect.arrayContaining([...allNames]));
    const live = allNames.filter((name) => rows[name]?.live !== "state");
    expect([...shownOf(details).keys()].sort()).toEqual([...live, "id"].sort());
    const shown = shownOf(resource);
    for (const name of allNames) expect([name, shown.get(name)?.text]).toEqual([name, expect.stringMatching(/\S/)]);
    for (const name of inputNames) expect(shownOf(args).get(name)).toEqual(shown.get(name));
  });

  test("show the defaults of the table", () => {
    // The API has defaults of its own for what it is sent; those are in the text.
    const noted = inputs.filter(([, { default: otherwise, managed }]) => otherwise !== undefined && !managed);
    const defaults = noted.map(([name, { default: otherwise }]) => [name, JSON.stringify(otherwise)]);
    const shown = [...shownOf(args)].flatMap(([name, { fallback }]) => (fallback ? [[name, fallback]] : []));
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(defaults));
  });
});
