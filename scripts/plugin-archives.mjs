// The files that a release has beside the npm package: the native plugin as Pulumi downloads it, and checksums.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Where Pulumi runs. The content is the same, except for the starter that Windows needs. */
const systems = ["linux", "darwin", "windows"];
const architectures = ["amd64", "arm64"];
const executable = "pulumi-resource-ona";

/** Empties the folder `release`. Returns its path. */
export function createReleaseFolder(root) {
  const folder = join(root, "release");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

/** Writes an archive of `dist/plugin` for each system and architecture. The same content makes the same bytes. */
export function writePluginArchives(root, folder) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const plugin = join(root, "dist/plugin");
  for (const system of systems) {
    const names = readdirSync(plugin).filter((name) => system === "windows" || !name.endsWith(".cmd"));
    const files = [join(root, "LICENSE"), ...names.sort().map((name) => join(plugin, name))];
    const archive = gzipSync(Buffer.concat([...files.flatMap(tarEntryOf), Buffer.alloc(1024)]), { level: 9 });
    // The system that compressed it.
    archive[9] = 255;
    for (const architecture of architectures)
      writeFileSync(join(folder, `${executable}-v${version}-${system}-${architecture}.tar.gz`), archive);
  }
}

/** Writes `SHA256SUMS` of the files in a folder, in the format of `sha256sum`. Returns its text. */
export function writeChecksums(folder) {
  const sums = readdirSync(folder).map((name) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${hash.digest("hex")}  ${name}\n`;
  });
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
  return sums.join("");
}

/** The header (ustar) and the content of a file in an archive, without its time and owner. */
function tarEntryOf(path) {
  const content = readFileSync(path);
  const [name] = path.split(/[\\/]/).slice(-1);
  const mode = name === executable ? 0o755 : 0o644;
  const header = Buffer.alloc(512);
  const octal = (number, length) => `${number.toString(8).padStart(length - 1, "0")}\0`;
  header.write(name, 0);
  header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(0, 12), 100);
  header.write(`${" ".repeat(8)}0`, 148);
  header.write("ustar\x0000", 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte),
      7,
    ) + " ",
    148,
  );
  return [header, content, Buffer.alloc(-content.length & 511)];
}
