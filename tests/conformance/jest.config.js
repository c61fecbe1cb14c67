/** @type {import("jest").Config} */
module.exports = {
  rootDir: "../..",
  testMatch: ["<rootDir>/tests/conformance/**/*.test.ts"],
  testTimeout: 120_000,
  // The provider that the vendor's stubs judge is the packed one, in real processes.
  globalSetup: "<rootDir>/tests/support/global-setup.ts",
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.jest.json", diagnostics: false }] },
  // Sources name their imports as Node finds them after the build.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
};
