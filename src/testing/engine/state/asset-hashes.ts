/**
 * Assets and archives, which the engine knows by the hash of their content: another content is a change, though the path is the same.
 *
 * The hashes are those of the real engine, so that state goes over from one to the other: of an asset's bytes, of an archive file's bytes, and of everything else the tar file that Go
 * makes of its members (`archive/tar`, format USTAR). Members with a name that USTAR cannot hold have a hash of their own.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { isPlainMap } from "./property-diff.js";
import { mapValues, type PropertyMap, type PropertyValue, Secret, signatureKey } from "./property-values.js";

/** What the special values of each kind have as signature. */
const signatures = { asset: "c44067f5952c0a294b673a41bacd8c17", archive: "0def7320c3a5731c473e5ecbe6d01bc7" } as const;
/** The property that says where content is from. */
const keys = { text: "text", file: "path", uri: "uri" } as const;
/** What tells an archive file from a folder. */
const archiveFile = /\.(?:tar|tgz|tar\.gz|zip|jar)$/;

/** What an asset or archive is: its kind, where its content is from, and the hash of that, empty where it is not known. */
export type Content = { readonly kind: keyof typeof signatures; readonly hash: string } & (
  | {
      readonly source: keyof typeof keys;
      /** Text, path or address. */
      readonly text: string;
    }
  | { readonly source: "assets"; readonly assets: PropertyMap }
);

/** The asset or archive that a value is, if it is one. */
export function contentIn(value: PropertyValue): Content | undefined {
  if (!isPlainMap(value)) return undefined;
  const { [signatureKey]: signature, path, uri, assets = null } = value;
  if (signature !== signatures.asset && signature !== signatures.archive) return undefined;
  const kind = signature === signatures.asset ? "asset" : "archive";
  const known = { kind, hash: textOf(value["hash"]) } as const;
  if (textOf(path) !== "") return { ...known, source: "file", text: textOf(path) };
  if (textOf(uri) !== "") return { ...known, source: "uri", text: textOf(uri) };
  if (isPlainMap(assets)) return { ...known, source: "assets", assets };
  return { ...known, source: "text", text: textOf(value["text"]) };
}

/** The value that an asset or archive is, in the form in which the engine keeps it: the SDK's own marks of its classes stay behind. */
function valueOf(content: Content): PropertyMap {
  const hash = content.hash === "" ? {} : { hash: content.hash };
  const mark = { [signatureKey]: signatures[content.kind], ...hash };
  if (content.source === "assets") return { ...mark, assets: content.assets };
  return content.text === "" ? mark : { ...mark, [keys[content.source]]: content.text };
}

function textOf(value: PropertyValue | undefined): string {
  return typeof value === "string" ? value : "";
}

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

/** The files of an archive: of a folder, or of a map whose items are assets, or archives whose files stand below the item's name. */
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
