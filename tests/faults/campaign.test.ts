/** Whatever fails, nothing is lost, nothing is doubled and nothing leaks: 500 runs of the campaign, always the same ones. Others: `npm run campaign`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

test("500 random programs end well under random faults, kills and interrupts", () => {
  // A process of its own: jest's module loader would keep the provider from being loaded anew for each of its processes.
  const args = ["--import", "tsx", join(__dirname, "campaign.ts"), "--runs", "500", "--seed", "7"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: join(__dirname, "../.."),
  });
  if (status !== 0) throw new Error(stdout + stderr);
  expect(stdout).toMatch(/^500 runs in /);
}, 900_000);
