/** The generated types match proto/. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

test("the committed message types are what proto/ generates", () => {
  const root = join(__dirname, "../../..");
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/generate.mjs"), "--check"], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}, 60_000);
