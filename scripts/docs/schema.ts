/**
 * The schema of the native plugin, from which Pulumi generates SDKs: made of the property tables, the table of settings,
 * the types of the functions, and their docstrings.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Property, PropertyTable } from "../../src/lifecycle/properties.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { prebuildTraits } from "../../src/prebuild/traits.js";
import { settingRows } from "../../src/settings/setting-rows.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { warmPoolTraits } from "../../src/warm-pool/traits.js";
import manifest from "../../package.json";
import { type Doc, literalsOf, type Member, PublicApi } from "./public-api.js";

/** The type of a value in a schema. */
interface TypeSpec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly oneOf?: readonly TypeSpec[];
}

/** A property in a schema. */
interface PropertySpec extends TypeSpec {
  readonly description: string;
  readonly default?: string | boolean;
  readonly secret?: true;
  readonly willReplaceOnChanges?: true;
}

interface ObjectSpec {
  readonly type: "object";
  readonly description?: string;
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
}

interface EnumSpec {
  readonly type: "string";
  readonly description: string;
  readonly enum: readonly { readonly name: string; readonly value: string }[];
}

/** The resources of the plugin: their names, tables, and tokens in state of the dynamic provider. */
const resources: readonly (readonly [name: string, table: PropertyTable, dynamicType: string])[] = [
  ["WarmPool", warmPoolProperties, warmPoolTraits.type],
  ["Prebuild", prebuildProperties, prebuildTraits.type],
];

/**
 * Functions whose result is no object, or may be missing: the plugin returns an object with it as this property, or
 * without if there is none.
 */
const resultNames: Readonly<Record<string, string>> = { getLatestPrebuild: "prebuild", getPrebuildLogsToken: "token" };
const secretResults = ["token"];

/** The properties that a List filters by: single values, for which `pulumi do` has flags. */
const listFilters: readonly string[] = ["projectId", "environmentClassId", "phase"];

/** Explicit providers take the place of named connections. */
const isOfPlugin = (name: string) => name !== "connection";

const tokenOf = (name: string) => `ona:index:${name}`;

/** Makes the schema. */
export function createSchema() {
  return new SchemaWriter().schema();
}

class SchemaWriter {
  readonly #api = PublicApi.open("index.ts");
  readonly #types: Record<string, ObjectSpec | EnumSpec> = {};

