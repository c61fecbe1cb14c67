/**
 * Assets and archives, which the engine knows by the hash of their content: another content is a change, though the path is the same.
 *
 * The hashes are those of the real engine, so that state goes over from one to the other: of an asset's bytes, of an archive file's bytes, and of everything else the tar file that Go
 * makes of its members (`archive/tar`, format USTAR). Members with a name that USTAR cannot hold have a hash of their own.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { isPlainMap } from "./difference";
import { mapValues, type PropertyMap, type PropertyValue, Secret, signatureKey } from "./values";

const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";
/** What tells an archive file from a folder. */
const archiveFile = /\.(?:tar|tgz|tar\.gz|zip|jar)$/;

/**
 * The properties of a resource with the hash of each asset and archive, in the form in which the engine keeps them. Remote ones are not fetched, and have none.
 * @param folder where relative paths begin
 * @throws Error for content that is not there
 */
export function withContentHashes(properties: PropertyMap, folder: string): PropertyMap {
  return mapValues(properties, (value) => hashed(value, folder));
}

function hashed(value: PropertyValue, folder: string): PropertyValue {
  if (value instanceof Secret) return new Secret(hashed(value.value, folder));
  if (Array.isArray(value)) return value.map((item) => hashed(item, folder));
  if (!isPlainMap(value)) return value;
  const signature = value[signatureKey];
  if (signature !== assetSignature && signature !== archiveSignature) return withContentHashes(value, folder);
  // The SDK's own marks of its classes stay behind.
  const { text: content, path, uri, assets = null } = value;
  const kept = Object.entries({ text: content, path, uri }).filter(
    ([, part]) => typeof part === "string" && part !== "",
  );
  const members = isPlainMap(assets) ? { assets: withContentHashes(assets, folder) } : {};
  const hash = typeof uri === "string" ? {} : { hash: contentHash(value, folder) };
  return { [signatureKey]: signature, ...hash, ...Object.fromEntries(kept), ...members };
}

function contentHash(value: PropertyMap, folder: string): string {
  const hash = createHash("sha256");
  if (value[signatureKey] === assetSignature) hash.update(contentOf(value, folder));
  else if (typeof value["path"] === "string" && archiveFile.test(value["path"])) hash.update(contentOf(value, folder));
  else writeTar(hash, membersOf(value, folder));
  return hash.digest("hex");
}

function contentOf({ path, text: content }: PropertyMap, folder: string): Buffer {
  return typeof path === "string"
    ? readFileSync(resolve(folder, path))
    : Buffer.from(typeof content === "string" ? content : "");
}

/** What an asset or archive is for people: its kind, where its content is from, and the begin of its hash. */
export interface Content {
  readonly kind: "asset" | "archive";
  readonly source: "text" | "file" | "uri" | "assets";
  readonly hash: string;
  /** Path, address or text. */
  readonly text: string;
  readonly assets: PropertyMap | undefined;
}

/** The asset or archive that a value is, if it is one. */
export function contentIn(value: PropertyValue): Content | undefined {
  if (!isPlainMap(value)) return undefined;
  const { [signatureKey]: signature, hash, path, uri, text, assets = null } = value;
  if (signature !== assetSignature && signature !== archiveSignature) return undefined;
  const kind = signature === assetSignature ? "asset" : "archive";
  const known = { kind, hash: typeof hash === "string" ? hash.slice(0, 7) : "", assets: undefined } as const;
  if (typeof path === "string") return { ...known, source: "file", text: path };
  if (typeof uri === "string") return { ...known, source: "uri", text: uri };
  if (isPlainMap(assets)) return { ...known, source: "assets", text: "", assets };
  return { ...known, source: "text", text: typeof text === "string" ? text : "" };
}

/** A file of an archive. */
interface Member {
  readonly name: string;
  readonly content: Buffer;
}

/** The files of an archive: of a folder, or of a map whose items are assets, or archives whose files stand below the item's name. */
function membersOf(archive: PropertyMap, folder: string): Member[] {
  const { path, assets = null } = archive;
  if (typeof path === "string") return filesIn(resolve(folder, path), "");
  if (!isPlainMap(assets)) return [];
  return Object.keys(assets)
    .sort()
    .flatMap((name) => {
      const { [name]: item = null } = assets;
      if (!isPlainMap(item)) return [];
      if (item[signatureKey] === assetSignature) return [{ name, content: contentOf(item, folder) }];
      return membersOf(item, folder).map((member) => ({ ...member, name: posix.join(name, member.name) }));
    });
}

function filesIn(folder: string, prefix: string): Member[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== ".pulumi");
  const byName = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return byName.flatMap((entry) => {
    const [path, name] = [join(folder, entry.name), prefix + entry.name];
    if (entry.isDirectory()) return filesIn(path, `${name}/`);
    // A link to a file is read as the file, one to a folder is passed over.
    return statSync(path).isDirectory() ? [] : [{ name, content: readFileSync(path) }];
  });
}

const block = 512;

function writeTar(hash: Hash, members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { name, content } of members) {
    if (seen.has(name)) continue;
    seen.add(name);
    hash.update(tarHeader(name, content.length));
    hash.update(content);
    hash.update(Buffer.alloc((block - (content.length % block)) % block));
  }
  hash.update(Buffer.alloc(2 * block));
}

/** The header of a regular file of mode 0600, of nobody, from 1970. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, "0"), at);
  const [prefix, rest] = ustarName(name);
  header.write(rest, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.write("        0", 148);
  header.write("ustar\0" + "00", 257);
  octal(0, 329, 7);
  octal(0, 337, 7);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  header.write("\0 ", 154);
  return header;
}

/** A name as prefix and rest: at most 100 bytes, or two parts at a slash of at most 155 and 100. */
function ustarName(name: string): [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= 100) return ["", name];
  const slash = name.lastIndexOf("/", 155);
  const fits = /^[\0-\x7f]*$/.test(name) && slash > 0 && name.length - slash - 1 <= 100;
  return fits ? [name.slice(0, slash), name.slice(slash + 1)] : ["", createHash("sha256").update(name).digest("hex")];
}
