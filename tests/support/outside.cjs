/** Takes a library from Node instead of loading it in jest's own module system. */
"use strict";
module.exports = {
  process: (_source, path) => ({ code: `module.exports = requireOutside(${JSON.stringify(path)});` }),
  getCacheKey: (_source, path) => require("node:crypto").createHash("sha256").update(path).digest("hex"),
};
