/** A component for the warm pools of one project, with an optional prebuild for each. */
import * as pulumi from "@pulumi/pulumi";
import { isNullish } from "../util/nullish.js";
import { passToChildren } from "../program/option-inputs.js";
import { Prebuild, type PrebuildArgs } from "../prebuild/resource.js";
import { WarmPool, type WarmPoolArgs } from "../warm-pool/resource.js";

/** The timeouts of some children. */
interface ChildTimeouts {
  /** Timeouts that take precedence over the component's `customTimeouts`. */
  customTimeouts?: pulumi.CustomTimeouts;
}

/** The arguments of one pool: {@link WarmPoolArgs} without those that the component sets, and timeouts. */
export type ProjectWarmPoolsPool = Omit<WarmPoolArgs, "projectId" | "connection"> & ChildTimeouts;

/** The arguments of the prebuilds: {@link PrebuildArgs} without those that component or pool set, and timeouts. */
export type ProjectWarmPoolsPrebuild = Omit<PrebuildArgs, "projectId" | "environmentClassId" | "connection"> &
  ChildTimeouts;

/** The arguments of {@link ProjectWarmPools}. `Name` is the union of the pools' names. */
export interface ProjectWarmPoolsArgs<Name extends string = string> {
  /** The UUID of the project. */
  projectId: pulumi.Input<string>;
  /** The pools by name, such as the name of the environment class. The name becomes part of the resources' names. */
  pools: Readonly<Record<Name, ProjectWarmPoolsPool>>;
  /**
   * Whether to run a prebuild of each environment class first, so that its pool has a snapshot: `true`, or the
   * arguments of the prebuilds. By default, the pools start from the project's own prebuilds.
   */
  prebuild?: boolean | ProjectWarmPoolsPrebuild;
  /** The connection for all pools and prebuilds: see {@link WarmPoolArgs.connection}. */
  connection?: pulumi.Input<string | undefined>;
}

const type = "ona:index:ProjectWarmPools";
const argNames = ["projectId", "pools", "prebuild", "connection"];

/** Checks the arguments before anything runs, because the engine does not check those of a component. */
function requireArgs(name: string, args: unknown): void {
  const given = plainObject(args) ?? {};
  const unknown = Object.keys(given).find((key) => !argNames.includes(key));
  if (unknown !== undefined) {
    const what = `${JSON.stringify(unknown)} is not an argument of ProjectWarmPools`;
    throw refused(`${name}:`, `${what}. Use ${argNames.join(", ")}.`);
  }
  requireSome(name, given, "projectId");
  requirePools(`${name}.pools`, given["pools"]);
  requirePrebuild(`${name}.prebuild`, given["prebuild"]);
}

function requirePools(place: string, value: unknown): void {
  const pools = plainObject(value);
  if (pools === undefined) {
    const what = "must be an object of pools by name, such as { regular: { environmentClassId } }";
    throw refused(place, `${what}. It cannot be an output.`);
  }
  const placeOfClass = new Map<string, string>();
  for (const [key, value] of Object.entries(pools)) {
    const each = member(place, key);
    if (key === "") throw refused(each, "needs a name. The name becomes part of the resources' names.");
    const pool = plainObject(value);
    if (pool === undefined) throw refused(each, "must be an object such as { environmentClassId, minSize: 1 }.");
    requireNone(each, pool, ["projectId", "connection"], setOnComponent);
    requireSome(each, pool, "environmentClassId");
    const { environmentClassId } = pool;
    if (typeof environmentClassId !== "string") continue;
    // The API returns ids in lower case and accepts both cases.
    const id = environmentClassId.toLowerCase();
    const other = placeOfClass.get(id);
    if (other !== undefined) {
      const what = `is the same as that of ${other}. A project and environment class can have only one warm pool.`;
      throw refused(`${each}.environmentClassId`, what);
    }
    placeOfClass.set(id, each);
  }
}

function requirePrebuild(place: string, prebuild: unknown): void {
  if (isNullish(prebuild) || typeof prebuild === "boolean") return;
  const settings = plainObject(prebuild);
  const example = 'an object such as { timeout: "45m" }';
  if (settings === undefined) throw refused(place, `must be true, false, or ${example}. It cannot be an output.`);
  requireNone(place, settings, ["projectId", "connection"], setOnComponent);
  requireNone(place, settings, ["environmentClassId"], "each pool has its own.");
}

