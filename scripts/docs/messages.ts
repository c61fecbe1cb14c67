/**
 * Finds the errors and warnings in `src` that users can meet. It follows what becomes a message through constants,
 * functions and their callers, and reads the rest as "…".
 */
import { readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

export interface Message {
  /** With "…" for each inserted value. */
  readonly text: string;
  /** `src/settings/settings.ts:62` */
  readonly place: string;
}

const root = join(__dirname, "../..");

/** Properties whose value is a message, or what an error adds to one. */
const messageProperties = new Set(["reason", "refused", "warning", "failure", "detail"]);

/** Methods and functions whose first argument is a message, besides the constructors of errors. */
const messageCalls = /^(?:.+\.)?(?:warn|command\.error|(?:notes|problems)\.push)$/;

/** Functions that return messages, or what other code adds to an error. */
const messageFunctions = new Set(["adviseOn", "describeMisspelling", "describeProblems"]);

/** Functions that return their argument, made printable. */
const transparent = new Set(["String", "sanitize", "#clean"]);

const errorClass = /(?:Error|Failure)$/;

/** Errors that imitate those of the API or of the engine. */
const imitations = new Set(["ConnectError", "RpcError"]);

/** With fewer words of its own, a text only passes on another message. */
const minWords = 2;

/** How many words the start of a text may have, within which alternatives are followed. */
const startWords = 3;

/** How many alternatives of a text are followed. */
const maxTexts = 24;

const hole = "…";

/** The place of another message, which is found where it is made. */
const passedOn = "‥";

/** Names of errors and of parts of them. */
const errorNames = new Set([
  "error",
  "message",
  "summary",
  "advice",
  "stack",
  "details",
  "getReason",
  "ended",
  "problem",
  "problems",
]);

/** Functions that read the message of an error. */
const errorFunctions = new Set(["messageOf", "describeThrown", "summarizePage"]);

function passesOn(name: string): boolean {
  return messageProperties.has(name) || errorNames.has(name);
}

/** What the parameters of functions stand for. */
type Environment = ReadonlyMap<ts.Symbol, Bound>;

interface Bound {
  readonly value: ts.Expression;
  readonly environment: Environment;
}

type Call = ts.CallExpression | ts.NewExpression;

/** @returns the messages, in the order of the files */
export function findMessages(): readonly Message[] {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/[/\\]gen[/\\]/.test(file))
    .map((file) => withSlashes(join(root, "src", file)))
    .sort();
  return new Finder(files).find();
}

class Finder {
  readonly #files: readonly ts.SourceFile[];
  readonly #checker: ts.TypeChecker;
  /** By the last name in the callee. */
  readonly #calls = new Map<string, Call[]>();

