// `npm run package:release -- v0.1.0`: writes the files of a release to release/ (the npm package and the archives of the
// native plugin), with their checksums, and its notes to .cache/release-notes.md.
import { execSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createReleaseFolder, writeChecksums, writePluginArchives } from "./plugin-archives.mjs";

const [tag] = process.argv.slice(2);
const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, but package.json has the version ${version}.`);

const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
const section = changelog.split(/^(?=## )/m).find((part) => part.startsWith(`## ${version}\n`));
if (section === undefined) throw new Error(`CHANGELOG.md has no section "## ${version}".`);
mkdirSync(join(root, ".cache"), { recursive: true });
writeFileSync(join(root, ".cache", "release-notes.md"), `${section.slice(section.indexOf("\n")).trim()}\n`);

const release = createReleaseFolder(root);
execSync(`npm pack --pack-destination ${JSON.stringify(release)}`, {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
// Of what `npm pack` has just built.
writePluginArchives(root, release);
console.log(writeChecksums(release).trimEnd());
