/** Whatever fails, nothing is lost, created twice, or leaked: the same runs of the campaign each time. `npm run campaign` runs others. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");

/**
 * Runs a campaign in a process of its own, because it replaces the clock, the console, and `Math.random`.
 * Returns its figures.
 */
function campaign(runs: number, seed: number, ...more: readonly string[]): string {
  const args = [
    "--import",
    "tsx",
    join(__dirname, "campaign.ts"),
    "--runs",
    String(runs),
    "--seed",
    String(seed),
    ...more,
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stdout + stderr);
  expect(stdout).toMatch(new RegExp(`^${runs} runs in `));
  return stdout;
}

test("150 random programs keep every invariant under random faults, kills, and interrupts in one process", () => {
  // Batched reads, faults, interrupts, kills, moves, and advice took part.
  expect(campaign(150, 7)).not.toMatch(/ 0 /);
}, 900_000);

test("6 random programs keep every invariant in real processes that are interrupted and killed", () => {
  // These have kills, interrupts, and both hosts.
  campaign(6, 30, "--processes");
}, 900_000);
