/** docs/faults.md is up to date. Run `npm run faults` to regenerate it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

test("docs/faults.md shows what really happens for each fault in each call of a resource's lifecycle", () => {
  const args = ["--import", "tsx", join(__dirname, "faults-page.ts"), "--print"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr);
  expect(stdout.split("\n")).toEqual(readFileSync(join(root, "docs/faults.md"), "utf8").split("\n"));
}, 900_000);
