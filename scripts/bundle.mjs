// Bundles the packages that the compiled files require, except those that users install anyway, into one file, and the
// native provider with all of its packages into an executable.
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, posix, relative } from "node:path";
import { build } from "esbuild";

/**
 * Replaces `require("commander")` in the CommonJS files of a folder by `require("./vendor.js")("commander")`. Writes
 * `vendor.js`, which evaluates each package on first use, and the licenses of what is in it.
 * @param root the folder of the package
 * @param dist the compiled files
 */
export async function bundlePackages(root, dist) {
  const { name, dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const installed = [name, ...Object.keys({ ...dependencies, ...peerDependencies })];
  const bundled = new Set();
  for (const file of globSync("**/*.{js,cjs}", { cwd: dist })) {
    const vendor = posix.relative(posix.dirname(file.replaceAll("\\", "/")), "vendor.js");
    const path = join(dist, file);
    const source = readFileSync(path, "utf8");
    const rewritten = source.replace(/\brequire\("([^."][^"]*)"\)/g, (call, specifier) => {
      if (isBuiltin(specifier) || installed.includes(packageOf(specifier))) return call;
      bundled.add(specifier);
      return `require("${vendor.startsWith(".") ? vendor : `./${vendor}`}")("${specifier}")`;
    });
    if (rewritten !== source) writeFileSync(path, rewritten);
  }
  const loaders = [...bundled].sort().map((specifier) => `  "${specifier}": () => require("${specifier}"),\n`);
  const stdin = {
    contents: `const loaders = {\n${loaders.join("")}};\nmodule.exports = (name) => loaders[name]();\n`,
    resolveDir: root,
  };
  await bundle(root, join(dist, "vendor.js"), { stdin });
}

/**
 * Bundles the native provider into `plugin/pulumi-resource-ona`, which needs nothing but Node, with a starter for
 * Windows. The compiled files that only it uses go.
 */
export async function bundlePlugin(root, dist) {
  const outfile = join(dist, "plugin/pulumi-resource-ona");
  await bundle(root, outfile, {
    // From the sources, so that parts of packages that nothing uses are left out.
    entryPoints: [join(root, "src/plugin.ts")],
    banner: { js: "#!/usr/bin/env node" },
    minifyIdentifiers: true,
    // Only for services that the provider doesn't have.
    external: ["@grpc/proto-loader"],
    plugins: [onlyRequestsOfUndici],
  });
  chmodSync(outfile, 0o755);
  writeFileSync(`${outfile}.cmd`, '@node "%~dp0pulumi-resource-ona" %*\r\n');
  for (const path of ["plugin.js", "plugin.d.ts", "hosts/native"])
    rmSync(join(dist, path), { recursive: true, force: true });
}

/** Leaves out what undici's index also loads: fetch, WebSocket, mocks, and caches. They are a fifth of the executable. */
const onlyRequestsOfUndici = {
  name: "only requests of undici",
  setup({ onResolve, onLoad }) {
    const unused = /^\.\/lib\/(?:web|mock|interceptor|cache)\//;
    onResolve({ filter: unused }, ({ path, importer }) =>
      importer.endsWith(join("undici", "index.js")) ? { path, namespace: "unused" } : undefined,
    );
    // The index makes one object of these.
    onLoad({ filter: unused, namespace: "unused" }, () => ({ contents: "exports.CacheStorage = class {};" }));
  },
};

/** Writes a bundle, and the licenses of what is in it beside it. */
async function bundle(root, outfile, options) {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifyWhitespace: true,
    minifySyntax: true,
    // Node prints the line of an uncaught error.
    lineLimit: 160,
    metafile: true,
    logLevel: "warning",
  });
  const licenses = licensesOf(root, basename(outfile), Object.keys(metafile.inputs));
  writeFileSync(join(dirname(outfile), "THIRD-PARTY-LICENSES.txt"), licenses);
}

/** Returns the package of a module specifier: `@a/b` for `@a/b/c`. */
const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0];

/** Returns the license texts of the packages that the files belong to: license files, or notices in the code. */
function licensesOf(root, bundled, files) {
  const folders = Map.groupBy(files, (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  const texts = [...folders].flatMap(([folder, its]) => {
    if (folder === undefined) return [];
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const [licenseFile] = globSync(join(root, folder, "{LICENSE,license,LICENCE}*"));
    const notices =
      licenseFile === undefined
        ? its.flatMap((file) => noticesIn(join(root, file)))
        : [readFileSync(licenseFile, "utf8")];
    if (notices.length === 0) throw new Error(`${name} has no license text`);
    return [`${name} ${version}, ${license}\n\n${[...new Set(notices.map((notice) => notice.trim()))].join("\n\n")}\n`];
  });
  const intro = `The file ${bundled} contains parts of these packages. The file LICENSE has the Apache License 2.0.\n`;
  return [intro, ...texts.sort()].join(`\n${"-".repeat(80)}\n\n`);
}

/** Returns the comments in a file that name who has the copyright. */
function noticesIn(file) {
  const comments = readFileSync(file, "utf8").match(/\/\*[^]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm) ?? [];
  return comments.filter((comment) => /copyright \d/i.test(comment));
}
