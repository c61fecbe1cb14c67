/** Checks the packed package: its contents, and that every entry loads. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../../src/util/version";
import { consumer } from "../support/warm-pools";

const root = join(__dirname, "../..");
const run = (command: string, args: readonly string[], cwd = consumer()) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const tool = (name: string) => join(root, "node_modules/.bin", name);
const evaluate = (source: string) => run(process.execPath, ["--input-type=module", "-e", source]).trim();

test("publint and attw report no problems", () => {
  run(tool("publint"), ["--strict", join(consumer(), "node_modules/pulumi-ona")]);
  execFileSync(tool("attw"), ["--pack", root, "--no-emoji"], {
    env: { ...process.env, npm_config_ignore_scripts: "true" },
  });
});

test.each(["pulumi-ona", "pulumi-ona/provider", "pulumi-ona/testing"])(
  "%s loads the same module with require and import",
  (entry) => {
    const source = `
    import { createRequire } from "node:module";
    import * as imported from ${JSON.stringify(entry)};
    const required = createRequire(process.cwd() + "/program.js")(${JSON.stringify(entry)});
    const names = Object.keys(required);
    console.log(names.length > 0 && names.every((name) => imported[name] === required[name]));`;
    expect(evaluate(source)).toBe("true");
  },
);

test("a program loads no client, simulator, or CLI, and a provider process loads nothing from the SDK", () => {
  const loaded = (entry: string) =>
    run(process.execPath, [
      "-e",
      `Object.values(require(${JSON.stringify(entry)})); console.log(Object.keys(require.cache).join("\\n"))`,
    ]).split("\n");
  const program = loaded("pulumi-ona");
  expect(
    program.filter((path) =>
      /pulumi-ona.dist.(client[\\/](?!errors|filters|proxy)|testing|cli\b)|node_modules.(undici|zod|@connectrpc|@bufbuild|commander|picocolors|string-width)/.test(
        path,
      ),
    ),
  ).toEqual([]);
  const provider = loaded("pulumi-ona/provider");
  expect(provider.filter((path) => !/node_modules.pulumi-ona.dist/.test(path)).filter(Boolean)).toEqual([]);
  expect(provider.length).toBeLessThan(35);
});

test("the manifest has no pulumi section and matches the version in the code", () => {
  const manifest = JSON.parse(readFileSync(join(consumer(), "node_modules/pulumi-ona/package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  expect(manifest).not.toHaveProperty("pulumi");
  expect(manifest["version"]).toBe(packageVersion);
  // Like the oldest SDK of the peer dependency: yarn 1 refuses to install on other versions.
  expect(manifest["engines"]).toEqual({ node: ">=20" });
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"]) {
    expect(existsSync(join(consumer(), "node_modules/pulumi-ona", file))).toBe(true);
  }
});

test("a program whose folder lacks the dependency gets an error with the fix", () => {
  const source = `
    process.chdir("/");
    const { createRequire } = await import("node:module");
    const { WarmPool } = createRequire(${JSON.stringify(join(consumer(), "program.js"))})("pulumi-ona");
    try { new WarmPool("web", {}); } catch (error) { console.log(error.message); }`;
  expect(evaluate(source)).toMatch(
    /pulumi-ona can't be found from \/, where Pulumi starts the provider\. Run `npm install pulumi-ona` in that folder\./,
  );
});
