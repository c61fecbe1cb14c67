/** Checks the packed package: its contents, and that every entry loads. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { lexer, walkTokens } from "marked";
import { packageVersion } from "../../src/util/version";
import { tarballOf } from "../support/consumer";
import { spawnNode } from "../support/spawn-node";
import { consumer } from "../support/warm-pools";

const root = join(__dirname, "../..");
const installed = () => join(consumer(), "node_modules/pulumi-ona");
const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
const run = (command: string, args: readonly string[], cwd = consumer()) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const tool = (name: string) => join(root, "node_modules/.bin", name);
const evaluate = (source: string) => run(process.execPath, ["--input-type=module", "-e", source]).trim();

test("publint and attw report no problems", () => {
  run(tool("publint"), ["--strict", installed()]);
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
      /pulumi-ona.dist.(client[\\/](?!errors|filters|proxy)|testing|cli\b|vendor)|node_modules.(undici|zod)/.test(path),
    ),
  ).toEqual([]);
  const provider = loaded("pulumi-ona/provider");
  expect(provider.filter((path) => !/node_modules.pulumi-ona.dist/.test(path)).filter(Boolean)).toEqual([]);
  expect(provider.length).toBeLessThan(37);
});

test("an installation adds this package, undici and zod, and nothing else to the SDK", () => {
  const { dependencies, peerDependencies, optionalDependencies } = readManifest(installed());
  expect(Object.keys(dependencies as object)).toEqual(["undici", "zod"]);
  expect(Object.keys(peerDependencies as object)).toEqual(["@pulumi/pulumi"]);
  expect(optionalDependencies).toBeUndefined();
  for (const name of ["undici", "zod"]) {
    const { dependencies: none, license } = readManifest(join(root, "node_modules", name));
    expect([none, license]).toEqual([undefined, "MIT"]);
  }
});

test("the code requires only Node, the SDK, undici, zod, and its own files", () => {
  const specifiers = globSync("dist/**/*.{js,cjs,mjs}", { cwd: installed() }).flatMap((file) => {
    const code = readFileSync(join(installed(), file), "utf8");
    return [...code.matchAll(/\b(?:require|require\.resolve|import)\(["']([^"']+)["']\)|^import .*from "(.+)";$/gm)];
  });
  const packages = new Set<string>();
  for (const [, required, imported] of specifiers) {
    const specifier = required ?? imported ?? "";
    if (!isBuiltin(specifier) && !specifier.startsWith("."))
      packages.add(/^(@[^/]+.)?[^/]+/.exec(specifier)?.[0] ?? "");
  }
  expect([...packages].sort()).toEqual(["@pulumi/pulumi", "pulumi-ona", "undici", "zod"]);
});

test("the package is small, packed and installed", () => {
  const tarballBytes = statSync(tarballOf(consumer())).size;
  const bytes = globSync("**/*", { cwd: installed(), exclude: ["node_modules"] })
    .map((file) => statSync(join(installed(), file)))
    .reduce((sum, stat) => (stat.isFile() ? sum + stat.size : sum), 0);
  // A third of it is the native plugin, which has all of its packages inside.
  expect({ tarballMb: tarballBytes / 1e6 < 1.2, mb: bytes / 1e6 < 4.3 }).toEqual({ tarballMb: true, mb: true });
});

test.each(["dist", "dist/plugin"])(
  "the licenses of all packages bundled in %s are included and permissive",
  (folder) => {
    const file = join(installed(), folder, "THIRD-PARTY-LICENSES.txt");
    const [intro = "", ...texts] = readFileSync(file, "utf8").split(/^-+$/m);
    const packages = texts.map((text) => /^(\S+) \d\S*, (.+)\n\n[^]{100}/.exec(text.trim()) ?? []);
    for (const [, , license] of packages)
      expect(license).toMatch(/^\(?((MIT|ISC|Apache-2\.0|BSD-3-Clause)( AND )?)+\)?$/);
    expect(intro).toContain("The file LICENSE has the Apache License 2.0");
    if (folder === "dist/plugin") {
      const names = ["@bufbuild/protobuf", "@grpc/grpc-js", "@js-sdsl/ordered-map", "undici", "zod"];
      return expect(packages.map(([, name]) => name).sort()).toEqual(names);
    }
    const vendor = readFileSync(join(installed(), "dist/vendor.js"), "utf8");
    const bundled = vendor.matchAll(/"(?:[^"\n]*\/)?node_modules\/((?:@[^/"\n]+\/)?[^/"\n]+)\/[^"\n]+"\(/g);
    expect(new Set(packages.map(([, name]) => name))).toEqual(new Set([...bundled].map(([, name]) => name)));
  },
);

test("the native plugin starts in an empty folder, with nothing but Node", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  try {
    cpSync(join(installed(), "dist/plugin/pulumi-resource-ona"), join(folder, "plugin"));
    const child = spawnNode([join(folder, "plugin")], { cwd: folder });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    expect(line).toMatch(/^\d+$/);
    const exited = once(child, "exit");
    child.kill();
    await exited;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the manifest has no pulumi section and matches the version in the code", () => {
  const manifest = readManifest(installed());
  expect(manifest).not.toHaveProperty("pulumi");
  expect(manifest["version"]).toBe(packageVersion);
  // Like the oldest SDK of the peer dependency: yarn 1 refuses to install on other versions.
  expect(manifest["engines"]).toEqual({ node: ">=20" });
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"]) {
    expect(existsSync(join(installed(), file))).toBe(true);
  }
});

test("links between the packed documents lead to files and headings in the package", () => {
  const packed = join(consumer(), "node_modules/pulumi-ona");
  const documents = readdirSync(packed, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^(?!node_modules).*\.md$/.test(name),
  );
  const broken = documents.flatMap((name) =>
    linksIn(join(packed, name)).filter((link) => !leadsTo(packed, name, link)),
  );
  expect(documents.length).toBeGreaterThan(20);
  expect(broken).toEqual([]);
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

/** The links of a document to other documents and files. */
function linksIn(document: string): string[] {
  const links: string[] = [];
  void walkTokens(lexer(readFileSync(document, "utf8")), (token) => {
    if ((token.type === "link" || token.type === "image") && !/^[a-z]+:/.test(String(token["href"])))
      links.push(String(token["href"]));
  });
  return links;
}

function leadsTo(packed: string, document: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? join(packed, document) : join(packed, dirname(document), path);
  if (!existsSync(target)) return false;
  return heading === undefined || anchorsOf(readFileSync(target, "utf8")).includes(heading);
}

/** The anchors that GitHub and npm give to headings. */
function anchorsOf(markdown: string): string[] {
  const headings = lexer(markdown).filter(({ type }) => type === "heading");
  return headings.map((token) =>
    String("text" in token && token.text)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}