  schema() {
    // A release of the plugin is a release of the repository.
    const [, owner = "", repository = ""] =
      /github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/.exec(manifest.repository.url) ?? [];
    const address = `github.com/${owner}/${repository}`;
    const settings = this.#settings();
    return {
      name: "ona",
      displayName: "Ona",
      version: manifest.version,
      description: manifest.description,
      keywords: [
        ...manifest.keywords.filter((word) => word !== "pulumi-provider"),
        "category/infrastructure",
        "kind/native",
      ],
      homepage: `https://${address}`,
      repository: `https://${address}`,
      license: manifest.license,
      publisher: manifest.author,
      pluginDownloadURL: `github://api.${address}`,
      namespace: "pulumi",
      language: {
        nodejs: { respectSchemaVersion: true },
        python: { respectSchemaVersion: true, pyproject: { enabled: true } },
        go: {
          respectSchemaVersion: true,
          importBasePath: `${address}/sdk/go/ona`,
          generateResourceContainerTypes: true,
        },
        csharp: { respectSchemaVersion: true, packageReferences: { Pulumi: "3.*" } },
        java: { buildFiles: "gradle" },
      },
      config: { variables: settings },
      provider: {
        description:
          "An account at Ona. Resources without an explicit provider use the stack's config and the environment.",
        inputProperties: settings,
      },
      resources: Object.fromEntries(
        resources.map(([name, table, type]) => [tokenOf(name), this.#resource(name, table, type)]),
      ),
      functions: Object.fromEntries(this.#functionNames().map((name) => [tokenOf(name), this.#function(name)])),
      // Filled by what is above.
      types: this.#types,
    };
  }

  #settings(): Record<string, PropertySpec> {
    const docs = this.#api.file("settings/setting-rows.ts");
    const [rows] = docs.names.map((name) => docs.checker.getTypeOfSymbol(docs.symbol(name)));
    const texts = new Map(docs.members(rows as ts.Type).map(({ name, doc }) => [name, doc.text]));
    return Object.fromEntries(
      Object.entries(settingRows).flatMap(([name, row]): [string, PropertySpec][] => {
        if (row.type === "connections") return [];
        const [variable, ...others] = "variables" in row ? row.variables : [];
        const or = others.length === 0 ? "" : ` (or ${others.join(", ")})`;
        const sentences = [
          texts.get(name) ?? "",
          ...(variable === undefined ? [] : [`The environment variable ${variable}${or} applies if it is not set.`]),
          ...("default" in row ? [`Defaults to ${code(row.default)}.`] : []),
        ];
        // A default here would end up in state and win over the environment.
        const secret = "secret" in row ? ({ secret: true } as const) : {};
        return [[name, { type: row.type, description: sentences.join("\n\n"), ...secret }]];
      }),
    );
  }

  #resource(name: string, table: PropertyTable, dynamicType: string) {
    const { inputs, rows } = table;
    const docs = new Map(this.#api.members(this.#api.type(name)).map((member) => [member.name, member.doc]));
    const property = (input: string, row: Property) => ({
      ...this.#typeOfRow(row),
      description: descriptionOf(docs.get(input)),
    });
    const ofPlugin = Object.entries(rows).filter(([each]) => isOfPlugin(each));
    return {
      description: withExamples(descriptionOf(this.#api.doc(this.#api.symbol(name))), name),
      inputProperties: Object.fromEntries(
        inputs
          .filter(([each]) => isOfPlugin(each))
          .map(([each, row]) => [
            each,
            {
              ...property(each, row),
              ...defaultOf(row),
              ...(row.onChange === "replace" ? { willReplaceOnChanges: true } : {}),
            },
          ]),
      ),
      requiredInputs: inputs.flatMap(([each, { required }]) => (required ? [each] : [])),
      properties: Object.fromEntries(ofPlugin.map(([each, row]) => [each, property(each, row)])),
      required: ofPlugin.flatMap(([each, { always, fallback }]) => (always || fallback !== undefined ? [each] : [])),
      listInputs: {
        type: "object",
        properties: Object.fromEntries(
          ofPlugin.flatMap(([each, row]) => (listFilters.includes(each) ? [[each, property(each, row)]] : [])),
        ),
      },
      aliases: [{ type: dynamicType }],
    };
  }

  #typeOfRow({ type }: Property): TypeSpec {
    if (typeof type === "object") {
      if ("oneOf" in type) return this.#union(type.oneOf);
      return { type: "integer" in type ? "integer" : "string" };
    }
    if (type === "any") return { $ref: "pulumi.json#/Any" };
    if (type === "boolean") return { type };
    return { type: type === "count" ? "integer" : "string" };
  }

  /** Literals: an enum with the name of the exported type. A C# output of a boolean or an enum would take only strings. */
  #union(values: readonly (string | boolean)[]): TypeSpec {
    const strings = values.filter((value) => typeof value === "string");
    if (strings.length < values.length) return { oneOf: [{ type: "boolean" }, { type: "string" }] };
    const name = this.#api.unionOf(values);
    if (name === undefined) throw new Error(`No exported type has the values ${values.join(", ")}`);
    this.#types[tokenOf(name)] = {
      type: "string",
      description: this.#api.doc(this.#api.symbol(name)).text,
      enum: strings.map((value) => ({ name: pascalCase(value), value })),
    };
    return { type: "string", $ref: `#/types/${tokenOf(name)}` };
  }

  #functionNames(): readonly string[] {
    return this.#api.names.filter((name) => /^get(?!.*Output$)/.test(name));
  }