  constructor(files: readonly string[]) {
    const options = { noLib: true, target: ts.ScriptTarget.ES2023, types: [] };
    const host = ts.createCompilerHost(options);
    // Types of packages don't matter, and reading them takes seconds.
    const program = ts.createProgram([...files], options, {
      ...host,
      resolveModuleNames: (names, importer) =>
        names.map((name) =>
          name.startsWith(".")
            ? { resolvedFileName: withSlashes(resolve(dirname(importer), name.replace(/\.js$/, ".ts"))) }
            : undefined,
        ),
    });
    this.#checker = program.getTypeChecker();
    this.#files = program.getSourceFiles().filter(({ fileName }) => files.includes(fileName));
    for (const file of this.#files)
      walk(file, (node) => {
        if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
        const name = node.expression.kind === ts.SyntaxKind.SuperKeyword ? superClass(node) : lastName(node.expression);
        this.#calls.set(name, [...(this.#calls.get(name) ?? []), node]);
      });
  }

  find(): Message[] {
    const found = new Map<string, Message>();
    const add = (text: string, at: ts.Node) => {
      const message = text
        .replaceAll(passedOn, hole)
        .replace(/…(?:\[…\]|[\s.,:$]*…)+/g, hole)
        .replace(/…[.\s]+$/, hole);
      if (!found.has(message)) found.set(message, { text: message, place: placeOf(at) });
    };
    for (const file of this.#files)
      walk(file, (node) => {
        for (const value of this.#messagesAt(node)) this.#addTexts(value, value, [], add);
      });
    return [...found.values()];
  }

  /** The expressions in a node that become messages. */
  #messagesAt(node: ts.Node): readonly ts.Expression[] {
    if (ts.isNewExpression(node)) return this.#isErrorWithoutConstructor(node) ? firstOf(node) : [];
    if (ts.isCallExpression(node)) {
      const isSuper = node.expression.kind === ts.SyntaxKind.SuperKeyword;
      const isMessage = isSuper ? errorClass.test(superClass(node)) : messageCalls.test(node.expression.getText());
      return isMessage ? firstOf(node) : [];
    }
    if (ts.isPropertyAssignment(node)) return messageProperties.has(node.name.getText()) ? [node.initializer] : [];
    if (ts.isShorthandPropertyAssignment(node)) return messageProperties.has(node.name.text) ? [node.name] : [];
    if (!ts.isReturnStatement(node) || node.expression === undefined) return [];
    const around = enclosing(node);
    if (around === undefined || !messageFunctions.has(nameOf(around) ?? "")) return [];
    return ts.isArrayLiteralExpression(node.expression) ? node.expression.elements : [node.expression];
  }

  /** The constructor of another error passes its message on by `super`, which is found on its own. */
  #isErrorWithoutConstructor({ expression }: ts.NewExpression): boolean {
    const name = lastName(expression);
    if (imitations.has(name)) return false;
    const declaration = this.#declarationOf(expression);
    if (declaration === undefined || !ts.isClassDeclaration(declaration)) return name.endsWith("Error");
    if (declaration.members.some(ts.isConstructorDeclaration)) return false;
    return declaration.heritageClauses?.some(({ types }) => types.some(isErrorType)) ?? false;
  }

  /** Adds what an expression may say, or if it says only what callers pass, what they pass. */
  #addTexts(value: ts.Expression, at: ts.Node, chain: Chain, add: (text: string, at: ts.Node) => void): void {
    const environment = chain.reduce<Environment>(
      (outer, [callee, call]) => this.#bind(callee, call, outer),
      new Map(),
    );
    const texts = this.#evaluate(value, environment);
    for (const text of texts.filter(says)) add(text, at);
    const isRecursive = chain.length > 5;
    if (isRecursive || texts.every((text) => text === "" || text === passedOn || says(text))) return;
    const callee = enclosingNamed(at);
    const calls = callee === undefined ? [] : this.#callsOf(callee);
    if (callee === undefined || calls.length === 0) {
      if (passesOn(lastName(value)) || texts.some((text) => text.includes(passedOn))) return;
      throw new Error(
        `can't read the message \`${value.getText()}\` at ${placeOf(value)}: see scripts/docs/messages.ts`,
      );
    }
    for (const call of calls) this.#addTexts(value, call, [[callee, call], ...chain], add);
  }

