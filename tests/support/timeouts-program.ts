/** A program that sets `customTimeouts` in each way that Pulumi has, and the timeouts that its resources must have. */
import type { Bench } from "./warm-pools.js";

/** The program's `index.js`. Its arguments are those of the first {@link Declared} resource. */
export const timeoutsProgram = `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { projectId, classes, otherProject, otherClasses } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
const set = (customTimeouts, only = () => true) => ({ name, props, opts }) =>
  only(name) ? { props, opts: { ...opts, customTimeouts: { ...opts.customTimeouts, ...customTimeouts } } } : undefined;
class Team extends pulumi.ComponentResource {
  constructor(name, opts, child = {}) {
    super("test:index:Team", name, {}, opts);
    new ona.Prebuild(name + "-child", { projectId, waitForCompletion: false }, { ...child, parent: this });
  }
}
const prebuild = (name, opts) => new ona.Prebuild(name, { projectId, waitForCompletion: false }, opts);

prebuild("none");
prebuild("before-stack-transform");
prebuild("option", { customTimeouts: { create: "5m", delete: "6m" } });
prebuild("transformation", { transformations: [set({ create: "7m" })] });
prebuild("transform", { transforms: [set({ create: "8m" })], customTimeouts: { delete: "6m" } });
new Team("component-transformation", { transformations: [set({ create: "9m" })] });
new Team("component-transform", { transforms: [set({ create: "10m" })] }, { customTimeouts: { create: "1m", delete: "6m" } });
pulumi.runtime.registerStackTransformation(set({ create: "11m" }, (name) => name === "stack-transformation"));
prebuild("stack-transformation");
pulumi.runtime.registerResourceTransform(set({ create: "12m" }, (name) => name.endsWith("stack-transform")));
prebuild("stack-transform");
const [regular, large] = classes;
new ona.ProjectWarmPools("pools", {
  projectId,
  pools: { regular: { environmentClassId: regular }, large: { environmentClassId: large, customTimeouts: { create: "14m" } } },
}, { customTimeouts: { create: "13m", delete: "6m" } });
new ona.ProjectWarmPools("transformed", {
  projectId: otherProject,
  pools: { gpu: { environmentClassId: otherClasses[0] } },
}, { transforms: [set({ create: "15m" })] });
pulumi.runtime.registerResourceTransform(set({ create: "16m", delete: "7m" }, (name) => name === "late"));
new ona.ProjectWarmPools("late", {
  projectId: otherProject,
  pools: { large: { environmentClassId: otherClasses[1], customTimeouts: { delete: "6m" } } },
}, { customTimeouts: { create: "1m" } });
`;

/** The timeouts by name of the resource. */
export const expectedTimeouts = {
  none: undefined,
  "before-stack-transform": { create: "12m" },
  option: { create: "5m", delete: "6m" },
  transformation: { create: "7m" },
  transform: { create: "8m", delete: "6m" },
  "component-transformation-child": { create: "9m" },
  "component-transform-child": { create: "10m", delete: "6m" },
  "stack-transformation": { create: "11m" },
  "stack-transform": { create: "12m" },
  "pools-regular": { create: "13m", delete: "6m" },
  "pools-large": { create: "14m", delete: "6m" },
  "transformed-gpu": { create: "15m" },
  "late-large": { create: "16m", delete: "6m" },
};

/** A resource in an exported stack. */
interface StoredResource {
  readonly urn: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly customTimeouts?: Readonly<Record<string, number>>;
}

/** The timeouts in state: those that the provider gets, and those that the engine has, in minutes. */
export function storedTimeouts(resources: readonly object[]): Record<string, { input: unknown; engine: unknown }> {
  const managed = (resources as readonly StoredResource[]).filter(({ inputs }) => inputs?.["__provider"] !== undefined);
  return Object.fromEntries(
    managed.map(({ urn, inputs, customTimeouts = {} }) => {
      const minutes = Object.entries(customTimeouts).map(([operation, seconds]) => [operation, `${seconds / 60}m`]);
      const engine = minutes.length === 0 ? undefined : (Object.fromEntries(minutes) as object);
      return [urn.split("::").at(-1) ?? "", { input: inputs?.["__timeouts"], engine }] as const;
    }),
  );
}

/** What {@link storedTimeouts} must be: provider and engine have the same. */
export const expectedStored = Object.fromEntries(
  Object.entries(expectedTimeouts).map(([name, timeouts]) => [name, { input: timeouts, engine: timeouts }]),
);

/** Passes the simulator's ids to the program. */
export function declareTimeouts(bench: Pick<Bench, "sim" | "declare">): void {
  const [first, second] = bench.sim.projects;
  const args = {
    projectId: first?.id,
    classes: first?.environmentClassIds,
    otherProject: second?.id,
    otherClasses: second?.environmentClassIds,
  };
  bench.declare({ name: "any", args });
}