const setOnComponent = "set it on the component.";

/** Refuses arguments that the component or the pool sets. */
function requireNone(place: string, settings: Settings, names: readonly string[], why: string): void {
  const set = names.find((name) => !isNullish(settings[name]));
  if (set !== undefined) throw refused(member(place, set), `cannot be set: ${why}`);
}

function requireSome(place: string, settings: Settings, name: string): void {
  if (isNullish(settings[name])) throw refused(member(place, name), "is required.");
}

function refused(place: string, what: string): pulumi.RunError {
  return new pulumi.RunError(`${place} ${what}`);
}

/** The path of a member as a program would write it: `web.pools.large`, `web.pools["not an identifier"]`. */
function member(place: string, key: string): string {
  return /^[a-z_$][\w$]*$/i.test(key) ? `${place}.${key}` : `${place}[${JSON.stringify(key)}]`;
}

type Settings = Readonly<Record<string, unknown>>;

function plainObject(value: unknown): Settings | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value instanceof Promise || pulumi.Output.isInstance(value) ? undefined : (value as Settings);
}

/**
 * The warm pools of one project.
 *
 * The resources are children of the component. The pool `regular` of the component `web` is the resource `web-regular`.
 * Its prebuild has the same name and another type. `protect`, `aliases`, `transforms`, and
 * `customTimeouts` apply to the children.
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
  /** The pools by name. */
  readonly pools: Readonly<Record<Name, WarmPool>>;
  /** The prebuilds by name of their pool. Empty without `prebuild`. */
  readonly prebuilds: Readonly<Partial<Record<Name, Prebuild>>>;

  /**
   * Declares the pools of a project.
   * @param name the component's name in the stack
   * @param args the project, its pools, and whether to run prebuilds first
   * @param opts the options of a Pulumi component
   */
  constructor(name: string, args: ProjectWarmPoolsArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    requireArgs(name, args);
    let ownTimeouts: pulumi.CustomTimeouts | undefined;
    super(
      type,
      name,
      {},
      passToChildren(type, opts ?? {}, (timeouts) => (ownTimeouts = timeouts)),
    );
    const { projectId, pools, prebuild, connection } = args;
    const optionsWith = (timeouts: pulumi.CustomTimeouts | undefined): pulumi.CustomResourceOptions => ({
      parent: this,
      customTimeouts: { ...ownTimeouts, ...timeouts },
    });
    const poolEntries: [string, WarmPool][] = [];
    const prebuildEntries: [string, Prebuild][] = [];
    for (const [key, pool] of Object.entries<ProjectWarmPoolsPool>(pools)) {
      const child = `${name}-${key}`;
      const { customTimeouts, ...inputs } = pool;
      const options = optionsWith(customTimeouts);
      if (!isNullish(prebuild) && prebuild !== false) {
        const { customTimeouts, ...settings } = prebuild === true ? ({} as ProjectWarmPoolsPrebuild) : prebuild;
        const { environmentClassId } = pool;
        const first = new Prebuild(
          child,
          { ...settings, projectId, environmentClassId, connection },
          optionsWith(customTimeouts),
        );
        prebuildEntries.push([key, first]);
        options.dependsOn = first;
      }
      poolEntries.push([key, new WarmPool(child, { ...inputs, projectId, connection }, options)]);
    }
    this.pools = Object.fromEntries(poolEntries) as Record<Name, WarmPool>;
    this.prebuilds = Object.fromEntries(prebuildEntries) as Partial<Record<Name, Prebuild>>;
    this.registerOutputs({ poolIds: idsOf(poolEntries), prebuildIds: idsOf(prebuildEntries) });
  }

  /** Whether a value is a ProjectWarmPools of this or another copy of the package. */
  static override isInstance(value: unknown): value is ProjectWarmPools {
    return pulumi.ComponentResource.isInstance(value) && "__pulumiType" in value && value.__pulumiType === type;
  }
}

function idsOf(entries: readonly [string, pulumi.CustomResource][]): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(entries.map(([key, { id }]) => [key, id]));
}
