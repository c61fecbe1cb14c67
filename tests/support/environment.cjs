/** Jest's environment for tests of Node. If jest is killed, its workers end at once, and with them all that tests started. */
"use strict";
const { TestEnvironment } = require("jest-environment-node");

process.once("disconnect", () => process.exit(1));

module.exports = TestEnvironment;
