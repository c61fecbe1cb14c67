/** Whatever fails, nothing is lost, nothing is doubled and nothing leaks: runs of the campaign, always the same ones. Others: `npm run campaign`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** Runs a campaign, in a process of its own: jest's module loader would keep the provider from being loaded anew for each of its processes. */
function campaign(runs: number, ...more: readonly string[]): void {
  const args = ["--import", "tsx", join(__dirname, "campaign.ts"), "--runs", String(runs), "--seed", "7", ...more];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stdout + stderr);
  // Reads in bulk take part.
  expect(stdout).toMatch(new RegExp(`^${runs} runs in .* [1-9]\\d* lists, `));
}

test("500 random programs end well under random faults, kills and interrupts", () => campaign(500), 900_000);

test(
  "so do 20 in real processes, which are interrupted and killed for real",
  () => campaign(20, "--processes"),
  900_000,
);
