/** Jest's Node environment. If jest is killed, its workers end within a second, and with them all that tests started. */
"use strict";
const { TestEnvironment } = require("jest-environment-node");

// A listener for "disconnect" would keep workers from ending by themselves. On Windows, the parent's id stays.
const parent = process.ppid;
const isOrphan = () => process.ppid !== parent || process.connected === false;
setInterval(() => isOrphan() && process.exit(1), 1_000).unref();

const poolKey = Symbol.for("pulumi-ona.processPool");
let pool;

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    // For tests/support/outside.cjs and outside-globals.ts.
    this.global.outside = { require, globals: globalThis };
    // Libraries from outside warn by the real process. Our code holds back one such warning.
    Object.defineProperty(this.global.process, "emitWarning", {
      get: () => process.emitWarning,
      set: (emitWarning) => (process.emitWarning = emitWarning),
    });
    // All suites of a worker share the processes that have loaded the SDK, if the global setup has built the package.
    if (process.env.PULUMI_ONA_CONSUMER === undefined) return;
    pool ??= new (require("../../dist/testing/engine/host/process-pool.js").ProcessPool)();
    this.global[poolKey] = pool;
  }
};
