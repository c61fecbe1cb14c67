/**
 * Hashes of assets and archives, which tell the engine whether their content changed.
 *
 * The hashes equal those of the Pulumi engine, so that either can use the other's state. An asset and an archive file
 * are hashed by their bytes, and other archives by the USTAR file that Go's `archive/tar` writes of their members.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import {
  isPlainMap,
  mapValues,
  type PropertyMap,
  type PropertyValue,
  Secret,
  signatureKey,
  text,
} from "./property-values.js";

/** Signatures of the special values. */
const signatures = { asset: "c44067f5952c0a294b673a41bacd8c17", archive: "0def7320c3a5731c473e5ecbe6d01bc7" } as const;
/** The property that has the content or its location. */
const keys = { text: "text", file: "path", uri: "uri" } as const;
/** Any other path is a folder. */
const archiveFile = /\.(?:tar|tgz|tar\.gz|zip|jar)$/;

/** An asset or archive. Its hash is empty if it is not known. */
export type Content = { readonly kind: keyof typeof signatures; readonly hash: string } & (
  | {
      readonly source: keyof typeof keys;
      /** Text, path or URI. */
      readonly text: string;
    }
  | { readonly source: "assets"; readonly assets: PropertyMap }
);

/** Reads an asset or archive, if the value is one. */
export function contentIn(value: PropertyValue): Content | undefined {
  if (!isPlainMap(value)) return undefined;
  const { [signatureKey]: signature, path, uri, assets = null } = value;
  if (signature !== signatures.asset && signature !== signatures.archive) return undefined;
  const kind = signature === signatures.asset ? "asset" : "archive";
  const known = { kind, hash: text(value["hash"]) } as const;
  if (text(path) !== "") return { ...known, source: "file", text: text(path) };
  if (text(uri) !== "") return { ...known, source: "uri", text: text(uri) };
  if (isPlainMap(assets)) return { ...known, source: "assets", assets };
  return { ...known, source: "text", text: text(value["text"]) };
}

/** Writes an asset or archive like the Pulumi engine, without the marks of the SDK's classes. */
function valueOf(content: Content): PropertyMap {
  const hash = content.hash === "" ? {} : { hash: content.hash };
  const mark = { [signatureKey]: signatures[content.kind], ...hash };
  if (content.source === "assets") return { ...mark, assets: content.assets };
  return content.text === "" ? mark : { ...mark, [keys[content.source]]: content.text };
}

/**
 * Adds the hash of each asset and archive in the properties of a resource, except for remote ones.
 * @param folder base of relative paths
 * @throws Error for missing content
 */
export function withContentHashes(properties: PropertyMap, folder: string): PropertyMap {
  return mapValues(properties, (value) => withHash(value, folder));
}

function withHash(value: PropertyValue, folder: string): PropertyValue {
  if (value instanceof Secret) return new Secret(withHash(value.value, folder));
  if (Array.isArray(value)) return value.map((item) => withHash(item, folder));
  const content = contentIn(value);
  if (content === undefined) return isPlainMap(value) ? withContentHashes(value, folder) : value;
  const hash = hashOf(content, folder);
  if (content.source !== "assets") return valueOf({ ...content, hash });
  return valueOf({ ...content, hash, assets: withContentHashes(content.assets, folder) });
}

function hashOf(content: Content, folder: string): string {
  if (content.source === "uri") return "";
  const hash = createHash("sha256");
  const isFile = content.kind === "asset" || (content.source === "file" && archiveFile.test(content.text));
  if (isFile) hash.update(bytesOf(content, folder));
  else writeTar(hash, membersOf(content, folder));
  return hash.digest("hex");
}

function bytesOf(content: Content, folder: string): Buffer {
  if (content.source === "file") return readFileSync(resolve(folder, content.text));
  return Buffer.from(content.source === "text" ? content.text : "");
}

/** A file of an archive. */
interface Member {
  readonly name: string;
  readonly content: Buffer;
}

/** The files of an archive: those of a folder, or of a map. The name of a nested archive prefixes its files. */
function membersOf(archive: Content, folder: string): Member[] {
  if (archive.source === "file") return filesIn(resolve(folder, archive.text), "");
  if (archive.source !== "assets") return [];
  return Object.entries(archive.assets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, item]) => {
      const content = contentIn(item);
      if (content === undefined) return [];
      if (content.kind === "asset") return [{ name, content: bytesOf(content, folder) }];
      return membersOf(content, folder).map((member) => ({ ...member, name: posix.join(name, member.name) }));
    });
}

function filesIn(folder: string, prefix: string): Member[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== ".pulumi");
  const byName = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return byName.flatMap((entry) => {
    const [path, name] = [join(folder, entry.name), prefix + entry.name];
    if (entry.isDirectory()) return filesIn(path, `${name}/`);
    // Links to files are followed, links to folders are skipped.
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

/** The header of a regular file with mode 0600, without owner, from 1970. */
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

/**
 * Splits a name into a prefix of at most 155 bytes and a rest of at most 100. A longer name is replaced by its hash.
 */
function ustarName(name: string): [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= 100) return ["", name];
  const slash = name.lastIndexOf("/", 155);
  const fits = /^[\0-\x7f]*$/.test(name) && slash > 0 && name.length - slash - 1 <= 100;
  return fits ? [name.slice(0, slash), name.slice(slash + 1)] : ["", createHash("sha256").update(name).digest("hex")];
}