  #function(name: string) {
    const { checker } = this.#api;
    const signature = this.#api.signature(this.#api.symbol(name));
    const [args] = signature.getParameters();
    const argsType = checker.getNonNullableType(checker.getTypeOfSymbol(args as ts.Symbol));
    const returned = signature.getReturnType() as ts.TypeReference;
    // Promise<Result> or Output<Result>, which is an intersection.
    const [result] = returned.isIntersection()
      ? returned.types.flatMap((type) => checker.getTypeArguments(type as ts.TypeReference))
      : checker.getTypeArguments(returned);
    const doc = this.#api.doc(this.#api.symbol(name));
    return {
      description: descriptionOf(doc),
      inputs: this.#object(this.#api.members(argsType).filter((member) => isOfPlugin(member.name))),
      outputs: this.#result(name, result as ts.Type, doc),
    };
  }

  #result(name: string, type: ts.Type, doc: Doc): ObjectSpec {
    const wrapper = resultNames[name];
    const plain = this.#api.checker.getNonNullableType(type);
    if (wrapper === undefined) return this.#object(this.#api.members(plain));
    const secret = secretResults.includes(wrapper) ? ({ secret: true } as const) : {};
    const property = { ...this.#typeOf(plain), description: describeResult(doc), ...secret };
    return { type: "object", properties: { [wrapper]: property }, required: plain === type ? [wrapper] : [] };
  }

  #object(members: readonly Member[]): ObjectSpec {
    return {
      type: "object",
      properties: Object.fromEntries(
        members.map(({ name, type, doc }) => [name, { ...this.#typeOf(type), description: descriptionOf(doc) }]),
      ),
      required: members.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
    };
  }

  /** The type of an argument or result. Our numbers are whole. */
  #typeOf(type: ts.Type): TypeSpec {
    const { checker } = this.#api;
    const literals = literalsOf(type);
    if (literals?.some((value) => typeof value === "string")) return this.#union(literals);
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (checker.isArrayType(type) && element !== undefined) return { type: "array", items: this.#typeOf(element) };
    const value = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (value !== undefined && !(type.flags & ts.TypeFlags.StringLike))
      return { type: "object", additionalProperties: this.#typeOf(value) };
    const kinds: readonly (readonly [ts.TypeFlags, string])[] = [
      [ts.TypeFlags.StringLike, "string"],
      [ts.TypeFlags.NumberLike, "integer"],
      [ts.TypeFlags.BooleanLike, "boolean"],
    ];
    // An input or a string with known values is a union.
    const found = (type.isUnion() ? type.types : [type]).flatMap((each) =>
      kinds.flatMap(([flags, kind]) => (each.flags & flags ? [kind] : [])),
    );
    if (found[0] !== undefined) return { type: found[0] };
    const name = type.symbol.name.replace(/^Get(.+)Result$/, "$1Details");
    this.#types[tokenOf(name)] ??= {
      ...this.#object(this.#api.members(type)),
      description: this.#api.doc(type.symbol).text,
    };
    return { type: "object", $ref: `#/types/${tokenOf(name)}` };
  }
}

/** The default that SDKs send. That of a managed input is the API's. The Go generator can't write one for a union. */
function defaultOf({ type, default: value, managed }: Property): { default?: string | boolean } {
  const isUnion = typeof type === "object" && "oneOf" in type && type.oneOf.some((each) => typeof each === "boolean");
  return value === undefined || managed || isUnion ? {} : { default: value };
}

/** The text without what holds for TypeScript only, and with the default. */
function descriptionOf(doc: Doc | undefined): string {
  const { text = "", fallback } = doc ?? {};
  const paragraphs = text.split("\n\n").filter((paragraph) => !paragraph.startsWith("In TypeScript"));
  const otherwise = fallback === undefined ? [] : [`Defaults to ${code(fallback)}.`];
  return [...paragraphs, ...otherwise].join("\n\n");
}

/** What a function returns, as a property. */
function describeResult(doc: Doc): string {
  const text = doc.tags("returns").join(" ").replace(", or undefined if", ". Not set if");
  return `${text.replace(/^./, (first) => first.toUpperCase())}.`;
}

const code = (text: string) => `\`${text}\``;

const pascalCase = (text: string) =>
  (text === text.toUpperCase() ? text.toLowerCase() : text).replace(/^./, (first) => first.toUpperCase());

/** Appends the examples of a resource in the form that SDK docs and the registry filter by language. */
function withExamples(description: string, name: string): string {
  const file = join(__dirname, "examples", `${name}.md`);
  if (!existsSync(file)) return description;
  const examples = readFileSync(file, "utf8")
    .trim()
    .split(/^(?=### )/m);
  const wrapped = examples.map((example) => `{{% example %}}\n${example.trim()}\n{{% /example %}}\n`);
  return [description, "{{% examples %}}", "## Example Usage", ...wrapped, "{{% /examples %}}"].join("\n\n");
}
