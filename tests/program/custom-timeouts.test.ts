/** The timeouts that the provider gets, for each way in which a program can set `customTimeouts`. */
import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { Prebuild, ProjectWarmPools, WarmPool } from "../../src/index.js";

/** Timeouts of the registered resources by name, prefixed by the kind for prebuilds. */
let timeouts: Record<string, unknown>;
let inputsOf: Record<string, object>;

beforeEach(async () => {
  timeouts = {};
  inputsOf = {};
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) => {
      const { __timeouts, ...others } = inputs as Record<string, unknown>;
      const key = type.endsWith(":Prebuild") ? `prebuild ${name}` : name;
      if (type.includes("dynamic")) [timeouts[key], inputsOf[key]] = [__timeouts, others];
      return { id: `${name}-id`, state: inputs as object };
    },
    call: () => ({}),
  });
});

const { waitForRPCs } = settings as unknown as { waitForRPCs: () => Promise<void> };

/** Runs a program with a root stack, as an engine does. */
async function run(program: () => void): Promise<void> {
  await pulumi.runtime.runInPulumiStack(async () => program());
  await waitForRPCs();
}

const args = { projectId: "p", environmentClassId: "c" };
const hour: pulumi.ResourceTransformation = ({ props, opts }) => ({
  props,
  opts: { ...opts, customTimeouts: { ...opts.customTimeouts, create: "1h" } },
});

class Team extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions, pool: pulumi.CustomResourceOptions = {}) {
    super("test:index:Team", name, {}, opts);
    new WarmPool("web", args, { ...pool, parent: this });
    new Prebuild("web", args, { ...pool, parent: this });
  }
}

const both = (create: object) => ({ web: create, "prebuild web": create });

test.each<[string, () => void, object]>([
  ["nothing", () => new WarmPool("web", args), { web: undefined }],
  [
    "the program",
    () => new WarmPool("web", args, { customTimeouts: { create: "5m", delete: "1h" } }),
    { web: { create: "5m", delete: "1h" } },
  ],
  [
    "a transformation of the resource",
    () => new Prebuild("web", args, { transformations: [hour], customTimeouts: { update: "5m" } }),
    { "prebuild web": { update: "5m", create: "1h" } },
  ],
  ["a transformation of a component", () => new Team("team", { transformations: [hour] }), both({ create: "1h" })],
  [
    "a transformation of a component around the component",
    () => new Team("inner", { parent: new Team("outer", { transformations: [hour] }), customTimeouts: {} }, {}),
    both({ create: "1h" }),
  ],
  [
    "a stack transformation",
    () => {
      pulumi.runtime.registerStackTransformation(hour);
      new Team("team", {}, { customTimeouts: { create: "5m" } });
    },
    both({ create: "1h" }),
  ],
  [
    "a transformation that removes them",
    () =>
      new WarmPool("web", args, {
        customTimeouts: { create: "5m" },
        transformations: [({ props, opts: { customTimeouts: _, ...opts } }) => ({ props, opts })],
      }),
    { web: undefined },
  ],
])("customTimeouts of %s reach the provider", async (_what, program, expected) => {
  await run(program);
  expect(timeouts).toEqual(expected);
});

test("a transformation still sees and changes the inputs, and the resource has children with their own timeouts", async () => {
  const grow: pulumi.ResourceTransformation = ({ props, opts }) => ({
    props: { ...(props as object), maxSize: 7 },
    opts,
  });
  await run(() => {
    const web = new WarmPool("web", args, { transformations: [grow], customTimeouts: { create: "1h" } });
    new Prebuild("child", args, { parent: web });
  });
  expect(inputsOf["web"]).toMatchObject({ maxSize: 7 });
  expect(timeouts).toEqual({ web: { create: "1h" }, "prebuild child": undefined });
});

test("ProjectWarmPools passes its customTimeouts to its children, and a child's own take precedence", async () => {
  const pools = {
    regular: { environmentClassId: "c" },
    large: { environmentClassId: "d", customTimeouts: { create: "2h" } },
  };
  await run(() => {
    new ProjectWarmPools(
      "web",
      { projectId: "p", pools, prebuild: { customTimeouts: { create: "3h" } } },
      { customTimeouts: { create: "1h", delete: "9m" } },
    );
    new ProjectWarmPools("api", { projectId: "p", pools, prebuild: true }, { transformations: [hour] });
  });
  expect(timeouts).toEqual({
    "web-regular": { create: "1h", delete: "9m" },
    "web-large": { create: "2h", delete: "9m" },
    "prebuild web-regular": { create: "3h", delete: "9m" },
    "prebuild web-large": { create: "3h", delete: "9m" },
    // The transformation applies to each child too.
    ...Object.fromEntries(
      ["api-regular", "api-large", "prebuild api-regular", "prebuild api-large"].map((name) => [
        name,
        { create: "1h" },
      ]),
    ),
  });
  expect(JSON.stringify(inputsOf)).not.toContain("customTimeouts");
});

test("ProjectWarmPools passes on customTimeouts that only its own transformation sets", async () => {
  const onlyComponents: pulumi.ResourceTransformation = (args) =>
    args.type === "ona:index:ProjectWarmPools" ? hour(args) : undefined;
  await run(() => {
    pulumi.runtime.registerStackTransformation(onlyComponents);
    new ProjectWarmPools("web", { projectId: "p", pools: { regular: { environmentClassId: "c" } } });
  });
  expect(timeouts).toEqual({ "web-regular": { create: "1h" } });
});

test("a bad timeout from a transformation names the resource and the operation", () => {
  const bad: pulumi.ResourceTransformation = ({ props, opts }) => ({
    props,
    opts: { ...opts, customTimeouts: { update: "soon" } },
  });
  expect(() => new WarmPool("web", args, { transformations: [bad] })).toThrow(
    'web: customTimeouts.update must be a positive duration such as "90s" or "1h30m", got "soon"',
  );
});
