"use strict";
/** What a generated Node SDK of the plugin does, made from the plugin's schema. Programs of tests load a copy. */
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const pulumi = require("@pulumi/pulumi");

const folder = dirname(require.resolve("pulumi-ona/package.json"));
const { resources, functions, version, pluginDownloadURL } = JSON.parse(
  readFileSync(join(folder, "dist/plugin/schema.json"), "utf8"),
);
const nameIn = (token) => token.split(":").at(-1);

for (const [type, { properties, inputProperties, aliases }] of Object.entries(resources)) {
  const unset = Object.fromEntries(Object.keys(properties).map((name) => [name, undefined]));
  const defaults = Object.fromEntries(Object.entries(inputProperties).map(([name, row]) => [name, row.default]));
  exports[nameIn(type)] = class extends pulumi.CustomResource {
    constructor(name, args, opts = {}) {
      const inputs = opts.id === undefined ? { ...unset, ...defaults, ...args } : unset;
      super(type, name, inputs, pulumi.mergeOptions({ version, pluginDownloadURL, aliases }, opts));
    }

    static get(name, id, opts) {
      return new this(name, {}, { ...opts, id });
    }
  };
}
for (const token of Object.keys(functions)) {
  exports[nameIn(token)] = (args = {}, opts) => pulumi.runtime.invoke(token, args, { version, ...opts });
  exports[`${nameIn(token)}Output`] = (args = {}, opts) =>
    pulumi.runtime.invokeOutput(token, args, { version, ...opts });
}
