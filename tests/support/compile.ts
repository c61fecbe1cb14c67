import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

/** The native TypeScript compiler, which takes a tenth of the time. */
const compiler = join(dirname(require.resolve("typescript-native/package.json")), "bin/tsc");

/** Compiles the TypeScript project in a folder with all installed types, and throws an error that lists its errors. */
export function compile(folder: string): void {
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--types", "*"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout);
}
