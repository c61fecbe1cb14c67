/** The program that declares imported resources: TypeScript as prettier writes it. */
import { isMarkOf, markOf, notOurs, type OwnFile } from "./output-files.js";
import { constantFor } from "./names.js";
import type { Declaration, EarlierDeclaration } from "./plan.js";

/** A declaration in a file of ours begins with its kind and id. */
const heading = /^\/\/ (WarmPool|Prebuild) ([0-9a-f-]{36})$/;

/** The program's text. */
export function programText(declarations: readonly Declaration[]): string {
  const classes = [...new Set(declarations.map(({ kind }) => kind))].toSorted();
  const constants = new Set<string>();
  const parts = declarations.map((declaration) => {
    // A declaration of an earlier run keeps its constant, which other files may import.
    const kept = "text" in declaration ? /^export const (\w+) /m.exec(declaration.text)?.[1] : undefined;
    if (kept !== undefined) constants.add(kept);
    return declaration;
  });
  const blocks = parts.map((declaration) => {
    if ("text" in declaration) return declaration.text;
    const constant = constantFor(declaration.name, constants);
    constants.add(constant);
    return declare(declaration, constant);
  });
  const body = [`import { ${classes.join(", ")} } from "pulumi-ona";`, ...blocks].join("\n\n") + "\n";
  return `// ${markOf(body)}\n${body}`;
}

/**
 * What an earlier run has declared; nothing where there is no file.
 * @throws CliError where the file is not ours
 */
export function readProgram({ path, text }: OwnFile): EarlierDeclaration[] {
  if (text === undefined) return [];
  const end = text.indexOf("\n");
  const [first, body] = [text.slice(0, end), text.slice(end + 1)];
  if (!first.startsWith("// ") || !isMarkOf(first.slice(3), body)) throw notOurs(path);
  return body
    .trimEnd()
    .split("\n\n")
    .slice(1)
    .flatMap((block): EarlierDeclaration[] => {
      const [, kind, id] = heading.exec(block.slice(0, block.indexOf("\n"))) ?? [];
      const [, name] = /^ {2}("(?:[^"\\]|\\.)*"),$/m.exec(block) ?? [];
      if (kind === undefined || id === undefined || name === undefined) return [];
      const [, connection] = /^ {4}connection: ("(?:[^"\\]|\\.)*"),$/m.exec(block) ?? [];
      return [
        {
          kind: kind === "WarmPool" ? "WarmPool" : "Prebuild",
          id,
          name: String(JSON.parse(name)),
          connection: connection === undefined ? undefined : String(JSON.parse(connection)),
          text: block,
        },
      ];
    });
}

function declare({ kind, id, name, inputs }: Extract<Declaration, { inputs: object }>, constant: string): string {
  return [
    `// ${kind} ${id}`,
    `export const ${constant} = new ${kind}(`,
    `  ${JSON.stringify(name)},`,
    "  {",
    ...Object.entries(inputs).map(([property, value]) => `    ${property}: ${JSON.stringify(value)},`),
    "  },",
    "  { protect: true },",
    ");",
  ].join("\n");
}
