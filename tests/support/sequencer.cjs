/** Starts the longest suites first, so that no worker is still busy with one of them at the end. */
"use strict";
const { default: Sequencer } = require("@jest/test-sequencer");

/** Without the durations of an earlier run, jest knows only sizes. */
const longestFirst = [
  "faults/campaign",
  "setups/runtimes",
  "faults/faults-page",
  "real-cli/",
  "engine/replay",
  "setups/",
  "acceptance/ci-",
  "acceptance/shim",
  "acceptance/commands",
  "acceptance/examples",
  "acceptance/bulk",
  "faults/concurrency",
  "warm-pool/batched-pools",
  "acceptance/",
  "engine/run/",
  "client/fuzz",
];

function rankOf({ path }) {
  const file = path.replaceAll("\\", "/");
  const rank = longestFirst.findIndex((name) => file.includes(`/${name}`));
  return rank < 0 ? longestFirst.length : rank;
}

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
};
