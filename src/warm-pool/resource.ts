/** The warm pool in a Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { dynamicInputs, dynamicOptions, isInstanceOf } from "../program/register.js";
import { warmPoolTraits } from "./traits.js";
import { showUnset } from "../program/unset-outputs.js";
import { type GetOptions, readOptions } from "../program/options.js";
import { type WaitForReady, warmPoolProperties } from "./properties.js";

const { readNames, shownNames } = warmPoolProperties;

/** The inputs of a {@link WarmPool}. */
export interface WarmPoolArgs {
  /**
   * The project whose prebuilds fill the pool: a UUID. A change replaces the pool.
   *
   * Source: `CreateWarmPoolRequest.project_id`.
   */
  projectId: pulumi.Input<string>;
  /**
   * The environment class whose instances are kept warm: a UUID. It must be in the project's prebuild configuration.
   * A change replaces the pool.
   *
   * Source: `CreateWarmPoolRequest.environment_class_id`.
   */
  environmentClassId: pulumi.Input<string>;
  /**
   * The minimum number of warm instances: 0 to 20, not above `maxSize`. If omitted, it isn't managed: a new pool gets 1
   * (or `maxSize` if that is less), and later changes by others are neither reverted nor reported as drift.
   *
   * Source: `WarmPoolSpec.min_size`.
   */
  minSize?: pulumi.Input<number | undefined>;
  /**
   * The maximum number of warm instances: 1 to 20, not below `minSize`. If omitted, it isn't managed: a new pool gets 2
   * (or `minSize` if that is more), and later changes by others are neither reverted nor reported as drift.
   *
   * Source: `WarmPoolSpec.max_size`.
   */
  maxSize?: pulumi.Input<number | undefined>;
  /**
   * Whether to take over and resize a pool that already exists for the project and environment class, instead of
   * failing.
   * @default false
   */
  adoptExisting?: pulumi.Input<boolean | undefined>;
  /**
   * What `up` waits for after it creates or changes the pool.
   * - `true`: until the pool is READY
   * - `"ifSnapshot"`: the same, but if there is still no prebuild snapshot after 30 s, `up` succeeds with a warning.
   *   Such a pool fills only after the next prebuild
   * - `false`: nothing
   *
   * Set `customTimeouts` to change the timeouts: create 20 m, update 20 m, delete 30 m.
   * @default "ifSnapshot"
   */
  waitForReady?: pulumi.Input<WaitForReady | undefined>;
  /**
   * The connection that manages the pool: a name in `ona:connections` of the stack's config, `{ name: { apiKey,
   * baseUrl } }`, or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper
   * case, with `_` for all but letters and digits). If omitted, the general settings apply. A change replaces the pool,
   * and the old one is deleted through the old connection.
   */
  connection?: pulumi.Input<string | undefined>;
}

/** A read-only pool: see {@link WarmPool.get}. */
export type ReadWarmPool = pulumi.CustomResource & Pick<WarmPool, (typeof readNames)[number]>;

/**
 * A warm pool keeps instances ready from the latest prebuild of a project, so that an environment starts in seconds.
 *
 * There is one pool for each project and environment class. A change to either deletes the old pool and then creates a
 * new one.
 *
 * @example
 * new WarmPool("web", { projectId, environmentClassId, minSize: 1, maxSize: 4 });
 * @example
 * // Take over a pool that someone created by hand, and leave its maxSize to them.
 * new WarmPool("web", { projectId, environmentClassId, minSize: 2, adoptExisting: true });
 * @example
 * // Don't wait, and allow an hour for draining.
 * new WarmPool("web", { projectId, environmentClassId, waitForReady: false }, { customTimeouts: { delete: "1h" } });
 */
export class WarmPool extends pulumi.CustomResource {
  /** The project whose prebuilds fill the pool. */
  declare readonly projectId: pulumi.Output<string>;
  /** The environment class whose instances are kept warm. */
  declare readonly environmentClassId: pulumi.Output<string>;
  /** The minimum number of warm instances at the API, managed or not. */
  declare readonly minSize: pulumi.Output<number>;
  /** The maximum number of warm instances at the API, managed or not. */
  declare readonly maxSize: pulumi.Output<number>;
  /** As declared. */
  declare readonly adoptExisting: pulumi.Output<boolean | undefined>;
  /** As declared. */
  declare readonly waitForReady: pulumi.Output<WaitForReady | undefined>;
  /** As declared. */
  declare readonly connection: pulumi.Output<string | undefined>;
  /** The organization that owns the pool. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The runner that keeps the pool. It follows from the environment class. */
  declare readonly runnerId: pulumi.Output<string | undefined>;
  /** When the pool was created: RFC 3339. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When the pool last changed: RFC 3339. */
  declare readonly updatedAt: pulumi.Output<string | undefined>;
  /** `PENDING`, `READY`, `DEGRADED`, `DELETING`, `DELETED`, or a phase that this release doesn't know yet. */
  declare readonly phase: pulumi.Output<string>;
  /** Why a pool is DEGRADED, in the runner's words. */
  declare readonly failureMessage: pulumi.Output<string | undefined>;
  /** The prebuild snapshot that instances start from. Undefined until a prebuild has completed. */
  declare readonly snapshotId: pulumi.Output<string | undefined>;
  /** The number of instances that the autoscaler aims for, between `minSize` and `maxSize`. */
  declare readonly desiredSize: pulumi.Output<number>;
  /** The number of running instances. */
  declare readonly runningInstances: pulumi.Output<number>;
  /** The number of stopped instances that can be started. */
  declare readonly stoppedInstances: pulumi.Output<number>;

  /**
   * Declares a warm pool.
   * @param name the resource's name in the stack
   * @param args its inputs. Mistakes are reported at preview, by property
   * @param opts the options of any Pulumi resource. `customTimeouts` sets the timeouts. `deleteBeforeReplace` defaults
   *   to true, because a project and environment class can have only one pool
   */
  constructor(name: string, args: WarmPoolArgs, opts?: pulumi.CustomResourceOptions) {
    const shown = opts?.id === undefined ? shownNames : readNames;
    const inputs = dynamicInputs(warmPoolTraits, name, args, shown, opts);
    super(warmPoolTraits.type, name, inputs, dynamicOptions({ deleteBeforeReplace: true }, opts));
    showUnset(this, shown);
  }

  /**
   * Looks up a pool by its id, for a stack that reads it but doesn't manage it. It fails if there is no such pool.
   *
   * Volatile outputs (phase, instances, snapshot, …) are left out, so that they don't show as drift. {@link
   * getWarmPoolOutput} returns them.
   * @param id the pool's id at the API: a UUID
   * @param opts the options of any Pulumi resource, and `connection`
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: GetOptions): ReadWarmPool {
    const { connection, ...options } = readOptions("WarmPool.get", name, id, opts);
    return new WarmPool(name, { connection } as WarmPoolArgs, options);
  }

  /** Whether a value is a WarmPool, from this copy of the package or another one. */
  static override isInstance(value: unknown): value is WarmPool {
    return isInstanceOf(warmPoolTraits.type, value);
  }
}
