// `npm run package:plugin`: builds, and writes the archives of the native plugin to release/, with their checksums.
import { join } from "node:path";
import { createReleaseFolder, writeChecksums, writePluginArchives } from "./plugin-archives.mjs";
import "./build.mjs";

const root = join(import.meta.dirname, "..");
const release = createReleaseFolder(root);
writePluginArchives(root, release);
console.log(writeChecksums(release).trimEnd());
