/** The `pulumi` command that `installShim` writes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptsFor } from "../../../../src/testing/engine/shim/install.js";

test("runs from a folder whatever its path contains, and passes on its arguments", () => {
  const parent = mkdtempSync(join(tmpdir(), "shim-paths-"));
  try {
    const folder = join(parent, "a `id` $HOME $(id) 'b' \"c\" & ^ %PATH% !x! \\ é;|<>*?");
    mkdirSync(folder);
    const node = join(folder, "node");
    symlinkSync(process.execPath, node);
    const main = join(folder, "main.js");
    writeFileSync(main, "console.log(JSON.stringify([process.argv[1], ...process.argv.slice(2)]))");
    const command = join(folder, "pulumi");
    writeFileSync(command, scriptsFor([node, main]).pulumi, { mode: 0o755 });
    const given = ["$HOME", "a b", "`id`", "'"];
    expect(JSON.parse(execFileSync(command, given, { encoding: "utf8" }))).toEqual([main, ...given]);
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test("quotes paths for the command prompt of Windows, where only % has a meaning between quotes", () => {
  const script = scriptsFor(["C:\\Program Files\\node.exe", "C:\\100% & ^more\\main.js"])["pulumi.cmd"];
  expect(script).toBe('@"C:\\Program Files\\node.exe" "C:\\100%% & ^more\\main.js" %*\r\n');
});
