/**
 * Which part of src may import which, deny by default: a part imports itself, what is listed here, and nothing else.
 * docs/architecture.md explains the order. Data flows one way, and no layer knows the one above it.
 */
const { posix } = require("node:path");

const resource = (name, packages = []) => [
  // The only files of a resource that run in the user's program.
  {
    name: `${name} (program side)`,
    files: new RegExp(`^src/${name}/(resource|functions|serialize-triggers)\\.ts$`),
    parts: [name, "program", "lifecycle", "client", "util"],
    packages: ["@pulumi/pulumi", "node:"],
  },
  {
    name,
    files: new RegExp(`^src/${name}/`),
    parts: ["batched-reads", "lifecycle", "client", "util"],
    packages,
  },
];
const resources = ["warm-pool", "prebuild"];
const programSides = resources.map((name) => `${name} (program side)`);

/** The parts of src. The first one whose pattern matches a file has it. */
const parts = [
  {
    name: "index.ts",
    files: /^src\/index\.ts$/,
    parts: ["components", "lookups (program side)", "program", "client", ...resources, ...programSides],
  },
  { name: "provider.ts", files: /^src\/provider\.ts$/, parts: ["hosts/dynamic", ...resources] },
  {
    name: "plugin.ts",
    files: /^src\/plugin\.ts$/,
    parts: ["hosts/native", "lookups", ...resources],
    packages: ["node:"],
  },
  // Text without dependencies, which import files need too.
  { name: "program/stub.ts", files: /^src\/program\/stub\.ts$/, parts: [] },
  {
    name: "program",
    files: /^src\/program\//,
    parts: ["program/stub.ts", "settings", "lifecycle", "client", "util"],
    packages: ["@pulumi/pulumi", "node:"],
  },
  {
    name: "components",
    files: /^src\/components\//,
    parts: [...programSides, ...resources, "program", "util"],
    packages: ["@pulumi/pulumi"],
  },
  // The rest asks the API, without Pulumi.
  {
    name: "lookups (program side)",
    files: /^src\/lookups\/(environment-class|identity|project)\.ts$/,
    parts: ["lookups", "program"],
    packages: ["@pulumi/pulumi"],
  },
  { name: "lookups", files: /^src\/lookups\//, parts: ["lifecycle", "client", "util"] },
  { name: "hosts/dynamic", files: /^src\/hosts\/dynamic\//, parts: ["hosts", "lifecycle", "util"] },
  {
    name: "hosts/native",
    files: /^src\/hosts\/native\//,
    parts: ["hosts", "settings", "lifecycle", "util"],
    packages: ["@bufbuild/protobuf", "@grpc/grpc-js", "node:"],
  },
  { name: "hosts", files: /^src\/hosts\//, parts: ["settings", "lifecycle", "client", "util"] },
  ...resource("warm-pool"),
  ...resource("prebuild", ["node:"]),
  { name: "batched-reads", files: /^src\/batched-reads\//, parts: ["lifecycle", "client", "util"] },
  { name: "lifecycle", files: /^src\/lifecycle\//, parts: ["client", "util"] },
  { name: "settings", files: /^src\/settings\//, parts: ["client", "util"] },
  {
    name: "client",
    files: /^src\/client\//,
    parts: ["util"],
    packages: ["undici", "zod", "node:"],
  },
  { name: "util", files: /^src\/util\//, parts: [], packages: ["node:"] },
  {
    name: "cli/simulate",
    files: /^src\/cli\/simulate\//,
    parts: ["cli", "testing/simulator", "util"],
    packages: ["commander", "node:"],
  },
  {
    name: "cli",
    files: /^src\/cli\//,
    parts: ["cli/simulate", "program/stub.ts", ...resources, "settings", "lifecycle", "client", "util"],
    packages: ["commander", "picocolors", "string-width", "zod", "node:"],
  },
  {
    name: "testing/simulator",
    files: /^src\/testing\/simulator\//,
    parts: [],
    packages: [
      "@bufbuild/protobuf",
      "@bufbuild/protovalidate",
      "@connectrpc/connect",
      "@connectrpc/connect-node",
      "zod",
      "node:",
    ],
  },
  {
    name: "testing/engine",
    files: /^src\/testing\/engine\//,
    parts: [],
    packages: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "commander", "yaml", "zod", "node:"],
  },
  { name: "testing/index.ts", files: /^src\/testing\/index\.ts$/, parts: ["testing/engine", "testing/simulator"] },
];

/** The part that a file of src belongs to. */
const partOf = (file) => parts.find(({ files }) => files.test(file));

/** Whether a package, or a path in it, is among those listed; `node:` stands for all of Node's own modules. */
const isListed = (source, packages = []) =>
  packages.some((name) => source === name || source.startsWith(name.endsWith(":") ? name : `${name}/`));

/**
 * What is wrong with an import.
 * @param file the importing file, relative to the repository, with `/`
 * @param source what it imports, as written
 * @returns undefined if nothing is
 */
function describeForbiddenImport(file, source) {
  const part = partOf(file);
  if (part === undefined) return `${file} belongs to no part of src: add it to scripts/lint/import-rules.cjs`;
  if (!source.startsWith(".")) {
    return isListed(source, part.packages) ? undefined : `${part.name} must not import the package ${source}`;
  }
  if (!/\.c?js(on)?$/.test(source)) return `the path of a relative import ends in .js: ${source}`;
  const target = posix.join(posix.dirname(file), source).replace(/js$/, "ts");
  const imported = partOf(target);
  if (imported === undefined) return `${source} is in no part of src`;
  if (imported === part || part.parts.includes(imported.name)) return undefined;
  return `${part.name} must not import ${imported.name}`;
}

/** The ESLint rule. */
const rule = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const file = posix.relative(context.cwd.replaceAll("\\", "/"), context.filename.replaceAll("\\", "/"));
    const check = (node) => {
      if (typeof node?.value !== "string") return;
      const message = describeForbiddenImport(file, node.value);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source }) => check(source),
    };
  },
};

module.exports = { parts, describeForbiddenImport, rule };
