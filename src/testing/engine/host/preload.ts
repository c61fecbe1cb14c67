/** Scripts of this folder that run in the processes of programs and providers. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The path of a script: compiled in the package, or its source, which Node runs by stripping the types. */
export function preloadPath(name: "child-preload" | "clock-preload" | "reusable-process" | "run-executable"): string {
  const path = [`${name}.cjs`, `${name}.cts`].map((file) => join(__dirname, file)).find(existsSync);
  if (path === undefined) throw new Error(`${name} is missing from the package: reinstall pulumi-ona`);
  return path;
}
