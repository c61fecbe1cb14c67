/** @type {import("jest").Config} */
module.exports = {
  rootDir: "../..",
  testMatch: ["<rootDir>/tests/conformance/**/*.test.ts"],
  testTimeout: 120_000,
  // The vendor's stubs test the packed provider in real processes.
  globalSetup: "<rootDir>/tests/support/consumer.ts",
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.jest.json", diagnostics: false }] },
  // Source files import each other by their compiled names.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
};
