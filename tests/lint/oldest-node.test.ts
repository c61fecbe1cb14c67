/** What `engines` in package.json accepts must be able to run the product. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../support/compile.js";

const root = join(__dirname, "../..");

test("the product uses no function of the language that Node 20 lacks", () => {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/oldest-node-"));
  const files = ["index.ts", "provider.ts", "cli/main.ts"].map((file) => join(root, "src", file));
  const project = { extends: join(root, "tsconfig.json"), compilerOptions: { lib: ["es2023"] }, include: [], files };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  try {
    compile(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
