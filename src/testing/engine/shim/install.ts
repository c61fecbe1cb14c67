/** Installs a `pulumi` command for a test's scripts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { nodePath } from "../host/node-path.js";

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
  const command = `"${nodePath()}" "${join(__dirname, "main.js")}"`;
  writeFileSync(join(directory, "pulumi"), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(directory, "pulumi.cmd"), `@${command} %*\r\n`);
  return {
    directory,
    env: { PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}` },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
