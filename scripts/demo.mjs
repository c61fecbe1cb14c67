// `npm run demo`: installs and builds what is missing, then takes a stack through its lifecycle.
// This file runs on any Node; the demo itself runs on the Node that the package needs.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
// Started by its path, because Windows starts the files in node_modules/.bin only with a shell.
const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const run = (command, args, options) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (status !== 0) process.exit(status ?? 1);
};

// npm writes this file last, so a partial installation does not count.
if (!existsSync(join(root, "node_modules", ".package-lock.json")) || !existsSync(bin)) {
  console.log("Installing dependencies (npm ci) …\n");
  run("npm ci --no-audit --no-fund --loglevel=error", [], { shell: true });
}
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
if (isStale()) {
  console.log("Building the package …\n");
  run(node, [join(root, "scripts", "build.mjs")], { env });
}
run(node, [join(root, "scripts", "demo", "main.mjs"), ...process.argv.slice(2)], { env });

function isStale() {
  const built = join(root, "dist", "index.mjs");
  if (!existsSync(built) || !existsSync(join(root, "node_modules", "pulumi-ona"))) return true;
  const at = statSync(built).mtimeMs;
  return readdirSync(join(root, "src"), { recursive: true }).some(
    (path) => statSync(join(root, "src", path)).mtimeMs > at,
  );
}
