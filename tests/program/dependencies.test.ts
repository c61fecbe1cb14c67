/** When a function may call the API, on resources whose ids the engine knows or not. */
import * as pulumi from "@pulumi/pulumi";
import { awaitCreated } from "../../src/program/dependencies.js";

/** Names of the resources that exist. The engine of a preview has no ids of others. */
let existing: ReadonlySet<string>;

beforeEach(async () => {
  existing = new Set();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        return { id: existing.has(name) ? `${name}-id` : undefined, state: inputs as object };
      },
      call: () => ({}),
    },
    "project",
    "dev",
    true,
  );
});

class Thing extends pulumi.CustomResource {
  declare readonly size: pulumi.Output<number>;
  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, { size: 1 }, opts);
  }
}

class Group extends pulumi.ComponentResource {
  readonly things: Thing[];
  constructor(name: string, children: readonly string[]) {
    super("test:index:Group", name);
    this.things = children.map((child) => new Thing(child, { parent: this }));
    this.registerOutputs({});
  }
}

/** Whether the arguments are known once everything behind them exists. */
async function isKnown(
  args: object,
  dependsOn?: () => pulumi.Input<pulumi.Input<pulumi.Resource>[] | pulumi.Resource>,
) {
  const output = awaitCreated(pulumi.output(args), dependsOn === undefined ? {} : { dependsOn: dependsOn() as never });
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}

test("plain arguments are known at once", async () => {
  expect(await isKnown({ id: "a" })).toBe(true);
});

test.each([
  ["a known output of a resource", (thing: Thing) => ({ size: thing.size })],
  ["a nested output", (thing: Thing) => ({ sizes: [1, thing.size] })],
  ["an output derived from one", (thing: Thing) => ({ size: thing.size.apply((size) => size + 1) })],
  ["a promise of one", (thing: Thing) => ({ size: Promise.resolve(thing.size) })],
])("%s counts as unknown until the resource exists", async (_what, argsOf) => {
  expect(await isKnown(argsOf(new Thing("web")))).toBe(false);
  existing = new Set(["web"]);
  expect(await isKnown(argsOf(new Thing("web")))).toBe(true);
});

test.each([
  ["a resource", (thing: Thing) => thing],
  ["a list with a resource that exists", (thing: Thing) => [new Thing("old"), thing]],
  ["an output of a list", (thing: Thing) => pulumi.output([thing])],
  ["a promise", async (thing: Thing) => thing],
  ["an output of the resource", (thing: Thing) => thing.size.apply(() => new Thing("old"))],
])("dependsOn with %s waits for the resource", async (_what, dependsOn) => {
  existing = new Set(["old"]);
  expect(await isKnown({}, () => dependsOn(new Thing("web")))).toBe(false);
  existing = new Set(["old", "web"]);
  expect(await isKnown({}, () => dependsOn(new Thing("web")))).toBe(true);
});

test("dependsOn with a component waits for its children", async () => {
  existing = new Set(["a"]);
  expect(await isKnown({}, () => new Group("group", ["a", "b"]))).toBe(false);
  existing = new Set(["a", "b"]);
  expect(await isKnown({}, () => new Group("group", ["a", "b"]))).toBe(true);
});

test("dependsOn with a component without resources does not make the result unknown", async () => {
  expect(await isKnown({}, () => new Group("group", []))).toBe(true);
});

test("a remote component counts as unknown until its outputs are known", async () => {
  class Remote extends pulumi.ComponentResource {
    constructor(size?: pulumi.Input<number>) {
      super("test:index:Remote", "team", { size }, {}, true);
    }
  }
  expect(await isKnown({}, () => new Remote())).toBe(false);
  expect(await isKnown({}, () => new Remote(pulumi.secret(1)))).toBe(true);
});

test("the result depends on the resources in dependsOn, so what uses it comes after them", async () => {
  existing = new Set(["web"]);
  const output = awaitCreated(pulumi.output({}), { dependsOn: new Thing("web") });
  const behind = await (output as unknown as { allResources(): Promise<Set<pulumi.Resource>> }).allResources();
  expect([...behind].map((resource) => (resource as Thing) instanceof Thing)).toEqual([true]);
});
