// Compiles src to dist as CommonJS with types. Each entry also gets an ES module that re-exports it, so that both module
// systems share one copy of the code and its state. Links node_modules/pulumi-ona to this folder for the examples and for
// the Pulumi program in the repository root. Bundles the native plugin, and generates its schema.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePackages, bundlePlugin } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const entries = ["index", "provider", "testing/index"];
/** Extensions of files in src that are packaged without compiling. */
const assets = new Set([".cjs", ".html", ".css", ".svg", ".js"]);

// Built in another folder and swapped in, so that other processes never see a partial dist.
const dist = join(root, "dist");
const fresh = join(root, `.cache/dist-${process.pid}`);
mkdirSync(join(root, ".cache"), { recursive: true });
const compiler = join(dirname(require.resolve("typescript-native/package.json")), "bin/tsc");
const options = ["-p", join(root, "tsconfig.build.json"), "--outDir", fresh];
const { status } = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
if (status !== 0) {
  rmSync(fresh, { recursive: true, force: true });
  process.exit(status ?? 1);
}
loadLazily(join(fresh, "index.js"));
requireOwnFiles(fresh);
for (const file of readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })) {
  if (!file.isFile() || !assets.has(extname(file.name))) continue;
  const path = join(file.parentPath, file.name);
  cpSync(path, join(fresh, relative(join(root, "src"), path)));
}
await bundlePlugin(root, fresh);
await bundlePackages(root, fresh);
const link = join(root, "node_modules", "pulumi-ona");
rmSync(link, { recursive: true, force: true });
symlinkSync(root, link, "junction");
for (const entry of entries) {
  const file = `./${basename(entry)}.js`;
  const names = Object.keys(require(join(fresh, `${entry}.js`))).filter((name) => name !== "__esModule");
  const source = `import cjs from ${JSON.stringify(file)};\n${names.map((n) => `export const ${n} = cjs.${n};\n`).join("")}`;
  writeFileSync(join(fresh, `${entry}.mjs`), source);
  writeFileSync(join(fresh, `${entry}.d.mts`), `export * from ${JSON.stringify(file)};\n`);
}
deleteUnreachableTypes(fresh);
const schema = ["--import", "tsx", join(root, "scripts/docs/write-schema.ts"), join(fresh, "plugin/schema.json")];
execFileSync(process.execPath, schema, { cwd: root, stdio: "inherit" });
for (const executable of ["cli/main.js"])
  if (existsSync(join(fresh, executable))) chmodSync(join(fresh, executable), 0o755);

const old = join(root, `.cache/dist-old-${process.pid}`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
rmSync(old, { recursive: true, force: true });

/** Makes an entry that only re-exports load each module on first use, so that a program loads only what it declares. */
function loadLazily(entry) {
  const eager = readFileSync(entry, "utf8");
  const lazy = eager
    .replace(/^var (\w+) = (require\("\.\/[^"]+"\));$/gm, "const $1 = () => $2;")
    .replace(/(get: function \(\) \{ return \w+)(\.\w+; \})/g, "$1()$2");
  // Except a module that it loads for its effect.
  if (/^(?!const \w+ = \(\) => |require\(").*\brequire\(/m.test(lazy)) throw new Error(`${entry} must only re-export`);
  writeFileSync(entry, lazy);
}

/** Replaces `import("./file.js")` in CommonJS files, because the loader of ES modules takes much longer, each time. */
function requireOwnFiles(folder) {
  for (const file of readdirSync(folder, { recursive: true }).map((name) => join(folder, name))) {
    if (!file.endsWith(".js")) continue;
    const source = readFileSync(file, "utf8");
    const required = source.replace(/\bimport\(("\.[^"]+\.js")\)/g, "Promise.resolve().then(() => require($1))");
    if (required !== source) writeFileSync(file, required);
  }
}

/** Deletes the declarations that no entry reaches: they describe internals, with types of other packages. */
function deleteUnreachableTypes(folder) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const specifiers = readFileSync(file, "utf8").matchAll(/\b(?:from|import)\b\s*\(?\s*"(\.[^"]+)\.js"/g);
    for (const [, path] of specifiers) visit(join(dirname(file), `${path}.d.ts`));
  };
  for (const entry of entries) visit(join(folder, `${entry}.d.ts`));
  for (const file of readdirSync(folder, { recursive: true }).map((name) => join(folder, name))) {
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(file);
  }
}
