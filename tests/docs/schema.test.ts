/** The schema of the native plugin, from which SDKs in other languages are generated. */
import { parse } from "yaml";
import { PublicApi } from "../../scripts/docs/public-api.js";
import { createSchema } from "../../scripts/docs/schema.js";
import type { PropertyTable } from "../../src/lifecycle/properties.js";
import { checkInputs } from "../../src/lifecycle/validation.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { checkWarmPool } from "../../src/warm-pool/inputs.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { environmentClassId, projectId } from "../support/messages.js";

const checkPrebuild = (inputs: Properties) => checkInputs(prebuildProperties, inputs);

const schema = createSchema();
const api = PublicApi.open("index.ts");

type Properties = Readonly<Record<string, unknown>>;
interface Spec {
  readonly type?: string;
  readonly $ref?: string;
  readonly oneOf?: readonly Spec[];
  readonly items?: Spec;
  readonly additionalProperties?: Spec;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Spec>>;
  readonly inputProperties?: Readonly<Record<string, Spec>>;
  readonly requiredInputs?: readonly string[];
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string }[];
}
const resources = schema.resources as Readonly<Record<string, Spec>>;
const types = schema.types as Readonly<Record<string, Spec>>;

/** Values that a schema's type allows. */
function samplesOf(spec: Spec): unknown[] {
  // No SDK has an enum here.
  if (spec.oneOf !== undefined) return [true, false, "ifSnapshot"];
  const named = spec.$ref?.startsWith("#/types/") ? types[spec.$ref.slice("#/types/".length)] : undefined;
  if (named?.enum !== undefined) return named.enum.map(({ value }) => value);
  if (spec.type === "boolean") return [true, false];
  if (spec.type === "integer") return [1, 20];
  return spec.type === "string" ? [projectId, "45m"] : [{ any: ["thing"] }];
}

/** Objects at any depth, with their paths. */
function* objectsIn(value: unknown, path = ""): Generator<[path: string, object: Spec]> {
  if (typeof value !== "object" || value === null) return;
  yield [path, value];
  for (const [key, each] of Object.entries(value)) yield* objectsIn(each, `${path}/${key}`);
}

describe.each<[string, PropertyTable, (inputs: Properties) => { readonly failures: readonly { property: string }[] }]>([
  ["WarmPool", warmPoolProperties, checkWarmPool],
  ["Prebuild", prebuildProperties, checkPrebuild],
])("%s", (name, table, check) => {
  const { inputProperties = {}, requiredInputs = [], properties = {}, required = [] } = resources[`ona:index:${name}`]!;
  const complete = { projectId, environmentClassId };

  test("has the inputs and outputs of the table, except connections", () => {
    const own = (names: readonly string[]) => names.filter((each) => each !== "connection");
    expect(Object.keys(inputProperties)).toEqual(own(table.inputNames));
    expect(Object.keys(properties)).toEqual(own(table.allNames));
  });

  test("requires the inputs that the TypeScript type and the check require", () => {
    const args = api.members(api.type(`${name}Args`));
    const requiredArgs = args.flatMap((each) => (each.isOptional ? [] : [each.name]));
    expect([...requiredInputs].sort()).toEqual(requiredArgs.sort());
    expect([...requiredInputs].sort()).toEqual(
      check({})
        .failures.map(({ property }) => property)
        .sort(),
    );
  });

  test("promises the outputs that are never undefined in TypeScript", () => {
    const outputs = api.members(api.type(name)).filter((each) => each.name in properties);
    const certain = outputs.flatMap((each) => (/\| undefined>|<unknown>/.test(api.show(each.type)) ? [] : [each.name]));
    expect([...required].sort()).toEqual(certain.sort());
  });

  test("has inputs of types that the check accepts, and refuses others", () => {
    const refusals = (property: string, value: unknown) =>
      check({ ...complete, [property]: value }).failures.filter((failure) => failure.property === property);
    for (const [property, spec] of Object.entries(inputProperties)) {
      // Ids and durations are strings of different forms, and maxSize starts at 1.
      expect(samplesOf(spec).some((value) => refusals(property, value).length === 0)).toBe(true);
      if (spec.type !== "string" || spec.$ref !== undefined)
        for (const value of samplesOf(spec)) expect([property, refusals(property, value)]).toEqual([property, []]);
      if (spec.default !== undefined) expect([property, refusals(property, spec.default)]).toEqual([property, []]);
      if (spec.$ref !== "pulumi.json#/Any") expect(refusals(property, ["no such value"])).not.toEqual([]);
    }
  });

  test("takes over dynamic resources by their type", () => {
    expect(resources[`ona:index:${name}`]).toMatchObject({ aliases: [{ type: `pulumi-nodejs:dynamic/ona:${name}` }] });
  });
});

test("the defaults are those of the table, except where the API has its own, or Go has none", () => {
  const defaults = Object.values(resources).flatMap(({ inputProperties = {} }) =>
    Object.entries(inputProperties).flatMap(([name, spec]) =>
      spec.default === undefined ? [] : [[name, spec.default]],
    ),
  );
  expect(Object.fromEntries(defaults)).toEqual({
    adoptExisting: false,
    waitForCompletion: true,
    logs: "onFailure",
    recreateWhenExpired: false,
  });
});

