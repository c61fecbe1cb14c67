/** The warning about a version of Node.js that is too old. */
import { createNodeCheck } from "../../src/util/node-version.js";

/** What two checks of a version warn about. */
function warningsFor(version: string): string[] {
  const warnings: string[] = [];
  const check = createNodeCheck((line) => warnings.push(line), version);
  check();
  check();
  return warnings;
}

test.each(["v22.19.0", "v22.20.1", "v23.0.0", "v24.21.0", "v100.0.0", "v22.19.0-rc.1", "v24.0.0-nightly2025", "bun"])(
  "accepts Node.js %s",
  (version) => expect(warningsFor(version)).toEqual([]),
);

test.each(["v22.18.9", "v22.9.0", "v20.20.0", "v21.99.0", "v2.50.0", "v0.12.0"])(
  "warns once about Node.js %s",
  (version) => {
    expect(warningsFor(version)).toEqual([
      `pulumi-ona needs Node.js 22.19 or newer, but this process runs ${version}. Operations may fail with errors such as ` +
        '"… is not a function". Put a newer node first on the PATH, where Pulumi finds it',
    ]);
  },
);
