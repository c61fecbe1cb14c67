/** `import --name`: whatever the name, the generated program compiles, and the printed commands mean what they say. */
import { execFileSync } from "node:child_process";
import ts from "typescript";
import { formatProgram } from "../../src/cli/import/output-files.js";
import type { ImportResource } from "../../src/cli/import/plan.js";
import { quoteForShell } from "../../src/util/text.js";

const id = "0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11";

const keywords = Array.from({ length: ts.SyntaxKind.LastKeyword - ts.SyntaxKind.FirstKeyword + 1 }, (_, index) =>
  String(ts.tokenToString(ts.SyntaxKind.FirstKeyword + index)),
);
const names = [
  ...keywords,
  ...["WarmPool", "Prebuild", "warm-pool", "pulumi", "ona", "constructor", "prototype", "__proto__", "hasOwnProperty"],
  ...["arguments", "eval", "undefined", "NaN", "globalThis", "require", "exports", "module", "Object", "Promise"],
  ...["a-b", "a_b", "aB", "7-web", "--", "Größe", "プール", 'a"b', "a\\", "*/", "${x}", "a\u2028b", "</script>"],
];

const declare = (kind: ImportResource["kind"], name: string): ImportResource => ({
  kind,
  name,
  id,
  inputs: { projectId: id, connection: name },
  outputs: {},
});

const library = `export declare class WarmPool { constructor(name: string, args: object, options: object); }
export { WarmPool as Prebuild };`;

/** The errors of a program that imports pulumi-ona, as the compiler prints them. */
function compile(program: string, module: ts.ModuleKind): string[] {
  const files = new Map([
    ["/ona-import.ts", program],
    ["/pulumi-ona.d.ts", library],
  ]);
  // Without the types of the standard library, which take most of the time and have no part in this.
  const options: ts.CompilerOptions = { strict: true, noLib: true, target: ts.ScriptTarget.ES2022, module, types: [] };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    getSourceFile: (path, language) => ts.createSourceFile(path, files.get(path) ?? "", language),
    resolveModuleNameLiterals: (literals) =>
      literals.map(() => ({ resolvedModule: { resolvedFileName: "/pulumi-ona.d.ts", extension: ".d.ts" } })),
  };
  const compiler = ts.createProgram(["/ona-import.ts"], options, host);
  const file = compiler.getSourceFile("/ona-import.ts");
  return [...compiler.getSyntacticDiagnostics(file), ...compiler.getSemanticDiagnostics(file)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, "\n"),
  );
}

test.each([
  ["CommonJS", ts.ModuleKind.CommonJS],
  ["ESNext", ts.ModuleKind.ESNext],
])("import writes a program that compiles as %s with every name that the language gives a meaning", (_name, module) => {
  const pools = names.map((name) => declare("WarmPool", name));
  const prebuilds = names.slice(0, 10).map((name) => declare("Prebuild", name));
  expect(compile(formatProgram([...pools, ...prebuilds]), module)).toEqual([]);
  for (const name of ["class", "Prebuild", "require"]) {
    expect(compile(formatProgram([declare("WarmPool", name)]), module)).toEqual([]);
  }
});

test.each([
  "pools",
  "my pools",
  "it's",
  '"',
  "$(id)",
  "`id`",
  "a;b&c|d>e",
  "*",
  "~",
  "",
  "\\",
  "-x",
  "a\\'b",
  "%PATH%",
])("a POSIX shell passes the quoted argument %j on unchanged", (text) => {
  const script = `printf '[%s]' ${quoteForShell(text, "linux")}`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`[${text}]`);
});

test.each([
  [String.raw`pools\ona-resources.json`, String.raw`pools\ona-resources.json`],
  [String.raw`C:\my pools\ona-resources.json`, String.raw`"C:\my pools\ona-resources.json"`],
  ["it's", '"it\'s"'],
  ['a"b', String.raw`"a\"b"`],
])("quotes %s for the shells of Windows as %s", (text, quoted) => {
  expect(quoteForShell(text, "win32")).toBe(quoted);
});
