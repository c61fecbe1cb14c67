/** Files that a run writes and a later one may write over: each carries a checksum, so that a file of somebody else, or one that was edited, is recognised and left alone. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { CliError, systemCode } from "../terminal.js";

const mark = /^Written by `pulumi-ona import`, sha256 ([0-9a-f]{64})\./;

/** The words that mark a file of ours with this content. */
export function markOf(content: string): string {
  return `Written by \`pulumi-ona import\`, sha256 ${checksum(content)}. Once you edit this file, it is yours.`;
}

/** Whether words mark a file of ours with this content. */
export function isMarkOf(words: unknown, content: string): boolean {
  return typeof words === "string" && mark.exec(words)?.[1] === checksum(content);
}

/** A file that may have been there, as the reader of its kind takes it. */
export interface OwnFile {
  readonly path: string;
  /** Undefined where there is no file. */
  readonly text: string | undefined;
}

/** Reads a file that may be there. */
export async function readOwnFile(path: string): Promise<OwnFile> {
  try {
    // Git may have changed the ends of lines.
    return { path, text: (await readFile(path, "utf8")).replaceAll("\r\n", "\n") };
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return { path, text: undefined };
    throw new CliError(`${path} is in the way and cannot be read (${code ?? String(error)}). Nothing was written.`);
  }
}

/** The refusal to write over a file. */
export function notOurs(path: string): CliError {
  return new CliError(
    `${path} was edited, or was not written by \`pulumi-ona import\`, so it is left alone and nothing was written. ` +
      "Move it elsewhere in your program (under another name), or write into another folder with --out. With --stack-export, what is in the state is left out.",
  );
}

/** Writes files: each as a whole, and none before all could be written. */
export async function writeFiles(
  folder: string,
  files: readonly (readonly [path: string, text: string])[],
): Promise<void> {
  const aside = files.map(([path, text]) => ({ path, text, draft: `${path}.${process.pid}.tmp` }));
  try {
    await mkdir(folder, { recursive: true });
    for (const { draft, text } of aside) await writeFile(draft, text, { flag: "wx" });
    for (const { draft, path } of aside) await rename(draft, path);
  } catch (error) {
    throw new CliError(`The files could not be written to ${folder}: ${systemCode(error) ?? String(error)}.`);
  } finally {
    for (const { draft } of aside) await rm(draft, { force: true });
  }
}

function checksum(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