  #callsOf(callee: Callee): Call[] {
    const name = nameOf(callee) ?? "";
    const target = ts.isConstructorDeclaration(callee) ? callee.parent : callee;
    return (this.#calls.get(name) ?? []).filter((call) => {
      if (ts.isConstructorDeclaration(callee) && call.expression.kind === ts.SyntaxKind.SuperKeyword) return true;
      const declaration = this.#declarationOf(call.expression);
      if (declaration === undefined) return false;
      return declaration === target || ("initializer" in declaration && declaration.initializer === target);
    });
  }

  #bind(callee: Callee, call: Call, outer: Environment): Environment {
    const environment = new Map(outer);
    const bind = (name: ts.BindingName, value: ts.Expression | undefined, inside: Environment): void => {
      if (value === undefined) return;
      if (ts.isIdentifier(name)) {
        const symbol = this.#checker.getSymbolAtLocation(name);
        if (symbol !== undefined) environment.set(symbol, { value, environment: inside });
      } else if (ts.isObjectBindingPattern(name)) {
        for (const element of name.elements) {
          const property = this.#propertyOf(value, (element.propertyName ?? element.name).getText(), inside);
          bind(element.name, property?.value ?? element.initializer, property?.environment ?? inside);
        }
      }
    };
    callee.parameters.forEach(({ name, initializer }, index) =>
      bind(name, call.arguments?.[index] ?? initializer, outer),
    );
    return environment;
  }

  /** The value of a property of an object that is written out. */
  #propertyOf(object: ts.Expression, name: string, environment: Environment): Bound | undefined {
    const value = unwrap(object);
    if (ts.isObjectLiteralExpression(value)) {
      for (const property of value.properties) {
        if (property.name?.getText() !== name) continue;
        if (ts.isPropertyAssignment(property)) return { value: property.initializer, environment };
        if (ts.isShorthandPropertyAssignment(property)) return { value: property.name, environment };
      }
      return undefined;
    }
    if (!ts.isIdentifier(value)) return undefined;
    const bound = environment.get(this.#symbolOf(value) as ts.Symbol);
    if (bound !== undefined) return this.#propertyOf(bound.value, name, bound.environment);
    const initializer = constantOf(this.#declarationOf(value));
    return initializer && this.#propertyOf(initializer, name, environment);
  }

  #symbolOf(name: ts.Node): ts.Symbol | undefined {
    return ts.isShorthandPropertyAssignment(name.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(name.parent)
      : this.#checker.getSymbolAtLocation(name);
  }

  #declarationOf(expression: ts.Expression): ts.Declaration | undefined {
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    let symbol = this.#symbolOf(name);
    if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = this.#checker.getAliasedSymbol(symbol);
    return symbol?.valueDeclaration;
  }

  #evaluate(value: ts.Expression, environment: Environment, depth = 0): string[] {
    const evaluate = (each: ts.Expression) => this.#evaluate(each, environment, depth + 1);
    if (depth > 12) return [hole];
    if (ts.isStringLiteralLike(value)) return [value.text];
    if (ts.isNumericLiteral(value)) return [value.text];
    if (ts.isTemplateExpression(value))
      return concatenate([
        [value.head.text],
        ...value.templateSpans.flatMap(({ expression, literal }) => [evaluate(expression), [literal.text]]),
      ]);
    if (ts.isBinaryExpression(value)) {
      const { left, right, operatorToken } = value;
      if (operatorToken.kind === ts.SyntaxKind.PlusToken) return concatenate([evaluate(left), evaluate(right)]);
      if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return union([evaluate(left), evaluate(right)]);
      if (operatorToken.kind === ts.SyntaxKind.BarBarToken) return evaluate(left).filter((text) => text !== "");
      return [hole];
    }
    if (ts.isConditionalExpression(value)) return union([evaluate(value.whenTrue), evaluate(value.whenFalse)]);
    if (unwrap(value) !== value) return evaluate(unwrap(value));
    if (ts.isIdentifier(value)) return value.text === "undefined" ? [] : this.#evaluateName(value, environment, depth);
    if (ts.isElementAccessExpression(value)) {
      const constant = constantOf(this.#declarationOf(value.expression));
      const object = constant && unwrap(constant);
      if (object === undefined || !ts.isObjectLiteralExpression(object)) return [hole];
      return union(object.properties.map((each) => (ts.isPropertyAssignment(each) ? evaluate(each.initializer) : [])));
    }
    if (ts.isCallExpression(value)) return this.#evaluateCall(value, environment, depth);
    if (ts.isPropertyAccessExpression(value)) {
      const name = value.name.text;
      const property = this.#propertyOf(value.expression, name, environment);
      if (property !== undefined) return this.#evaluate(property.value, property.environment, depth + 1);
      if (passesOn(name)) return [passedOn];
    }
    return [hole];
  }

  #evaluateName(name: ts.Identifier, environment: Environment, depth: number): string[] {
    // The page must not change with each release.
    if (name.text === "packageVersion") return [hole];
    const symbol = this.#symbolOf(name);
    const bound = symbol && environment.get(symbol);
    if (bound !== undefined) return this.#evaluate(bound.value, bound.environment, depth + 1);
    const declaration = this.#declarationOf(name);
    const constant = constantOf(declaration);
    if (constant !== undefined) return this.#evaluate(constant, environment, depth + 1);
    if (declaration === undefined || !ts.isBindingElement(declaration))
      return [errorNames.has(name.text) && !(declaration && ts.isParameter(declaration)) ? passedOn : hole];
    // const { name } = object
    const source = constantOf(declaration.parent.parent);
    const property =
      source && this.#propertyOf(source, (declaration.propertyName ?? declaration.name).getText(), environment);
    return property === undefined
      ? [passesOn(name.text) ? passedOn : hole]
      : this.#evaluate(property.value, property.environment, depth + 1);
  }

  #evaluateCall(call: ts.CallExpression, environment: Environment, depth: number): string[] {
    const evaluate = (each: ts.Expression) => this.#evaluate(each, environment, depth + 1);
    const { expression } = call;
    const name = lastName(expression);
    const [first] = call.arguments;
    if (transparent.has(name) && first !== undefined) return evaluate(first);
    if (errorFunctions.has(name) || errorNames.has(name)) return [passedOn];
    if (name === "join" && ts.isPropertyAccessExpression(expression)) {
      const items = this.#itemsOf(expression.expression);
      const [separator = ""] = first === undefined ? [","] : evaluate(first);
      if (items === undefined) return [hole];
      return concatenate(
        items.flatMap((item, index) => [
          ...(index === 0 ? [] : [[separator]]),
          ts.isSpreadElement(item) ? [hole] : evaluate(item),
        ]),
      );
    }
    const declaration = this.#declarationOf(expression);
    const callee =
      declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
    if (callee === undefined || !isCallee(callee) || callee.body === undefined) return [hole];
    const inside = this.#bind(callee, call, environment);
    return union(returnsOf(callee).map((each) => this.#evaluate(each, inside, depth + 1)));
  }

  /** The items of an array that is written out, also if some are left out. */
  #itemsOf(value: ts.Expression): readonly ts.Expression[] | undefined {
    if (ts.isArrayLiteralExpression(value)) return value.elements;
    if (ts.isCallExpression(value) && lastName(value.expression) === "filter")
      return this.#itemsOf((value.expression as ts.PropertyAccessExpression).expression);
    const declaration = ts.isIdentifier(value) ? this.#declarationOf(value) : undefined;
    return declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined
      ? this.#itemsOf(declaration.initializer)
      : undefined;
  }
}

