/** Generates SDKs from the schema of the native plugin with the real CLI. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSchema } from "../../scripts/docs/schema.js";
import { cliTest } from "../support/pulumi-cli.js";

const root = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "pulumi-ona-sdks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Generates an SDK. Returns its folder, or undefined if the CLI has no host for the language. */
function generate(language: string): string | undefined {
  const schema = join(folder, "schema.json");
  writeFileSync(schema, JSON.stringify(createSchema()));
  const args = ["package", "gen-sdk", schema, "--language", language, "--out", folder, "--non-interactive"];
  const env = { ...process.env, PULUMI_HOME: folder, PULUMI_BACKEND_URL: `file://${folder}` };
  const { status, stdout, stderr } = spawnSync("pulumi", args, { env, encoding: "utf8" });
  const text = stdout + stderr;
  if (text.includes("no language plugin")) return undefined;
  expect([status, text]).toEqual([0, expect.not.stringMatching(/warning|error/i)]);
  return join(folder, language);
}

cliTest("the Node SDK and the TypeScript examples of the schema compile", () => {
  const sdk = generate("nodejs");
  if (sdk === undefined) return;
  symlinkSync(join(root, "node_modules"), join(sdk, "node_modules"), "junction");
  const examples = ["WarmPool", "Prebuild"].map((name) => {
    const text = readFileSync(join(root, `scripts/docs/examples/${name}.md`), "utf8");
    const [, code = ""] = /```typescript\n([^]+?)```/.exec(text) ?? [];
    const file = join(sdk, `example${name}.ts`);
    writeFileSync(file, code.replace('"@pulumi/ona"', '"./index"'));
    return file;
  });
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "node16"];
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, ...options, "--types", "node", ...examples], { cwd: sdk, stdio: "pipe" });
});

cliTest("the Python SDK compiles, and has Python's names", () => {
  const sdk = generate("python");
  if (sdk === undefined || spawnSync("python3", ["--version"]).status !== 0) return;
  execFileSync("python3", ["-m", "compileall", "-q", join(sdk, "pulumi_ona")], { stdio: "pipe" });
  expect(readFileSync(join(sdk, "pulumi_ona/warm_pool.py"), "utf8")).toContain("wait_for_ready: pulumi.Input[");
});

cliTest("the Go SDK has the address of the repository and enums for what is one", () => {
  const sdk = generate("go");
  if (sdk === undefined) return;
  const prebuild = readFileSync(join(sdk, "ona/prebuild.go"), "utf8");
  expect(prebuild).toContain('"github.com/pulumi-ona/pulumi-ona/sdk/go/ona/internal"');
  expect(prebuild).toContain("Logs PrebuildLogsPtrInput");
});
