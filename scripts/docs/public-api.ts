/** Reads the public API with the compiler: exported names, members of types, and docstrings as Markdown. */
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");

/** What a docstring says. All texts are Markdown. */
export interface Doc {
  readonly text: string;
  /** The value of `@default`, as TypeScript. */
  readonly fallback: string | undefined;
  /** The texts of the tags of a name, such as `throws`. */
  readonly tags: (name: string) => readonly string[];
}

/** A property of a type, or a parameter. */
export interface Member {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly doc: Doc;
  /** Without undefined. */
  readonly type: ts.Type;
  readonly isOptional: boolean;
}

const opened = new Map<string, PublicApi>();

/** The exports of an entry of the package. */
export class PublicApi {
  readonly #program: ts.Program;
  readonly #exports: ReadonlyMap<string, ts.Symbol>;
  readonly checker: ts.TypeChecker;

  private constructor(program: ts.Program, file: string) {
    this.#program = program;
    this.checker = program.getTypeChecker();
    const module = this.checker.getSymbolAtLocation(program.getSourceFile(file) as ts.Node) as ts.Symbol;
    this.#exports = new Map(this.checker.getExportsOfModule(module).map((each) => [each.name, this.#resolve(each)]));
  }

  /**
   * Opens an entry, once.
   * @param entry a file in src, such as `index.ts`
   */
  static open(entry: string): PublicApi {
    const file = join(root, "src", entry);
    const options: ts.CompilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.Node16,
      types: [],
    };
    const api = opened.get(entry) ?? new PublicApi(ts.createProgram([file], options), file);
    opened.set(entry, api);
    return api;
  }

  /** The exports of another file that the entry reaches. */
  file(path: string): PublicApi {
    return new PublicApi(this.#program, join(root, "src", path));
  }

  get names(): readonly string[] {
    return [...this.#exports.keys()];
  }

  #resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The symbol that an entry exports under a name. */
  symbol(name: string): ts.Symbol {
    const symbol = this.#exports.get(name);
    if (symbol === undefined) throw new Error(`${name} is not exported`);
    return symbol;
  }

  /** The type that an entry exports under a name. */
  type(name: string): ts.Type {
    return this.checker.getDeclaredTypeOfSymbol(this.symbol(name));
  }

  /** The exported union of literals that has exactly these values. */
  unionOf(values: readonly unknown[]): string | undefined {
    return this.names.find((name) => {
      const symbol = this.symbol(name);
      if (!(symbol.flags & ts.SymbolFlags.TypeAlias)) return false;
      const literals = literalsOf(this.type(name));
      return literals !== undefined && sameItems(literals, values);
    });
  }

  /** The signature of a function or constructor. */
  signature(symbol: ts.Symbol, kind = ts.SignatureKind.Call): ts.Signature {
    const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
    const type = this.checker.getTypeOfSymbolAtLocation(symbol, declaration as ts.Node);
    const [signature] = this.checker.getSignaturesOfType(type, kind);
    if (signature === undefined) throw new Error(`${symbol.name} can't be called`);
    return signature;
  }

  /**
   * The properties of a type in the order of the source. A union has those of all its members, each of which is optional
   * if it can be left out of any.
   */
  members(type: ts.Type): Member[] {
    const variants = type.isUnion() ? type.types : [type];
    const names = new Set(
      variants.flatMap((variant) =>
        variant
          .getProperties()
          .filter(isPublic)
          .map(({ name }) => name),
      ),
    );
    return [...names].map((name) => {
      const found = variants.map((variant) => this.checker.getPropertyOfType(variant, name));
      const members = found.flatMap((symbol) => {
        if (symbol === undefined) return [];
        const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(symbol));
        return type.flags & ts.TypeFlags.Never ? [] : [{ symbol, type }];
      });
      const [first] = members;
      if (first === undefined) throw new Error(`${name} has no value`);
      const isOptional =
        members.length < variants.length || members.some(({ symbol }) => symbol.flags & ts.SymbolFlags.Optional);
      const documented = members.find(({ symbol }) => symbol.getDocumentationComment(this.checker).length > 0) ?? first;
      return { name, symbol: documented.symbol, doc: this.doc(documented.symbol), type: first.type, isOptional };
    });
  }

  /** The docstring of a symbol. */
  doc(symbol: ts.Symbol): Doc {
    const tags = symbol.getJsDocTags(this.checker).map(({ name, text }) => [name, markdown(text)] as const);
    return {
      text: markdown(symbol.getDocumentationComment(this.checker)),
      fallback: tags.find(([name]) => name === "default")?.[1],
      tags: (name) => tags.flatMap(([each, text]) => (each === name ? [text] : [])),
    };
  }

  /** A type as TypeScript shows it. */
  show(type: ts.Type): string {
    return this.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }
}

/** The values of a union of literals. */
export function literalsOf(type: ts.Type): readonly (string | boolean)[] | undefined {
  const types = type.isUnion() ? type.types : [type];
  const values = types.flatMap((each): (string | boolean)[] => {
    if (each.isStringLiteral()) return [each.value];
    if (each.flags & ts.TypeFlags.BooleanLiteral)
      return [(each as { intrinsicName?: string }).intrinsicName === "true"];
    return [];
  });
  return values.length === types.length && values.length > 0 ? values : undefined;
}

function sameItems(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

/** Markdown of a docstring: links become code, and sources in the API are for us. */
function markdown(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  return ts
    .displayPartsToString([...(parts ?? [])])
    .replace(/\{@link[\s*]+([\w.]+)\s*\}/g, "`$1`")
    .split("\n\n")
    .filter((paragraph) => !paragraph.startsWith("Source: "))
    .join("\n\n")
    .trim();
}

/** Whether a property is for users: no `#private` name or symbol, nothing internal, and nothing of JavaScript itself. */
function isPublic(symbol: ts.Symbol): boolean {
  const isBuiltIn = /\/typescript\/lib\//.test(symbol.declarations?.[0]?.getSourceFile().fileName ?? "");
  const isInternal = symbol.getJsDocTags().some(({ name }) => name === "internal");
  return !isBuiltIn && !isInternal && !/^(#|__[#@])/.test(symbol.name);
}
