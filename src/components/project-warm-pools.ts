/** A component: the warm pools of one project, each filled by a prebuild if one is wanted. */
import * as pulumi from "@pulumi/pulumi";
import { isNullish } from "../util/nullish.js";
import { Prebuild, type PrebuildArgs } from "../prebuild/resource.js";
import { WarmPool, type WarmPoolArgs } from "../warm-pool/resource.js";

/** One pool of the project: everything of {@link WarmPoolArgs} but what belongs to the project. */
export type ProjectWarmPoolsPool = Omit<WarmPoolArgs, "projectId" | "connection">;

/** What the prebuilds of the project are declared with: everything of {@link PrebuildArgs} but what belongs to the project or the pool. */
export type ProjectWarmPoolsPrebuild = Omit<PrebuildArgs, "projectId" | "environmentClassId" | "connection">;

/** What {@link ProjectWarmPools} are declared with; `Name` are the names of the pools. */
export interface ProjectWarmPoolsArgs<Name extends string = string> {
  /** The project: a UUID. */
  projectId: pulumi.Input<string>;
  /** The pools by a name of yours, such as that of the environment class; it becomes a part of the resources' names. */
  pools: Readonly<Record<Name, ProjectWarmPoolsPool>>;
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

/**
 * Nobody else checks the arguments of a component in a program without types, and what one place would overrule in silence is refused, too. So is a class that is missing or
 * given twice, for which a prebuild would run for nothing.
 * @throws pulumi.RunError by the place of the argument
 */
function requireArgs(name: string, args: unknown): void {
  const given = plainObject(args) ?? {};
  const unknown = Object.keys(given).find((key) => !argNames.includes(key));
  if (unknown !== undefined) {
    throw refused(
      `${name}:`,
      `${JSON.stringify(unknown)} is not an argument of ProjectWarmPools, which has ${argNames.join(", ")}`,
    );
  }
  requireSome(name, given, "projectId");
  requirePools(`${name}.pools`, given["pools"]);
  requirePrebuild(`${name}.prebuild`, given["prebuild"]);
}

function requirePools(place: string, value: unknown): void {
  const pools = plainObject(value);
  if (pools === undefined) {
    throw refused(
      place,
      "must be an object of pools by their names, such as { regular: { environmentClassId } }, and no output",
    );
  }
  const placeOfClass = new Map<string, string>();
  for (const [key, value] of Object.entries(pools)) {
    const each = member(place, key);
    if (key === "") throw refused(each, "needs a name, which becomes a part of the resources' names");
    const pool = plainObject(value);
    if (pool === undefined) throw refused(each, "must be an object such as { environmentClassId, minSize: 1 }");
    requireNone(each, pool, ["projectId", "connection"], givenOnce);
    requireSome(each, pool, "environmentClassId");
    const { environmentClassId } = pool;
    if (typeof environmentClassId !== "string") continue;
    // The API has ids in lower case and takes both.
    const id = environmentClassId.toLowerCase();
    const other = placeOfClass.get(id);
    if (other !== undefined) {
      throw refused(
        `${each}.environmentClassId`,
        `is that of ${other}, too: there can be only one warm pool for a project and environment class`,
      );
    }
    placeOfClass.set(id, each);
  }
}

function requirePrebuild(place: string, prebuild: unknown): void {
  if (isNullish(prebuild) || typeof prebuild === "boolean") return;
  const settings = plainObject(prebuild);
  if (settings === undefined) {
    throw refused(place, 'must be true, false or an object such as { timeout: "45m" }, and no output');
  }
  requireNone(place, settings, ["projectId", "connection"], givenOnce);
  requireNone(place, settings, ["environmentClassId"], "it is that of each pool");
}

const givenOnce = "it is given once for the component";

/** What is given for the component, or by the pool, cannot be given once more. */
function requireNone(
  place: string,
  settings: Readonly<Record<string, unknown>>,
  names: readonly string[],
  why: string,
): void {
  const set = names.find((name) => !isNullish(settings[name]));
  if (set !== undefined) throw refused(member(place, set), `cannot be set: ${why}`);
}

function requireSome(place: string, settings: Readonly<Record<string, unknown>>, name: string): void {
  if (isNullish(settings[name])) throw refused(member(place, name), "is required");
}

function refused(place: string, what: string): pulumi.RunError {
  return new pulumi.RunError(`${place} ${what}`);
}

/** The place of a member, as the program would have it: `web.pools.large`, `web.pools["no identifier"]`. */
function member(place: string, key: string): string {
  return /^[a-z_$][\w$]*$/i.test(key) ? `${place}.${key}` : `${place}[${JSON.stringify(key)}]`;
}

function plainObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value) && !isDeferred(value);
  return isPlain ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function isDeferred(value: object): boolean {
  return value instanceof Promise || pulumi.Output.isInstance(value);
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
export class ProjectWarmPools<Name extends string = string> extends pulumi.ComponentResource {
  /** The pools by the names that they were given. */
  readonly pools: Readonly<Record<Name, WarmPool>>;
  /** The prebuilds by the same names; empty without `prebuild`. */
  readonly prebuilds: Readonly<Partial<Record<Name, Prebuild>>>;

  /**
   * Declares the pools of a project.
   * @param name the component's name in the stack
   * @param args the project, its pools, and whether prebuilds come first
   * @param opts the options of any Pulumi component
   */
  constructor(name: string, args: ProjectWarmPoolsArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    requireArgs(name, args);
    super(type, name, {}, opts);
    const { projectId, pools, prebuild, connection } = args;
    const made = Object.entries<ProjectWarmPoolsPool>(pools).map(([key, pool]) => {
      const child = `${name}-${key}`;
      const { environmentClassId } = pool;
      const first =
        isNullish(prebuild) || prebuild === false
          ? undefined
          : new Prebuild(
              child,
              { ...(prebuild === true ? {} : prebuild), projectId, environmentClassId, connection },
              { parent: this },
            );
      const options = first === undefined ? { parent: this } : { parent: this, dependsOn: first };
      return { key, first, pool: new WarmPool(child, { ...pool, projectId, connection }, options) };
    });
    const named = <Value>(of: (each: (typeof made)[number]) => Value | undefined) =>
      Object.fromEntries(made.map((each) => [each.key, of(each)]).filter(([, value]) => value !== undefined)) as Record<
        Name,
        Value
      >;
    this.pools = named(({ pool }) => pool);
    this.prebuilds = named(({ first }) => first);
    this.registerOutputs({ poolIds: named(({ pool }) => pool.id), prebuildIds: named(({ first }) => first?.id) });
  }

  /** Whether a value is a ProjectWarmPools, of this copy of the package or another one. */
  static override isInstance(value: unknown): value is ProjectWarmPools {
    return pulumi.ComponentResource.isInstance(value) && "__pulumiType" in value && value.__pulumiType === type;
  }
}
