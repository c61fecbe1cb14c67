/** Takes a library from Node instead of loading it in jest's own module system. */
"use strict";
const codeFor = (path) => `module.exports = outside.require(${JSON.stringify(path)});`;

module.exports = {
  process: (_source, path) => ({ code: codeFor(path) }),
  getCacheKey: (_source, path) => require("node:crypto").createHash("sha256").update(codeFor(path)).digest("hex"),
};
