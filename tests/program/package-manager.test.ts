/** Which command the advice to install the package names. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installCommand } from "../../src/program/package-manager.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pulumi-ona-manager-"));
  // The search ends at the repository.
  mkdirSync(join(root, ".git"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test.each([
  ["package-lock.json", "npm install"],
  ["npm-shrinkwrap.json", "npm install"],
  ["pnpm-lock.yaml", "pnpm add"],
  ["yarn.lock", "yarn add"],
  ["bun.lock", "bun add"],
  ["bun.lockb", "bun add"],
])("a project with %s installs with `%s`", (file, command) => {
  write(file);
  expect(installCommand(root, "npm/11.0.0")).toBe(`${command} pulumi-ona`);
});

test("the field packageManager wins over a lock file next to it", () => {
  write("package-lock.json");
  write("package.json", JSON.stringify({ packageManager: "yarn@4.9.1+sha512.abc" }));
  expect(installCommand(root)).toBe("yarn add pulumi-ona");
});

test("the root of a workspace decides for its packages, and a nested project for itself", () => {
  write("pnpm-lock.yaml");
  write("packages/infra/package.json", "{}");
  write("nested/bun.lock");
  expect(installCommand(join(root, "packages/infra/src"))).toBe("pnpm add pulumi-ona");
  expect(installCommand(join(root, "nested"))).toBe("bun add pulumi-ona");
});

test.each([
  ["pnpm/10.34.0 npm/? node/v24.21.0 linux x64", "pnpm add"],
  ["bun/1.4.5 npm/? node/v24.3.0 linux x64", "bun add"],
  ["constructor/1.0.0", "npm install"],
  [undefined, "npm install"],
])("without a lock file, what started the process decides: %s", (userAgent, command) => {
  expect(installCommand(root, userAgent)).toBe(`${command} pulumi-ona`);
});
