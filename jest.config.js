const { availableParallelism } = require("node:os");
const { join } = require("node:path");

// Node processes start faster, above all those that run TypeScript.
process.env.NODE_COMPILE_CACHE ??= join(__dirname, ".cache/compile");

/** Libraries that Node loads, once for all suites of a worker. Jest would load their files again in each suite. */
const outside = "(?:typescript|eslint|fast-check|ajv|undici|yaml|zod|@bufbuild|@connectrpc)";

const shared = {
  testEnvironment: "<rootDir>/tests/support/environment.cjs",
  transform: {
    "^.+\\.ts$": "<rootDir>/tests/support/transform.cjs",
    [`/node_modules/${outside}/`]: "<rootDir>/tests/support/outside.cjs",
  },
  transformIgnorePatterns: [`/node_modules/(?!${outside}/)`],
  // Source files import each other by their compiled names.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
};

/** Tests of the installed tarball, in real processes. */
const installed = { ...shared, globalSetup: "<rootDir>/tests/support/consumer.ts" };

/** Suites that repeat others with many more cases, or test tools of tests. Only `npm run test:all` runs them. */
const exhaustive = [
  "faults/campaign",
  "faults/faults-page",
  "faults/concurrency",
  "testing/engine/replay",
  "acceptance/bulk",
  "acceptance/ci-github-outages",
  "acceptance/ci-gitlab",
  "acceptance/ci-previews",
  "acceptance/shim",
];

/** @type {import("jest").Config} */
module.exports = {
  // Most of the work happens in child processes, and some tests wait in real time.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // At its end, a worker frees a gigabyte. Jest would kill it after half a second, and report a leak.
  workerGracefulExitTimeout: 10_000,
  // Tests that run whole programs take seconds each.
  testTimeout: 120_000,
  reporters: ["<rootDir>/tests/support/reporter.cjs"],
  testSequencer: "<rootDir>/tests/support/sequencer.cjs",
  // Otherwise jest prints what tests log when it runs only one suite.
  verbose: false,
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: [
        "/node_modules/",
        "<rootDir>/tests/(acceptance|faults|setups|conformance|browser|real-cli)/",
        ...exhaustive,
      ],
    },
    {
      ...installed,
      displayName: "acceptance",
      testMatch: ["<rootDir>/tests/{acceptance,faults}/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", ...exhaustive],
    },
    { ...installed, displayName: "exhaustive", testMatch: exhaustive.map((name) => `<rootDir>/tests/${name}.test.ts`) },
    { ...installed, displayName: "setups", testMatch: ["<rootDir>/tests/setups/**/*.test.ts"] },
    {
      ...installed,
      globalSetup: "<rootDir>/tests/conformance/vendor.ts",
      displayName: "conformance",
      testMatch: ["<rootDir>/tests/conformance/**/*.test.ts"],
    },
    { ...shared, displayName: "browser", testMatch: ["<rootDir>/tests/browser/**/*.test.ts"] },
    { ...installed, displayName: "real-cli", testMatch: ["<rootDir>/tests/real-cli/**/*.test.ts"] },
  ],
};
