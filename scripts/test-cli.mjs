// `npm run test:cli`: the life of a stack with a real `pulumi`, where there is one on the PATH; without one it says so and passes.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const found = spawnSync("pulumi", ["version"], { encoding: "utf8" });
if (found.status !== 0) {
  console.log(
    "There is no pulumi CLI on the PATH, so nothing was tested with it. `npm test` tests the same life with the test engine of this package.",
  );
} else {
  console.log(`pulumi ${found.stdout.trim()}`);
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const { status } = spawnSync(process.execPath, [jest, "--config", join(root, "tests/real-cli/jest.config.js")], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
