const shared = {
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.jest.json", diagnostics: false }] },
  // Sources name their imports as Node finds them after the build.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
};

/** @type {import("jest").Config} */
module.exports = {
  // Most of the work is in processes that tests start, so a processor left over for jest itself would idle.
  maxWorkers: "100%",
  // Whole programs take seconds each.
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
      // What is installed from the packed tarball, in real processes.
      displayName: "acceptance",
      testMatch: ["<rootDir>/tests/acceptance/**/*.test.ts", "<rootDir>/tests/faults/**/*.test.ts"],
      globalSetup: "<rootDir>/tests/support/global-setup.ts",
    },
  ],
};
