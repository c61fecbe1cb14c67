// Generates message types from proto/: the API's for the simulator, and Pulumi's plugin protocol for the native host.
//   node scripts/generate.mjs               writes them
//   node scripts/generate.mjs --check       fails if the committed types differ
//   node scripts/generate.mjs --image FILE  writes the compiled descriptors instead (a FileDescriptorSet)
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
/** The folders of generated types, and what of proto/ is in them. */
const targets = {
  "src/testing/simulator/gen": ["gitpod", "google/rpc/error_details.proto"],
  "src/hosts/native/gen": ["pulumi", "google/rpc/status.proto"],
};
const [mode, target] = process.argv.slice(2);

const work = mkdtempSync(join(tmpdir(), "pulumi-ona-proto-"));
try {
  const rules = join(work, "rules");
  mkdirSync(join(rules, "buf/validate"), { recursive: true });
  writeFileSync(join(rules, "buf/validate/validate.proto"), validateProto());
  writeFileSync(
    join(work, "buf.yaml"),
    JSON.stringify({ version: "v2", modules: [{ path: "rules" }, { path: "ours" }] }),
  );
  copyTree(join(root, "proto"), join(work, "ours"));
  if (mode === "--image") {
    buf(["build", "--as-file-descriptor-set", "--exclude-source-info", "-o", `${resolve(target)}#format=binpb`]);
  } else {
    for (const [committed, sources] of Object.entries(targets)) {
      const out = join(mode === "--check" ? work : root, committed);
      rmSync(out, { recursive: true, force: true });
      const paths = sources.flatMap((source) => ["--path", `ours/${source}`]);
      buf(["generate", "ours", "--template", JSON.stringify(template(out)), ...paths]);
      if (mode === "--check") refuseDifference(out, join(root, committed));
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

// Started with Node, because Windows starts the files in node_modules/.bin only with a shell.
function buf(args) {
  execFileSync(process.execPath, [require.resolve("@bufbuild/buf/bin/buf"), ...args], { cwd: work, stdio: "inherit" });
}

function template(out) {
  return {
    version: "v2",
    plugins: [
      {
        local: [process.execPath, join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es")],
        out,
        opt: ["target=ts", "import_extension=js", "rewrite_imports=./buf/validate/*_pb.js:@bufbuild/protovalidate/gen"],
      },
    ],
  };
}

// @bufbuild/protovalidate contains the .proto file of the rules only as a compiled descriptor. Printed as text, it is
// all that the compiler needs, so this repository needs no copy.
function validateProto() {
  const { file_buf_validate_validate: file } = require("@bufbuild/protovalidate/gen/buf/validate/validate_pb.js");
  const { proto } = file;
  const scalars = { 1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32" };
  Object.assign(scalars, { 8: "bool", 9: "string", 12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64" });
  Object.assign(scalars, { 17: "sint32", 18: "sint64" });
  const labels = { 1: "optional", 2: "required", 3: "repeated" };
  const field = (f, label) => `${label} ${f.typeName || scalars[f.type]} ${f.name} = ${f.number};`;
  const message = (m) => [
    `message ${m.name} {`,
    ...m.field.filter((f) => !inOneof(f)).map((f) => field(f, labels[f.label])),
    ...m.oneofDecl.map((oneof, index) => {
      const members = m.field.filter((f) => inOneof(f) && f.oneofIndex === index);
      return `oneof ${oneof.name} { ${members.map((f) => field(f, "")).join(" ")} }`;
    }),
    ...m.extensionRange.map(
      (range) => `extensions ${range.start} to ${range.end > 536870000 ? "max" : range.end - 1};`,
    ),
    "}",
  ];
  return [
    `syntax = "proto2";`,
    `package ${proto.package};`,
    ...proto.dependency.map((name) => `import "${name}";`),
    ...proto.enumType.flatMap((e) => [`enum ${e.name} {`, ...e.value.map((v) => `${v.name} = ${v.number};`), "}"]),
    ...proto.messageType.flatMap(message),
    ...proto.extension.map((e) => `extend ${e.extendee} { ${field(e, labels[e.label])} }`),
  ].join("\n");
}

function inOneof(field) {
  return Object.hasOwn(field, "oneofIndex") && field.oneofIndex !== undefined;
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function copyTree(from, to) {
  for (const name of filesOf(from)) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), readFileSync(join(from, name)));
  }
}

function refuseDifference(fresh, committed) {
  const names = new Set([...filesOf(fresh), ...(existsSync(committed) ? filesOf(committed) : [])]);
  const text = (folder, name) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined;
  const differing = [...names].filter((name) => text(fresh, name) !== text(committed, name));
  if (differing.length === 0) return;
  console.error(`These files don't match proto/: ${differing.join(", ")}. Run npm run generate.`);
  process.exitCode = 1;
}
