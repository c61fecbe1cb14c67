/** Transforms, which the engine calls back in the program. */
import { createStack, type OperationSummary } from "../../../../src/testing/engine/index.js";

/** Declares `pulumi`, a dynamic resource `Thing`, and transforms that append to the input `log`. */
const prelude = `
const pulumi = require("@pulumi/pulumi");
const provider = "exports.handler = () => ({ create: async (inputs) => ({ id: 'id', outs: inputs }) })";
class Thing extends pulumi.CustomResource {
  constructor(name, args, opts) { super("pulumi-nodejs:dynamic/test:Thing", name, { __provider: provider, log: [], ...args }, opts); }
}
class Group extends pulumi.ComponentResource {
  constructor(name, opts) { super("test:index:Group", name, {}, opts); }
}
const noting = (text, change = {}) => ({ props, opts }) => ({ props: { ...props, log: [...(props.log ?? []), text] }, opts: { ...opts, ...change } });
`;

const stackOf = (program: string) =>
  createStack({ program: prelude + program, nodeModules: "node_modules", reuseProcesses: true });

function inputsOf({ operations }: OperationSummary, name: string): Readonly<Record<string, unknown>> | undefined {
  return operations.find((operation) => operation.name === name)?.after?.inputs;
}

test("runs the transforms of a resource first, then those of its parents, then those of the stack", async () => {
  await using stack = await stackOf(`
    pulumi.runtime.registerResourceTransform(noting("stack"));
    const outer = new Group("outer", { transforms: [noting("outer")] });
    const inner = new Group("inner", { parent: outer, transforms: [noting("inner 1"), noting("inner 2")] });
    new Thing("one", {}, { parent: inner, transforms: [noting("own")], transformations: [noting("transformation")] });
    new Thing("two", {});
  `);
  const result = await stack.preview();
  expect(inputsOf(result, "one")?.["log"]).toEqual(["transformation", "own", "inner 1", "inner 2", "outer", "stack"]);
  expect(inputsOf(result, "two")?.["log"]).toEqual(["stack"]);
});

test("stores the options that transforms set, and keeps those that they leave", async () => {
  await using stack = await stackOf(`
    const first = new Thing("first", {});
    const changes = { protect: true, customTimeouts: { create: "2m" }, ignoreChanges: ["log"] };
    new Thing("one", {}, { dependsOn: first, retainOnDelete: true, transforms: [noting("own", changes)] });
  `);
  expect((await stack.up()).exitCode).toBe(0);
  const [first, one] = ["first", "one"].map((name) => stack.state.find(({ urn }) => urn.endsWith(`::${name}`)));
  expect(one).toMatchObject({
    protect: true,
    retainOnDelete: true,
    customTimeouts: { create: 120 },
    ignoreChanges: ["log"],
    dependencies: [first?.urn],
  });
  expect((await stack.preview({ expectNoChanges: true })).exitCode).toBe(0);
});

test("an error in a transform fails the registration", async () => {
  await using stack = await stackOf(`new Thing("one", {}, { transforms: [() => { throw new Error("no"); }] });`);
  const { exitCode, text } = await stack.preview();
  expect(exitCode).toBe(1);
  expect(text).toContain("transform failed: Error: no");
});
