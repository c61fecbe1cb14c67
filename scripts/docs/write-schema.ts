/** Writes the schema of the native plugin: `tsx scripts/docs/write-schema.ts FILE`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createSchema } from "./schema.js";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: write-schema.ts FILE");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(createSchema(), null, 2)}\n`);
