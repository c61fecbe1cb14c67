/** From which folder a program expects the provider process to load the package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { programFolders, requireProvider } from "../../src/program/provider-folder.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pulumi-ona-folder-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function install(place: string): void {
  const installed = join(place, "node_modules/pulumi-ona");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ exports: { "./provider": "./provider.js" } }));
  writeFileSync(join(installed, "provider.js"), "");
}

test("names the program's folder if neither it nor the folder of Pulumi.yaml has the package", () => {
  const check = () => requireProvider([join(folder, "program"), folder]);
  expect(check).toThrow(pulumi.RunError);
  expect(check).toThrow(`must be a direct dependency of the Pulumi program in ${join(folder, "program")}`);
});

test.each(["program", "."])("accepts the package in the folder %s", (place) => {
  install(join(folder, place));
  expect(() => requireProvider([join(folder, "program"), folder])).not.toThrow();
});

test("a program that the CLI starts looks in the folder that it starts in, wherever it goes later", () => {
  const start = process.cwd();
  process.chdir(folder);
  try {
    expect(programFolders()).toEqual([start, pulumi.runtime.getRootDirectory()]);
  } finally {
    process.chdir(start);
  }
});

test("an inline program refuses nothing, because it can't know the folder", async () => {
  // As the Automation API runs an inline program.
  const { withLocalStorage } = runtimeState as unknown as { withLocalStorage: <T>(run: () => T) => T };
  expect(withLocalStorage(programFolders)).toBeUndefined();
  expect(() => withLocalStorage(() => requireProvider())).not.toThrow();
});
