/** A component: the warm pools of one project, each filled by a prebuild if one is wanted. */
import * as pulumi from "@pulumi/pulumi";
import { Prebuild, type PrebuildArgs } from "./prebuild/resource.js";
import { WarmPool, type WarmPoolArgs } from "./warm-pool/resource.js";

/** One pool of the project: everything of {@link WarmPoolArgs} but what belongs to the project. */
export type ProjectWarmPoolsPool = Omit<WarmPoolArgs, "projectId" | "connection">;

/** What the prebuilds of the project are declared with: everything of {@link PrebuildArgs} but what belongs to the project or the pool. */
export type ProjectWarmPoolsPrebuild = Omit<PrebuildArgs, "projectId" | "environmentClassId" | "connection">;

/** What {@link ProjectWarmPools} are declared with. */
export interface ProjectWarmPoolsArgs {
  /** The project: a UUID. */
  projectId: pulumi.Input<string>;
  /** The pools by a name of yours, such as that of the environment class; it becomes a part of the resources' names. */
  pools: Readonly<Record<string, ProjectWarmPoolsPool>>;
  /**
   * Whether each environment class gets a prebuild first, so that its pool has a snapshot to start from: `true`, or what the prebuilds are declared with. Left out, the pools are filled by
   * the project's own prebuilds.
   */
  prebuild?: boolean | ProjectWarmPoolsPrebuild;
  /** The connection over which all of it is managed: see {@link WarmPoolArgs.connection}. */
  connection?: pulumi.Input<string | undefined>;
}

const type = "ona:index:ProjectWarmPools";
const argNames = ["projectId", "pools", "prebuild", "connection"];

/** Nobody checks the arguments of a component in a program without types. */
function requireNone(component: string, others: object): void {
  const [unknown] = Object.keys(others);
  if (unknown === undefined) return;
  throw new pulumi.RunError(
    `${component}: ${JSON.stringify(unknown)} is not an argument of ProjectWarmPools, which has ${argNames.join(", ")}`,
  );
}

/**
 * The warm pools of one project.
 *
 * The resources are children of the component. The pool that is called `regular` in the component `web` is the resource `web-regular`, and so is its prebuild, which is another type of
 * resource. The component's options `protect`, `aliases` and `transforms` reach them as with any component.
 *
 * @example
 * new ProjectWarmPools("web", {
 *   projectId,
 *   pools: {
 *     regular: { environmentClassId: regular, minSize: 1, maxSize: 4 },
 *     large: { environmentClassId: large, minSize: 0, maxSize: 2 },
 *   },
 *   prebuild: { triggers: [hash("package-lock.json")] },
 * });
 */
export class ProjectWarmPools extends pulumi.ComponentResource {
  /** The pools by the names that they were given. */
  readonly pools: Readonly<Record<string, WarmPool>>;
  /** The prebuilds by the same names; empty without `prebuild`. */
  readonly prebuilds: Readonly<Record<string, Prebuild>>;

  /**
   * Declares the pools of a project.
   * @param name the component's name in the stack
   * @param args the project, its pools, and whether prebuilds come first
   * @param opts the options of any Pulumi component
   */
  constructor(name: string, args: ProjectWarmPoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
    const { projectId, pools, prebuild, connection, ...others } = args;
    requireNone(name, others);
    const made = Object.entries(pools).map(([key, pool]) => {
      const child = `${name}-${key}`;
      const { environmentClassId } = pool;
      const first =
        prebuild === undefined || prebuild === false
          ? undefined
          : new Prebuild(
              child,
              { ...(prebuild === true ? {} : prebuild), projectId, environmentClassId, connection },
              { parent: this },
            );
      const options = first === undefined ? { parent: this } : { parent: this, dependsOn: first };
      return { key, first, pool: new WarmPool(child, { ...pool, projectId, connection }, options) };
    });
    this.pools = Object.fromEntries(made.map(({ key, pool }) => [key, pool]));
    this.prebuilds = Object.fromEntries(made.flatMap(({ key, first }) => (first === undefined ? [] : [[key, first]])));
    this.registerOutputs({
      poolIds: Object.fromEntries(made.map(({ key, pool }) => [key, pool.id])),
      prebuildIds: Object.fromEntries(made.flatMap(({ key, first }) => (first === undefined ? [] : [[key, first.id]]))),
    });
  }

  /** Whether a value is a ProjectWarmPools, of this copy of the package or another one. */
  static override isInstance(value: unknown): value is ProjectWarmPools {
    return pulumi.ComponentResource.isInstance(value) && "__pulumiType" in value && value.__pulumiType === type;
  }
}
