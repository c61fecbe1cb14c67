/** What the engine reads of a project folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readProject } from "../../../../src/testing/engine/host/project-file.js";

/** Reads a project with these files, and with options of its runtime. */
function read(files: readonly string[], options = ""): ReturnType<typeof readProject> {
  const folder = mkdtempSync(join(tmpdir(), "project-file-"));
  try {
    writeFileSync(join(folder, "Pulumi.yaml"), `name: test\nruntime: { name: nodejs, options: {${options}} }\n`);
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
    return readProject(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  [["index.js", "lib/pools.mjs"], "", false],
  [["index.js", "node_modules/zod/index.d.ts", ".pulumi/a.ts"], "", false],
  [["index.ts"], "", true],
  [["index.js", "lib/pools.cts"], "", true],
  [["index.js", "tsconfig.json"], "", true],
  [["index.js"], "typescript: true", true],
  [["index.ts"], "typescript: false", false],
])("a program of %j with options {%s} loads the compiler: %s", (files, options, expected) => {
  expect(read(files, options).typescript).toBe(expected);
});
