/** Jest's Node environment. If jest is killed, its workers end within a second, and with them all that tests started. */
"use strict";
const { TestEnvironment } = require("jest-environment-node");

// A listener for "disconnect" would keep workers from ending by themselves.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(1), 1_000).unref();

module.exports = TestEnvironment;
