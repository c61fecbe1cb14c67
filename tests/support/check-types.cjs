/**
 * Compiles the programs in the current folder with one compiler and each module resolution that it knows, and prints
 * each error once: `node check-types.cjs FOLDER-OF-TYPESCRIPT`. One process, because most of the time goes into the
 * compiler's own declarations. These alone are not checked.
 */
"use strict";
const { spawnSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const typescript = process.argv[2];
const version = parseFloat(JSON.parse(readFileSync(join(typescript, "package.json"), "utf8")).version);
const compile = version < 7 ? compileWithLibrary() : compileWithCommand;

for (const [moduleResolution, module, oldest, newest] of [
  ["node", "commonjs", 0, 6],
  ["node16", "node16", 0, 7],
  ["nodenext", "nodenext", 0, 7],
  ["bundler", "esnext", 5, 7],
]) {
  if (version < oldest || version > newest) continue;
  const options = {
    strict: true,
    noEmit: true,
    target: "es2020",
    lib: ["es2020"],
    types: [],
    skipDefaultLibCheck: true,
  };
  if (moduleResolution === "node" && version >= 6) options.ignoreDeprecations = "6.0";
  // The imports of the second program take the declarations for ES modules.
  const files = ["program.ts", ...(module.startsWith("node") ? ["program.mts"] : [])];
  const errors = compile({ ...options, module, moduleResolution }, files);
  for (const error of new Set(errors.map(withoutFile))) console.log(`${moduleResolution}: ${error}`);
}

function compileWithLibrary() {
  const ts = require(typescript);
  const own = new Map();
  return (settings, files) => {
    const { options, errors } = ts.convertCompilerOptionsFromJson(settings, process.cwd());
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) => {
      // Other files depend on the options.
      if (!name.startsWith(typescript)) return getSourceFile(name, ...rest);
      if (!own.has(name)) own.set(name, getSourceFile(name, ...rest));
      return own.get(name);
    };
    const found = [...errors, ...ts.getPreEmitDiagnostics(ts.createProgram(files, options, host))];
    return ts.formatDiagnostics(found, host).split("\n").filter(Boolean);
  };
}

/** TypeScript 7 has no library. */
function compileWithCommand(compilerOptions, files) {
  writeFileSync("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  const { stdout } = spawnSync(process.execPath, [join(typescript, "bin/tsc"), "-p", "."], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean);
}

/** Many files import the same missing module. */
function withoutFile(error) {
  return error.replace(/^.*error TS2307: /, "");
}
