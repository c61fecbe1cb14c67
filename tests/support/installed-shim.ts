/** The test engine as the `pulumi` command of the installed package, which is compiled already. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as testing from "../../src/testing/index.js";
import { consumer } from "./warm-pools.js";

/** Installs the command. */
export function installShim(): testing.InstalledShim {
  const packed = createRequire(join(consumer(), "test.js"))("pulumi-ona/testing") as typeof testing;
  return packed.installShim();
}
