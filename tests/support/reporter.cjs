/** Jest's output: one line per suite, details only of failures, and the ten slowest suites. */
"use strict";
const { relative } = require("node:path");

const slowestCount = 10;

module.exports = class {
  #root;
  #suites = [];
  #failures = [];

  constructor({ rootDir }) {
    this.#root = rootDir;
  }

  onTestResult({ path }, result) {
    const file = relative(this.#root, path);
    const seconds = (result.perfStats.end - result.perfStats.start) / 1_000;
    this.#suites.push({ file, seconds });
    const { numPassingTests, numFailingTests, numPendingTests, failureMessage } = result;
    const counts = [
      `${numPassingTests} passed`,
      ...(numFailingTests > 0 ? [`${numFailingTests} failed`] : []),
      ...(numPendingTests > 0 ? [`${numPendingTests} skipped`] : []),
    ];
    const hasFailed = typeof failureMessage === "string" && failureMessage !== "";
    print(`${hasFailed ? "FAIL" : "pass"} ${formatSeconds(seconds)}  ${file} (${counts.join(", ")})`);
    if (!hasFailed) return;
    const broken = result.testResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
    const output = (result.console ?? []).map(({ message }) => message);
    this.#failures.push(
      [
        ...broken.map((name) => `Broken: ${name}\nRerun:  npx jest ${file} -t ${quote(escapeRegExp(name))}`),
        ...(broken.length === 0 ? [`Broken: ${file} runs\nRerun:  npx jest ${file}`] : []),
        failureMessage,
        ...(output.length > 0 ? [`Output of ${file}:\n${output.join("\n")}`] : []),
      ].join("\n"),
    );
  }

  onRunComplete(_contexts, { startTime, numTotalTestSuites, numPassedTests, numFailedTests, numPendingTests }) {
    const slowest = this.#suites.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestCount);
    print("\nSlowest suites:");
    for (const { file, seconds } of slowest) print(`${formatSeconds(seconds)}  ${file}`);
    for (const failure of this.#failures) print(`\n${failure}`);
    const minutes = ((Date.now() - startTime) / 60_000).toFixed(1);
    const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
    print(`\n${numTotalTestSuites} suites in ${minutes} min, tests: ${counts}`);
  }
};

function print(text) {
  process.stdout.write(`${text}\n`);
}

function formatSeconds(seconds) {
  return `${seconds.toFixed(1).padStart(6)} s`;
}

/** Quotes for a POSIX shell. */
function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `-t` takes a regular expression. */
function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
