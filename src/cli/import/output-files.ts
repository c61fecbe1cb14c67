/**
 * The two files that `pulumi-ona import` writes: the import file, and the program that declares the same resources.
 * Each carries a checksum, so that a later run recognizes its own files and leaves edited ones alone.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { stubText } from "../../program/stub.js";
import { tryParseJson } from "../../util/text.js";
import { formatJson } from "../format.js";
import { kindOfToken, traitsOf } from "../stack-state.js";
import { CliError, systemCode } from "../terminal.js";
import type { Declaration, EarlierDeclaration, ImportResource } from "./plan.js";
import type { PairIds } from "../names.js";
import type { Lookup, ReferencesOf } from "./references.js";
import type { EarlierObject } from "./select.js";

/** The file for `pulumi import --file`. Pulumi ignores properties it does not know, such as our mark. */
export function formatImportFile(resources: readonly ImportResource[]): string {
  const entries = resources.map(({ kind, name, id, inputs, outputs }) => {
    const { type, exportName } = traitsOf[kind];
    const stub = { __provider: stubText(exportName) };
    return { type, name, id, inputs: { ...stub, ...inputs }, outputs: { ...stub, ...outputs } };
  });
  return `${formatJson({ "//": markFor(JSON.stringify(entries)), resources: entries })}\n`;
}

/** Reads what an earlier run put into the import file. Empty if there is no file. */
export async function readImportFile(path: string): Promise<EarlierObject[]> {
  const content = await readOwnFile(path, (text) => {
    const { "//": mark, resources = [] } = Object(tryParseJson(text)) as Readonly<Record<string, unknown>>;
    return [mark, JSON.stringify(resources)];
  });
  // The checksum says that we wrote the file, so its form is known.
  const entries = JSON.parse(content ?? "[]") as { type: string; id: string; inputs: { connection?: string } }[];
  return entries.flatMap(({ type, id, inputs: { connection } }) => {
    const kind = kindOfToken(type);
    return kind === undefined ? [] : [{ kind, id, connection }];
  });
}

/**
 * Reads the import file of a release that called it `ona-import.json`. Undefined if there is no such file. Empty if it
 * was edited or is from elsewhere, so that nobody knows what it means.
 */
export async function readFormerImportFile(path: string): Promise<EarlierObject[] | undefined> {
  if (!existsSync(path)) return undefined;
  return readImportFile(path).catch(() => []);
}

/** The program, formatted as prettier would. */
export function formatProgram(declarations: readonly Declaration[], referencesOf: ReferencesOf = () => ({})): string {
  const classes = [...new Set(declarations.map(({ kind }) => kind))].toSorted();
  const earlier = declarations.filter((each) => "text" in each);
  // A declaration of an earlier run keeps its constant, which other files may import.
  const constants = new Set(
    earlier.flatMap(({ text, lookups }) => [text, ...lookups].map((block) => constantPattern.exec(block)?.[1] ?? "")),
  );
  const addConstant = (name: string) => {
    const constant = constantFor(name, constants);
    constants.add(constant);
    return constant;
  };
  const ownConstants = new Map(declarations.map((each) => [each, "text" in each ? "" : addConstant(each.name)]));
  const { lookups, refer } = collectLookups(
    earlier.flatMap((each) => each.lookups),
    addConstant,
  );
  const blocks = declarations.map((each) =>
    "text" in each
      ? each.text
      : formatDeclaration(each, ownConstants.get(each) ?? "", referencesOf(each.inputs as PairIds), refer),
  );
  const calls = [...new Set([...lookups.keys()].map((call) => call.replace(/\([^]*/, "")))].toSorted();
  // Two lines, because prettier would wrap a longer one, and a file that looks edited is never overwritten.
  const imports = [calls, classes]
    .filter((names) => names.length > 0)
    .map((names) => `import { ${names.join(", ")} } from "pulumi-ona";`);
  const lookupBlocks = [...lookups].map(([call, constant]) => `const ${constant} = ${call}`);
  const body = `${[imports.join("\n"), ...lookupBlocks, ...blocks].join("\n\n")}\n`;
  return `// ${markFor(body)}\n${body}`;
}

/**
 * Collects the lookups of a program, each once: its constant by its call.
 * @param earlier those that declarations of an earlier run use
 */
function collectLookups(earlier: readonly string[], addConstant: (name: string) => string) {
  const lookups = new Map(
    earlier.map((block) => [block.replace(constantPattern, ""), constantPattern.exec(block)?.[1] ?? ""]),
  );
  const refer = ({ call, constantName, args }: Lookup): string => {
    const lines = Object.entries(args).map(
      ([name, value]) => `  ${name}: ${typeof value === "string" ? JSON.stringify(value) : refer(value)},`,
    );
    // On several lines, which prettier keeps at any width.
    const text = [`${call}({`, ...lines, "});"].join("\n");
    const constant = lookups.get(text) ?? addConstant(constantName);
    lookups.set(text, constant);
    return `${constant}.id`;
  };
  return { lookups, refer };
}

// What a module cannot declare: words of the language, what the program imports, and what CommonJS declares.
const reservedWords = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export exports " +
    "extends false finally for function globalThis if implements import in instanceof interface let module new null " +
    "package private protected public require return static super switch this throw true try typeof undefined var " +
    "void while with yield WarmPool Prebuild getProjectOutput getEnvironmentClassOutput"
  ).split(" "),
);

