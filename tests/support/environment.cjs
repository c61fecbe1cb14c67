/** Jest's Node environment. If jest is killed, its workers end within a second, and with them all that tests started. */
"use strict";
const { TestEnvironment } = require("jest-environment-node");

// A listener for "disconnect" would keep workers from ending by themselves.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(1), 1_000).unref();

const key = Symbol.for("pulumi-ona.processPool");
let pool;

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    // A new process loads the SDK in a second. Suites get the pool of the package that the global setup has built.
    if (process.env.PULUMI_ONA_CONSUMER === undefined) return;
    pool ??= new (require("../../dist/testing/engine/host/process-pool.js").ProcessPool)();
    this.global[key] = pool;
  }
};
