/** What `pulumi-ona simulate` tells users to run. */
import { describeVariables } from "../../src/cli/simulate/run.js";

const variables = { ONA_API_KEY: "it's", ONA_BASE_URL: "http://127.0.0.1:7070/api" };

const posix = [
  "To use it from another terminal, run:",
  String.raw`  export ONA_API_KEY='it'\''s'`,
  "  export ONA_BASE_URL=http://127.0.0.1:7070/api",
  "",
];

test.each([
  ["linux", {}],
  ["darwin", { SHELL: "/bin/zsh" }],
  ["win32", { MSYSTEM: "MINGW64" }],
  ["win32", { SHELL: "/usr/bin/bash" }],
])("prints export lines for a POSIX shell on %s with %j", (platform, env) => {
  expect(describeVariables(variables, env, platform)).toEqual(posix);
});

test("prints the commands of PowerShell and cmd on Windows", () => {
  expect(describeVariables(variables, {}, "win32")).toEqual([
    "To use it from another terminal, run in PowerShell:",
    "  $env:ONA_API_KEY = 'it''s'",
    "  $env:ONA_BASE_URL = 'http://127.0.0.1:7070/api'",
    "",
    "To use it from another terminal, run in cmd:",
    '  set "ONA_API_KEY=it\'s"',
    '  set "ONA_BASE_URL=http://127.0.0.1:7070/api"',
    "",
  ]);
});