test("each function of the package has its arguments and its result", () => {
  const outline = Object.entries(schema.functions).map(([token, { inputs, outputs }]) => {
    const names = ({ properties, required = [] }: typeof inputs) =>
      Object.keys(properties).map((each) => (required.includes(each) ? each : `${each}?`));
    return [token, names(inputs).join(" "), Object.keys(outputs.properties).length];
  });
  expect(outline).toEqual([
    ["ona:index:getWarmPool", "id? projectId? environmentClassId?", 15],
    ["ona:index:getWarmPools", "projectIds? environmentClassIds?", 1],
    ["ona:index:getLatestPrebuild", "projectId environmentClassId?", 1],
    ["ona:index:getPrebuild", "id", 18],
    ["ona:index:getPrebuildLogsToken", "prebuildId", 1],
    ["ona:index:getPrebuilds", "projectIds? phases? triggeredBy? creatorIds? executorIds?", 1],
    ["ona:index:getProject", "id? name? repository?", 10],
    ["ona:index:getProjects", "search? ids?", 1],
    ["ona:index:getEnvironmentClass", "id? name? projectId? runnerId?", 6],
    ["ona:index:getEnvironmentClasses", "projectId? runnerIds? enabled?", 1],
    ["ona:index:getIdentity", "", 4],
  ]);
});

test("the token of an explicit provider and of a log are secrets, and no default comes from the environment", () => {
  const secrets = [...objectsIn(schema)].flatMap(([path, object]) => ("secret" in object ? [path] : []));
  expect(secrets).toEqual([
    "/config/variables/apiKey",
    "/provider/inputProperties/apiKey",
    "/functions/ona:index:getPrebuildLogsToken/outputs/properties/token",
  ]);
  expect([...objectsIn(schema)].filter(([, object]) => "defaultInfo" in object)).toEqual([]);
});

test("every property, type and function has a description that any language can show", () => {
  for (const [path, object] of objectsIn(schema)) {
    const isDescribed = /\/(properties|inputProperties|types|functions|resources|variables)\/[^/]+$/.test(path);
    if (!isDescribed) continue;
    expect([path, object.description]).toEqual([path, expect.stringMatching(/^[^a-z\s]/)]);
    expect([path, object.description]).not.toEqual([path, expect.stringMatching(/\{@|TypeScript|Source:|import\(/)]);
  }
});

test("every reference leads to a type", () => {
  for (const [path, { $ref }] of objectsIn(schema)) {
    if ($ref?.startsWith("#/types/"))
      expect([path, Object.keys(types)]).toEqual([path, expect.arrayContaining([$ref.slice(8)])]);
  }
});

describe("the examples", () => {
  const examples = Object.entries(resources).flatMap(([token, { description = "" }]) =>
    [...description.matchAll(/^### (.+)\n([^]+?)\{\{% \/example %\}\}/gm)].map(([, title = "", text = ""]) => {
      const codes = text.matchAll(/^```(\w+)\n([^]+?)^```$/gm);
      return { token, title, codes: new Map([...codes].map(([, language = "", code = ""]) => [language, code])) };
    }),
  );

  test("the first one of each resource is in every language, so that no SDK shows an empty heading", () => {
    for (const token of Object.keys(resources)) {
      const first = examples.find((example) => example.token === token);
      expect([...(first?.codes.keys() ?? [])]).toEqual(["typescript", "python", "go", "csharp", "java", "yaml"]);
    }
  });

  test.each(examples)("$token in YAML: $title", ({ codes }) => {
    const program = parse(codes.get("yaml") ?? "") as {
      readonly variables?: Readonly<Record<string, { "fn::invoke": { function: string; arguments: Properties } }>>;
      readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: Properties }>>;
    };
    for (const { "fn::invoke": invoke } of Object.values(program.variables ?? {})) {
      const { inputs } = (schema.functions as Record<string, { inputs: Spec }>)[full(invoke.function)]!;
      expect(Object.keys(inputs.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(invoke.arguments)));
    }
    for (const { type, properties } of Object.values(program.resources)) {
      const isProvider = type === "pulumi:providers:ona";
      const { inputProperties = {} } = (isProvider ? schema.provider : resources[full(type)]) as Spec;
      expect(Object.keys(inputProperties)).toEqual(expect.arrayContaining(Object.keys(properties)));
      if (isProvider) continue;
      const check = type === "ona:WarmPool" ? checkWarmPool : checkPrebuild;
      // References to other resources are ids.
      const known = Object.entries(properties).map(([name, value]) => [
        name,
        String(value).startsWith("${") ? projectId : value,
      ]);
      expect(check(Object.fromEntries(known) as Properties).failures).toEqual([]);
    }
  });

  const full = (type: string) => type.replace(/^ona:(?!index:)/, "ona:index:");
});
