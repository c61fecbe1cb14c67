/** Installs a `pulumi` command for a test's scripts. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface InstalledShim {
  /** A folder with an executable `pulumi`. */
  readonly directory: string;
  /** The environment for scripts: PATH, starting with that folder. */
  readonly env: Record<string, string>;
  remove(): void;
}

/** Creates a folder with an executable `pulumi` that runs the test engine. */
export function installShim(): InstalledShim {
  const directory = mkdtempSync(join(tmpdir(), "pulumi-shim-"));
  const command = `"${process.execPath}" "${entry(directory)}"`;
  writeFileSync(join(directory, "pulumi"), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(directory, "pulumi.cmd"), `@${command} %*\r\n`);
  return {
    directory,
    env: { PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}` },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function entry(directory: string): string {
  const built = join(__dirname, "main.js");
  if (existsSync(built)) return built;
  // In this package's own tests there is only the source. It is compiled on load, with its own options so that the
  // programs that it runs are not affected.
  const compilerOptions = { module: "commonjs", target: "es2022" };
  const options = { transpileOnly: true, skipProject: true, experimentalResolver: true, compilerOptions };
  const path = join(directory, "main.cjs");
  const compiler = JSON.stringify(require.resolve("ts-node"));
  const main = JSON.stringify(join(__dirname, "main.ts"));
  writeFileSync(path, `require(${compiler}).register(${JSON.stringify(options)});\nrequire(${main});\n`);
  return path;
}