/** The constant for a name: in camel case, without characters that an identifier cannot have. */
export function constantFor(name: string, taken: ReadonlySet<string>): string {
  const [first = "", ...rest] = name.split(/[^\p{L}\p{Nd}]+/u).filter(Boolean);
  const capitalize = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const camelCase = [first, ...rest.map(capitalize)].join("");
  const isIdentifier = /^\p{L}/u.test(camelCase) && !reservedWords.has(camelCase);
  const base = isIdentifier ? camelCase : `resource${capitalize(camelCase)}`;
  let constant = base;
  for (let number = 2; taken.has(constant); number++) constant = `${base}_${number}`;
  return constant;
}

function formatDeclaration(
  { kind, id, name, inputs }: ImportResource,
  constant: string,
  references: ReturnType<ReferencesOf>,
  refer: (lookup: Lookup) => string,
): string {
  const formatInput = ([property, value]: readonly [string, unknown]) => {
    const { lookup, comment } = references[property] ?? {};
    const text = lookup === undefined ? JSON.stringify(value) : refer(lookup);
    return `    ${property}: ${text},${comment === undefined ? "" : ` // ${comment}`}`;
  };
  return [
    `// ${kind} ${id}`,
    `export const ${constant} = new ${kind}(`,
    `  ${JSON.stringify(name)},`,
    "  {",
    ...Object.entries(inputs).map(formatInput),
    "  },",
    "  { protect: true },",
    ");",
  ].join("\n");
}

/** The start of a declared constant. */
const constantPattern = /^(?:.*\n)?(?:export )?const (\S+) = /;

const declarationPattern =
  /^\/\/ (?<type>WarmPool|Prebuild) (?<id>[0-9a-f-]{36})\n.*\n {2}(?<quotedName>"(?:[^"\\]|\\.)*"),$/m;
const connectionPattern = /^ {4}connection: ("(?:[^"\\]|\\.)*"),$/m;

/** Reads what an earlier run declared. Empty if there is no file. */
export async function readProgram(path: string): Promise<EarlierDeclaration[]> {
  const body = await readOwnFile(path, (text) => {
    const [, mark, body = ""] = /^\/\/ (.*)\n([^]*)$/.exec(text) ?? [];
    return [mark, body];
  });
  const blocks = (body ?? "").trimEnd().split("\n\n").slice(1);
  const lookups = blocks.filter((block) => block.startsWith("const "));
  const lookupsIn = (text: string): string[] =>
    lookups
      .filter((block) => text.includes(` ${constantPattern.exec(block)?.[1]}.id,`))
      .flatMap((block) => [...lookupsIn(block), block]);
  return blocks.flatMap((block): EarlierDeclaration[] => {
    const { type, id, quotedName } = declarationPattern.exec(block)?.groups ?? {};
    if (id === undefined || quotedName === undefined) return [];
    const kind = type === "WarmPool" ? "WarmPool" : "Prebuild";
    const [, quotedConnection] = connectionPattern.exec(block) ?? [];
    const connection = quotedConnection === undefined ? undefined : String(JSON.parse(quotedConnection));
    return [{ kind, id, name: String(JSON.parse(quotedName)), connection, text: block, lookups: lookupsIn(block) }];
  });
}

/**
 * Reads the content of a file that an earlier run wrote. Undefined if there is no file.
 * @param split returns the mark in a text, and the content that the mark must be for
 * @throws CliError if the file was edited or is from elsewhere
 */
async function readOwnFile(path: string, split: (text: string) => readonly [mark: unknown, content: string]) {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    const reason = code ?? String(error);
    throw new CliError(`Could not read ${path} (${reason}), so nothing was written. Remove it, or pass --out.`);
  }
  // Git may have changed the line endings.
  const [mark, content] = split(text.replaceAll("\r\n", "\n"));
  if (typeof mark === "string" && mark.startsWith(signatureOf(content))) return content;
  throw new CliError(
    `${path} was edited, or \`pulumi-ona import\` did not write it. Nothing was written. ` +
      "Move it into your program under another name, or pass --out to write to another directory.",
  );
}

/** Writes all files or, if one of them cannot be written, none. */
export async function writeFiles(directory: string, files: readonly [path: string, text: string][]): Promise<void> {
  const drafts = files.map(([path, text]) => ({ path, text, draft: `${path}.${process.pid}.tmp` }));
  try {
    await mkdir(directory, { recursive: true });
    for (const { draft, text } of drafts) await writeFile(draft, text, { flag: "wx" });
    for (const { draft, path } of drafts) await rename(draft, path);
  } catch (error) {
    throw new CliError(`Could not write the files to ${directory}: ${systemCode(error) ?? String(error)}.`);
  } finally {
    for (const { draft } of drafts) await rm(draft, { force: true });
  }
}

/** The comment that marks a file that `import` wrote, with a checksum of its content. */
function markFor(content: string): string {
  return `${signatureOf(content)} Once you edit this file, it is yours.`;
}

function signatureOf(content: string): string {
  return `Written by \`pulumi-ona import\`, sha256 ${createHash("sha256").update(content).digest("hex")}.`;
}
