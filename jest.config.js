const shared = {
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.jest.json", diagnostics: false }] },
  // Source files import each other by their compiled names.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
};

/** @type {import("jest").Config} */
module.exports = {
  // Most of the work happens in child processes, so jest itself needs no processor.
  maxWorkers: "100%",
  // Tests that run whole programs take seconds each.
  testTimeout: 120_000,
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tests/(acceptance|faults|conformance|browser|real-cli)/"],
    },
    {
      ...shared,
      // Tests of the installed tarball, in real processes.
      displayName: "acceptance",
      testMatch: ["<rootDir>/tests/acceptance/**/*.test.ts", "<rootDir>/tests/faults/**/*.test.ts"],
      globalSetup: "<rootDir>/tests/support/consumer.ts",
    },
  ],
};
