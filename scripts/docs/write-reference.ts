/** Writes docs/reference: `npm run reference`. A test fails if it is not current. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referencePages } from "./reference.js";

const folder = join(__dirname, "../../docs/reference");
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(folder, name), text);
