/** The prebuild in a Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, type GetOptions, type OutputsOf, readOptions } from "../program/options.js";
import { dynamicInputs, dynamicOptions, isInstanceOf, showUnset } from "../program/register.js";
import { prebuildTraits } from "./traits.js";
import { prebuildProperties, type PrebuildRows } from "./properties.js";
import { serializeTriggers } from "./serialize-triggers.js";

const { allNames, readOnlyNames } = prebuildProperties;

/** The inputs of a {@link Prebuild}. */
export interface PrebuildArgs extends ArgsOf<PrebuildRows> {}

/** A read-only prebuild: see {@link Prebuild.get}. */
export type ReadPrebuild = pulumi.CustomResource & Pick<Prebuild, (typeof readOnlyNames)[number]>;

/**
 * A prebuild is a run that prepares an environment of a project and leaves a snapshot of it. Environments and warm
 * pools start from it.
 *
 * A prebuild can't be changed. Another input, or another value of `triggers`, first runs a new one and then deletes the
 * old one. So does the next `up` after a run that FAILED or was CANCELLED.
 *
 * @example
 * new Prebuild("web", { projectId, timeout: "45m" });
 * @example
 * // Run again when the dev container or the lock file changes.
 * new Prebuild("web", { projectId, triggers: [hash(".devcontainer/devcontainer.json"), hash("package-lock.json")] });
 * @example
 * // A pool that is filled when `up` is done.
 * const prebuild = new Prebuild("web", { projectId, environmentClassId, logs: "stream" });
 * new WarmPool("web", { projectId, environmentClassId, minSize: 1 }, { dependsOn: prebuild });
 */
export class Prebuild extends pulumi.CustomResource {
  /**
   * Declares a prebuild.
   * @param name the resource's name in the stack
   * @param args its inputs. Mistakes are reported at preview, by property
   * @param opts the options of any Pulumi resource. `customTimeouts` sets the timeouts
   */
  constructor(name: string, args: PrebuildArgs, opts?: pulumi.CustomResourceOptions) {
    const shown = opts?.id === undefined ? allNames : readOnlyNames;
    const declared = { ...args };
    if (declared.triggers !== undefined) declared.triggers = serializeTriggers(name, declared.triggers);
    const inputs = dynamicInputs(prebuildTraits, name, declared, shown, opts);
    super(prebuildTraits.type, name, inputs, dynamicOptions({}, opts));
    showUnset(this, shown);
  }

  /**
   * Looks up a prebuild by its id, for a stack that reads it but doesn't manage it. It fails if there is no such
   * prebuild, for example because it has expired.
   *
   * Volatile outputs (phase, snapshot, …) are left out, so that they don't show as drift. {@link getPrebuildOutput}
   * returns them.
   * @param id the prebuild's id at the API: a UUID
   * @param opts the options of any Pulumi resource, and `connection`
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: GetOptions): ReadPrebuild {
    const { connection, ...options } = readOptions("Prebuild.get", name, id, opts);
    return new Prebuild(name, { connection } as PrebuildArgs, options);
  }

  /** Whether a value is a Prebuild, from this copy of the package or another one. */
  static override isInstance(value: unknown): value is Prebuild {
    return isInstanceOf(prebuildTraits.type, value);
  }
}

// The outputs.
export interface Prebuild extends OutputsOf<PrebuildRows> {}
