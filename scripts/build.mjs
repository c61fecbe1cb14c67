// Compiles src to dist as CommonJS with types, and writes for each entry an ES module that re-exports it:
// one copy of the code and its state serves both module systems.
//
// It also links node_modules/pulumi-ona to this folder: the examples, and the Pulumi program of the repository root, find the package there as their dependency.
import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const entries = ["index", "provider", "testing/index"];

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});
for (const entry of entries) {
  const file = `./${entry.split("/").at(-1)}.js`;
  const names = Object.keys(require(join(root, "dist", `${entry}.js`))).filter((name) => name !== "__esModule");
  const source = `import cjs from ${JSON.stringify(file)};\n${names.map((n) => `export const ${n} = cjs.${n};\n`).join("")}`;
  writeFileSync(join(root, "dist", `${entry}.mjs`), source);
  writeFileSync(join(root, "dist", `${entry}.d.mts`), `export * from ${JSON.stringify(file)};\n`);
}
const link = join(root, "node_modules", "pulumi-ona");
rmSync(link, { recursive: true, force: true });
symlinkSync(root, link, "junction");
