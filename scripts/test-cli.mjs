// `npm run test:cli`: tests the lifecycle of a stack with the pulumi CLI on the PATH. Passes with a note if there is
// none.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const found = spawnSync("pulumi", ["version"], { encoding: "utf8" });
if (found.status !== 0) {
  console.log(
    "Skipped: there is no pulumi CLI on the PATH. `npm test` covers the same lifecycle with the test engine.",
  );
} else {
  console.log(`pulumi ${found.stdout.trim()}`);
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const { status } = spawnSync(process.execPath, [jest, "--config", join(root, "tests/real-cli/jest.config.js")], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
