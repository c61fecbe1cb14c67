/** Starts the longest suites first, so that no worker is still busy with one of them at the end. */
"use strict";
const { default: Sequencer } = require("@jest/test-sequencer");

const longest = /faults[\\/](campaign|faults-page)|real-cli|acceptance[\\/]ci-|acceptance[\\/]bulk|batched-pools/;

module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => longest.test(path);
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