type Callee = ts.FunctionLikeDeclaration;

/** Calls from the outermost to the innermost. */
type Chain = readonly (readonly [Callee, Call])[];

function says(text: string): boolean {
  return countWords(text) >= minWords;
}

function isCallee(node: ts.Node): node is Callee {
  return ts.isFunctionLike(node) && "body" in node;
}

/** `src/settings/settings.ts:62` */
function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${withSlashes(relative(root, file.fileName))}:${line + 1}`;
}

/** A path as the compiler has it. */
function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The nearest function around a node. */
function enclosing(node: ts.Node): Callee | undefined {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) if (isCallee(at)) return at;
  return undefined;
}

/** The nearest function around a node that is called by a name. */
function enclosingNamed(node: ts.Node): Callee | undefined {
  const callee = enclosing(node);
  return callee === undefined || nameOf(callee) !== undefined ? callee : enclosingNamed(callee);
}

/** The name by which a function is called. */
function nameOf(callee: Callee): string | undefined {
  if (ts.isConstructorDeclaration(callee)) return callee.parent.name?.text;
  if (callee.name !== undefined) return callee.name.getText();
  return ts.isVariableDeclaration(callee.parent) ? callee.parent.name.getText() : undefined;
}

function firstOf({
  arguments: values = [],
}: {
  readonly arguments?: readonly ts.Expression[];
}): readonly ts.Expression[] {
  return values.slice(0, 1);
}

function lastName(expression: ts.Expression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** The class that a call of `super` constructs. */
function superClass(node: ts.Node): string {
  for (let at: ts.Node = node; at !== undefined; at = at.parent)
    if (ts.isClassDeclaration(at)) return at.heritageClauses?.[0]?.types[0]?.expression.getText() ?? "";
  return "";
}

function isErrorType({ expression }: ts.ExpressionWithTypeArguments): boolean {
  return errorClass.test(lastName(expression));
}

function returnsOf({ body }: Callee): ts.Expression[] {
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (isCallee(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

function unwrap(value: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isAsExpression(value) ||
    ts.isSatisfiesExpression(value) ||
    ts.isParenthesizedExpression(value) ||
    ts.isNonNullExpression(value) ||
    ts.isAwaitExpression(value);
  return isWrapped ? unwrap(value.expression) : value;
}

/** The value of a constant. */
function constantOf(declaration: ts.Node | undefined): ts.Expression | undefined {
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
  return ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const ? declaration.initializer : undefined;
}

function union(texts: readonly (readonly string[])[]): string[] {
  const all = [...new Set(texts.flat())];
  return all.length > maxTexts ? [hole] : all;
}

/** Joins the parts of a text. Alternatives count only at its start: later ones are values. */
function concatenate(parts: readonly (readonly string[])[]): string[] {
  const texts = parts.reduce<readonly string[]>(
    (starts, part) =>
      starts.flatMap((start) => {
        const isStart = countWords(start) < startWords && starts.length * part.length <= maxTexts;
        const values = part.length === 1 || isStart ? part : [hole];
        return (values.length === 0 ? [hole] : values).map((value) => start + value);
      }),
    [""],
  );
  return [...new Set(texts)];
}

/** Counts words, but not names in code. */
export function countWords(text: string): number {
  return text.match(/(?<!\w)[A-Z]?[a-z]+(?!\w)/g)?.length ?? 0;
}
