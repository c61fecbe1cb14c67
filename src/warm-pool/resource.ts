/** The warm pool in a Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, type GetOptions, type OutputsOf, readOptions } from "../program/options.js";
import { dynamicInputs, dynamicOptions, isInstanceOf, showUnset } from "../program/register.js";
import { warmPoolTraits } from "./traits.js";
import { warmPoolProperties, type WarmPoolRows } from "./properties.js";

const { allNames, readOnlyNames } = warmPoolProperties;

/** The inputs of a {@link WarmPool}. */
export interface WarmPoolArgs extends ArgsOf<WarmPoolRows> {}

/** A read-only pool: see {@link WarmPool.get}. */
export type ReadWarmPool = pulumi.CustomResource & Pick<WarmPool, (typeof readOnlyNames)[number]>;

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
  /**
   * Declares a warm pool.
   * @param name the resource's name in the stack
   * @param args its inputs. Mistakes are reported at preview, by property
   * @param opts the options of any Pulumi resource. `customTimeouts` sets the timeouts. `deleteBeforeReplace` defaults
   *   to true, because a project and environment class can have only one pool
   */
  constructor(name: string, args: WarmPoolArgs, opts?: pulumi.CustomResourceOptions) {
    const shown = opts?.id === undefined ? allNames : readOnlyNames;
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

// The outputs.
export interface WarmPool extends OutputsOf<WarmPoolRows> {}
