/** Parsing the state of a stack, in each form that users have. */
import { parseState } from "../../src/cli/stack-state.js";
import { CliError } from "../../src/cli/terminal.js";
import { stackExport } from "../support/stack-export.js";
import { poolId, prebuildId } from "../support/messages.js";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const whole = stackExport([{ name: "web", id: poolId.toUpperCase(), inputs: { minSize: 1 } }]);
const { deployment } = whole;

test.each([
  ["the output of `pulumi stack export`", whole],
  ["its version 4", { ...whole, version: 4, features: ["refreshBeforeUpdate"] }],
  ["its deployment alone", deployment],
  [
    "the file of a self-managed backend",
    { version: 3, checkpoint: { stack: "organization/fleet/prod", latest: deployment } },
  ],
])("reads %s", (_form, json) => {
  expect(parseState("prod.json", JSON.stringify(json, undefined, 4))).toEqual({
    source: "prod.json",
    stack: "prod",
    project: "fleet",
    names: ["web"],
    resources: [
      {
        kind: "WarmPool",
        by: {
          urn: "urn:pulumi:prod::fleet::pulumi-nodejs:dynamic/ona:WarmPool::web",
          name: "web",
          stack: "prod",
          project: "fleet",
          source: "prod.json",
        },
        id: poolId,
        inputs: { __provider: expect.any(String) as string, minSize: 1 },
        outputs: { __provider: expect.any(String) as string, minSize: 1, __version: 1 },
        ignoreChanges: [],
        secretNames: [],
        pendingDelete: false,
      },
    ],
  });
});

test.each([
  ["a stack that was never updated", { version: 3, deployment: { manifest: {} } }],
  ["its checkpoint", { version: 3, checkpoint: { stack: "s" } }],
  ["a deployment whose resources are null", { version: 3, deployment: { resources: null } }],
])("finds no resources in %s", (_form, json) => {
  expect(parseState("-", JSON.stringify(json))).toEqual({ source: "-", names: [], resources: [] });
});

test("counts only what the stack manages: not what it only reads, what was never created, or resources of other packages", () => {
  const { resources, names } = parseState(
    "prod.json",
    JSON.stringify(
      stackExport([
        { name: "read", id: poolId, fields: { external: true } },
        { name: "never created" },
        { name: "of::another", id: poolId, fields: { type: "pulumi-nodejs:dynamic:Resource" } },
        { name: "nightly::main", kind: "Prebuild", id: prebuildId },
        { name: "replaced", id: poolId, fields: { delete: true } },
      ]),
    ),
  );
  expect(resources.map(({ by, kind, pendingDelete }) => [by.name, kind, pendingDelete])).toEqual([
    ["nightly::main", "Prebuild", false],
    ["replaced", "WarmPool", true],
  ]);
  expect(names).toEqual(["read", "never created", "nightly::main", "replaced"]);
});

test.each([
  ["", "prod.json is empty. Check that `pulumi stack export` succeeded."],
  ["error: no stack", "prod.json is not JSON. Give the output of `pulumi stack export`."],
  ["[]", "prod.json is not the state of a stack. Give the output of `pulumi stack export`."],
  ['{"resources": [{"type": "t"}]}', "prod.json is not the state of a stack."],
  ['{"version": 3, "deployment": {"resources": [{"type": 1}]}}', "prod.json is not the state of a stack."],
  [
    '{"version": 2, "deployment": {}}',
    "prod.json has version 2 of Pulumi's state format, but only versions 3 and 4 are supported.",
  ],
  [JSON.stringify(stackExport([{ name: "web", id: "7" }])), "prod.json: the id of WarmPool web is not a UUID"],
])("refuses what is not a state, and says what to give: %.30s", (text, message) => {
  expect(() => parseState("prod.json", text)).toThrow(CliError);
  expect(() => parseState("prod.json", text)).toThrow(message);
});

test("reads the values of secrets that --show-secrets exported, however deep, and leaves encrypted ones as they are", () => {
  const secret = (json: unknown) => ({ ...signature, plaintext: JSON.stringify(json) });
  const sealed = { ...signature, ciphertext: "v1:abc" };
  const inputs = { minSize: secret(1), connection: secret("eu"), triggers: { a: [secret({ b: secret(2) })] } };
  const state = stackExport([
    { name: "web", id: poolId, inputs, outputs: { maxSize: sealed, runnerId: secret(null) } },
  ]);
  const [resource] = parseState("-", JSON.stringify(state)).resources;
  expect(resource).toMatchObject({
    connection: "eu",
    inputs: { minSize: 1, connection: "eu", triggers: { a: [{ b: 2 }] } },
    outputs: { minSize: 1, maxSize: sealed },
  });
  expect(resource?.outputs).not.toHaveProperty("runnerId");
  expect(resource?.secretNames.toSorted()).toEqual(["connection", "maxSize", "minSize", "runnerId", "triggers"]);
});

test("accepts the byte order mark that PowerShell writes", () => {
  expect(parseState("prod.json", `\ufeff${JSON.stringify(whole)}`).resources).toHaveLength(1);
});
