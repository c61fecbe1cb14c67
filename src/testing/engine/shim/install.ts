/** Installs a `pulumi` command for a test's scripts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { nodePath } from "../host/node-path.js";

export interface InstalledShim {
  /** A folder with an executable `pulumi`. */
  readonly directory: string;
  /** The environment for scripts: PATH, starting with that folder, and this process, with which the command ends. */
  readonly env: Record<string, string>;
  remove(): void;
}

/** The environment variable with the id of the process that the command ends with. */
export const installerVariable = "PULUMI_ONA_SHIM_INSTALLER";

/** Creates a folder with an executable `pulumi` that runs the test engine. It ends with this process. */
export function installShim(): InstalledShim {
  const directory = mkdtempSync(join(tmpdir(), "pulumi-shim-"));
  for (const [name, text] of Object.entries(scriptsFor([nodePath(), join(__dirname, "main.js")])))
    writeFileSync(join(directory, name), text, { mode: 0o755 });
  return {
    directory,
    env: {
      PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}`,
      [installerVariable]: String(process.pid),
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The scripts that run a command with their own arguments, by name: for a shell, and for Windows. */
export function scriptsFor(command: readonly string[]): { pulumi: string; "pulumi.cmd": string } {
  const forShell = command.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ");
  // A path on Windows has no quotes. Between them, only % has a meaning.
  const forWindows = command.map((part) => `"${part.replaceAll("%", "%%")}"`).join(" ");
  return { pulumi: `#!/bin/sh\nexec ${forShell} "$@"\n`, "pulumi.cmd": `@${forWindows} %*\r\n` };
}
