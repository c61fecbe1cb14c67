/** The page about what happens when something fails says what happens. `npm run faults` writes it anew. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

test("docs/faults.md is what comes of each fault at each call of a resource's life", () => {
  const args = ["--import", "tsx", join(__dirname, "faults-page.ts"), "--print"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr);
  expect(stdout.split("\n")).toEqual(readFileSync(join(root, "docs/faults.md"), "utf8").split("\n"));
}, 900_000);
