/** The prebuild in a Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { dynamicInputs, dynamicOptions, isInstanceOf } from "../program/register.js";
import { prebuildTraits } from "./traits.js";
import { showUnset } from "../program/unset-outputs.js";
import { type GetOptions, readOptions } from "../program/options.js";
import { type PrebuildLogs, prebuildProperties } from "./properties.js";
import { serializeTriggers } from "./serialize-triggers.js";

const { readNames, shownNames } = prebuildProperties;

/** The inputs of a {@link Prebuild}. */
export interface PrebuildArgs {
  /**
   * The project to prebuild: a UUID. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.project_id`.
   */
  projectId: pulumi.Input<string>;
  /**
   * The environment class to run on: a UUID. It must be in the project's prebuild configuration. If omitted, the API
   * picks the project's default class, and that choice isn't drift. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.environment_class_id`.
   */
  environmentClassId?: pulumi.Input<string | undefined>;
  /**
   * How long the run may take: a duration such as `"45m"`, `"1h30m"`, `"90 minutes"` or `"PT90M"`, or a number of
   * seconds; 5 minutes to 2 hours. If omitted, the API's default of an hour applies. A change runs another prebuild.
   *
   * Source: `PrebuildSpec.timeout`.
   */
  timeout?: pulumi.Input<string | number | undefined>;
  /**
   * Any value whose change runs the prebuild again: a hash, a list of hashes, an object, an asset. It is compared
   * deeply, and the order of an object's properties doesn't matter. A Date and anything else with `toJSON` is stored in
   * that form, bytes (a Buffer) as their SHA-256. A value that Pulumi can't store, such as a Map or a function,
   * is refused.
   */
  triggers?: pulumi.Input<unknown>;
  /**
   * Whether `up` waits until the run has completed, shows its progress, and fails if the run fails.
   *
   * Set `customTimeouts` to change the timeouts: create and update have the run's own timeout plus 15 minutes for
   * queueing and the snapshot, delete has 30 m.
   * @default true
   */
  waitForCompletion?: pulumi.Input<boolean | undefined>;
  /**
   * What `up` prints of the run's log while it waits.
   * - `"onFailure"`: the last lines (at most 200) of a run that FAILED or was CANCELLED
   * - `"stream"`: each line as it comes
   * - `"none"`: nothing
   * @default "onFailure"
   */
  logs?: pulumi.Input<PrebuildLogs | undefined>;
  /**
   * Whether to run a prebuild again after the API has removed it because of its age (7 days). The next `up` after a
   * refresh does so. By default it stays in state with `expired: true`, and there is nothing to do.
   * @default false
   */
  recreateWhenExpired?: pulumi.Input<boolean | undefined>;
  /**
   * The connection that runs the prebuild: a name in `ona:connections` of the stack's config, `{ name: { apiKey,
   * baseUrl } }`, or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper
   * case, with `_` for all but letters and digits). If omitted, the general settings apply. A change runs another
   * prebuild, and the old one is deleted through the old connection.
   */
  connection?: pulumi.Input<string | undefined>;
}

/** A read-only prebuild: see {@link Prebuild.get}. */
export type ReadPrebuild = pulumi.CustomResource & Pick<Prebuild, (typeof readNames)[number]>;

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
  /** The project to prebuild. */
  declare readonly projectId: pulumi.Output<string>;
  /** The environment class that it runs on: as declared, or the project's default class. */
  declare readonly environmentClassId: pulumi.Output<string>;
  /** How long the run may take, such as `"45m"`. */
  declare readonly timeout: pulumi.Output<string | undefined>;
  /** As declared. */
  declare readonly triggers: pulumi.Output<unknown>;
  /** As declared. */
  declare readonly waitForCompletion: pulumi.Output<boolean | undefined>;
  /** As declared. */
  declare readonly logs: pulumi.Output<PrebuildLogs | undefined>;
  /** As declared. */
  declare readonly recreateWhenExpired: pulumi.Output<boolean | undefined>;
  /** As declared. */
  declare readonly connection: pulumi.Output<string | undefined>;
  /** The organization that owns the prebuild. */
  declare readonly organizationId: pulumi.Output<string>;
  /**
   * `PENDING`, `STARTING`, `RUNNING`, `STOPPING`, `SNAPSHOTTING`, `COMPLETED`, `FAILED`, `CANCELLING`, `CANCELLED`,
   * `DELETING`, `DELETED`, or a phase that this release doesn't know yet. For an expired prebuild, how its run ended.
   */
  declare readonly phase: pulumi.Output<string>;
  /** Whether the API has removed it because it was seven days old. */
  declare readonly expired: pulumi.Output<boolean>;
  /** `MANUAL` or `SCHEDULED`. */
  declare readonly triggeredBy: pulumi.Output<string>;
  /** Who started it: the id of a user, service account, … */
  declare readonly creatorId: pulumi.Output<string | undefined>;
  /** Who it runs as. */
  declare readonly executorId: pulumi.Output<string | undefined>;
  /** When it was created: RFC 3339. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When it last changed: RFC 3339. */
  declare readonly updatedAt: pulumi.Output<string | undefined>;
  /** When the run ended, successfully or not: RFC 3339. */
  declare readonly completedAt: pulumi.Output<string | undefined>;
  /** Why it FAILED or was CANCELLED. */
  declare readonly failureMessage: pulumi.Output<string | undefined>;
  /**
   * A problem in a run that may still have COMPLETED, such as a dev container that could not be built. Environments
   * that start from its snapshot have it, too.
   */
  declare readonly warningMessage: pulumi.Output<string | undefined>;
  /** Where to read its log, with a token of `getPrebuildLogsToken`. */
  declare readonly logUrl: pulumi.Output<string | undefined>;
  /** The environment that the run uses. */
  declare readonly environmentId: pulumi.Output<string | undefined>;
  /**
   * The size of the snapshot in bytes: a decimal number as a string, because it may exceed what a JavaScript number
   * holds exactly.
   */
  declare readonly snapshotSizeBytes: pulumi.Output<string>;
  /**
   * How much of the snapshot is done: 0 to 100. It rises while SNAPSHOTTING if the cloud provider reports it, and is
   * 0 otherwise.
   */
  declare readonly snapshotCompletionPercentage: pulumi.Output<number>;

  /**
   * Declares a prebuild.
   * @param name the resource's name in the stack
   * @param args its inputs. Mistakes are reported at preview, by property
   * @param opts the options of any Pulumi resource. `customTimeouts` sets the timeouts
   */
  constructor(name: string, args: PrebuildArgs, opts?: pulumi.CustomResourceOptions) {
    const shown = opts?.id === undefined ? shownNames : readNames;
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
