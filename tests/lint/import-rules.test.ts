import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import importRules from "../../scripts/lint/import-rules.cjs";

const root = join(__dirname, "../..");
const linter = new Linter({ cwd: root });

/** What the rule reports about text in a file of src. */
function lint(file: string, text: string): string[] {
  const config: Linter.Config = {
    files: ["**/*.ts"],
    languageOptions: { parser },
    plugins: { local: { rules: { imports: importRules.rule } } },
    rules: { "local/imports": "error" },
  };
  return linter.verify(text, [config], join(root, file)).map(({ message }) => message);
}

/** One forbidden import, and one that is allowed, for each part of src. */
const examples: [file: string, forbidden: string, message: string, allowed?: string][] = [
  ["src/index.ts", "./cli/main.js", "index.ts must not import cli", "./warm-pool/resource.js"],
  [
    "src/provider.ts",
    "./warm-pool/resource.js",
    "provider.ts must not import warm-pool (program side)",
    "./warm-pool/binding.js",
  ],
  ["src/program/stub.ts", "@pulumi/pulumi", "program/stub.ts must not import the package @pulumi/pulumi"],
  ["src/program/register.ts", "../hosts/session.js", "program must not import hosts", "@pulumi/pulumi/runtime/config"],
  ["src/components/x.ts", "../client/client.js", "components must not import client", "../warm-pool/resource.js"],
  [
    "src/lookups/project.ts",
    "../client/client.js",
    "lookups (program side) must not import client",
    "./find-project.js",
  ],
  ["src/lookups/x.ts", "../settings/settings.js", "lookups must not import settings", "../lifecycle/functions.js"],
  ["src/hosts/dynamic/x.ts", "../../client/errors.js", "hosts/dynamic must not import client", "../session.js"],
  [
    "src/hosts/native/x.ts",
    "@pulumi/pulumi",
    "hosts/native must not import the package @pulumi/pulumi",
    "../session.js",
  ],
  [
    "src/plugin.ts",
    "google-protobuf",
    "plugin.ts must not import the package google-protobuf",
    "./lookups/find-pair.js",
  ],
  ["src/hosts/session.ts", "../program/register.js", "hosts must not import program", "../settings/settings.js"],
  ["src/hosts/session.ts", "./dynamic/provider.js", "hosts must not import hosts/dynamic"],
  ["src/hosts/x.ts", "@pulumi/pulumi", "hosts must not import the package @pulumi/pulumi"],
  [
    "src/warm-pool/functions.ts",
    "../hosts/session.js",
    "warm-pool (program side) must not import hosts",
    "../program/invoke.js",
  ],
  ["src/warm-pool/lifecycle.ts", "@pulumi/pulumi", "warm-pool must not import the package @pulumi/pulumi", "./api.js"],
  ["src/warm-pool/lifecycle.ts", "./resource.js", "warm-pool must not import warm-pool (program side)"],
  ["src/warm-pool/lifecycle.ts", "../prebuild/api.js", "warm-pool must not import prebuild"],
  [
    "src/prebuild/resource.ts",
    "../cli/main.js",
    "prebuild (program side) must not import cli",
    "./serialize-triggers.js",
  ],
  ["src/prebuild/log/follow.ts", "../../hosts/session.js", "prebuild must not import hosts", "../api.js"],
  ["src/batched-reads/x.ts", "../warm-pool/api.js", "batched-reads must not import warm-pool", "../client/filters.js"],
  ["src/lifecycle/contract.ts", "../hosts/session.js", "lifecycle must not import hosts", "../client/index.js"],
  ["src/lifecycle/x.ts", "../batched-reads/batched-reads.js", "lifecycle must not import batched-reads"],
  ["src/settings/x.ts", "../lifecycle/failures.js", "settings must not import lifecycle", "../util/text.js"],
  ["src/client/client.ts", "../settings/settings.js", "client must not import settings", "undici"],
  ["src/util/x.ts", "../client/errors.js", "util must not import client", "node:timers/promises"],
  ["src/cli/x.ts", "../testing/simulator/index.js", "cli must not import testing/simulator", "../warm-pool/state.js"],
  ["src/cli/x.ts", "../program/register.js", "cli must not import program", "../program/stub.js"],
  ["src/cli/x.ts", "../warm-pool/resource.js", "cli must not import warm-pool (program side)"],
  [
    "src/cli/simulate/x.ts",
    "../../client/client.js",
    "cli/simulate must not import client",
    "../../testing/simulator/index.js",
  ],
  [
    "src/testing/simulator/x.ts",
    "../../client/schemas.js",
    "testing/simulator must not import client",
    "@connectrpc/connect",
  ],
  [
    "src/testing/engine/run/x.ts",
    "../../simulator/index.js",
    "testing/engine must not import testing/simulator",
    "../state/urn.js",
  ],
  ["src/testing/index.ts", "../util/clock.js", "testing/index.ts must not import util", "./engine/index.js"],
];

test.each(examples)("%s must not import %s", (...[file, forbidden, message, allowed]) => {
  expect(lint(file, `import { x } from ${JSON.stringify(forbidden)};`)).toEqual([message]);
  if (allowed !== undefined) expect(lint(file, `import { x } from ${JSON.stringify(allowed)};`)).toEqual([]);
});

test("the examples cover each part of src", () => {
  const covered = new Set(examples.map(([file]) => importRules.parts.find(({ files }) => files.test(file))?.name));
  expect([...covered].sort()).toEqual(importRules.parts.map(({ name }) => name).sort());
});

test.each([
  ["a type import", 'import type { Session } from "../hosts/session.js";'],
  ["a re-export", 'export { Session } from "../hosts/session.js";'],
  ["a re-export of everything", 'export * from "../hosts/session.js";'],
  ["a dynamic import", 'const session = import("../hosts/session.js");'],
  ["an import in a type", 'type S = import("../hosts/session.js").Session;'],
])("a forbidden import is found in %s", (_what, text) => {
  expect(lint("src/client/client.ts", text)).toEqual(["client must not import hosts"]);
});

test("a file of a new folder must be added to the rules", () => {
  expect(lint("src/native/x.ts", 'import { x } from "../util/text.js";')).toEqual([
    expect.stringContaining("src/native/x.ts belongs to no part of src"),
  ]);
});

test("a relative import must end in .js", () => {
  expect(lint("src/client/client.ts", 'import { x } from "../util/text";')).toEqual([
    "the path of a relative import ends in .js: ../util/text",
  ]);
});

test("every file of src belongs to a part, and lint checks it", () => {
  const list = execFileSync("git", ["ls-files", "src"], { cwd: root, encoding: "utf8" });
  const files = list.split("\n").filter((file) => /\.c?ts$/.test(file));
  expect(files.filter((file) => !importRules.parts.some((part) => part.files.test(file)))).toEqual([]);
  const eslint = join(root, "node_modules/eslint/bin/eslint.js");
  const config = execFileSync(process.execPath, [eslint, "--print-config", "src/client/client.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(JSON.parse(config)).toMatchObject({ rules: { "local/imports": [2] } });
});
