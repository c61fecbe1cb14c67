/** The files of the web page at `/`. They are served unchanged, so there is nothing to build. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of the page. */
export interface PageFile {
  type: string;
  read: () => Buffer;
}

const files: Record<string, { name: string; type: string }> = {
  "/": { name: "index.html", type: "text/html" },
  "/style.css": { name: "style.css", type: "text/css" },
  "/app.js": { name: "app.js", type: "text/javascript" },
};

/** The file at a path. */
export function pageFile(path: string): PageFile | undefined {
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (file === undefined) return undefined;
  return { type: `${file.type}; charset=utf-8`, read: () => readFileSync(join(__dirname, "page", file.name)) };
}
