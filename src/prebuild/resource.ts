/** The prebuild as a Pulumi program sees it. */
import * as pulumi from "@pulumi/pulumi";
import { dynamicInputs, dynamicOptions, isInstanceOf } from "../program/register.js";
import { showUnset } from "../program/unset-outputs.js";
import { type GetOptions, readingOptions } from "../program/get-options.js";
import { readNames, shownNames } from "./outputs.js";
import type { PrebuildLogs } from "./inputs.js";
import { keptTriggers } from "./serialize-triggers.js";

/** What a {@link Prebuild} is declared with. */
export interface PrebuildArgs {
  /**
   * The project that is prebuilt: a UUID. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.project_id`.
   */
  projectId: pulumi.Input<string>;
  /**
   * The environment class to run on: a UUID. It must be in the project's prebuild configuration. Left out, the API takes the project's default class, whichever that is, and it
   * is not drift. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.environment_class_id`.
   */
  environmentClassId?: pulumi.Input<string | undefined>;
  /**
   * How long the run may take: a duration such as `"45m"`, `"1h30m"`, `"90 minutes"` or `"PT90M"`, or seconds; 5 minutes to 2 hours. Left out, the API's default of an hour holds. A change runs
   * another prebuild.
   *
   * Source: `PrebuildSpec.timeout`.
   */
  timeout?: pulumi.Input<string | number | undefined>;
  /**
   * Anything whose change means "run again": a hash, a list of them, an object, an asset. Compared deeply; the order of an object's properties does not count. A Date and what else has
   * `toJSON` is kept as that says, bytes (a Buffer) as their SHA-256. What Pulumi cannot keep, such as a Map or a function, is refused.
   */
  triggers?: pulumi.Input<unknown>;
  /**
   * Whether `up` waits until the run has completed, with progress, and fails when the run does.
   *
   * The limit is customTimeouts: by default the run's own timeout and 15 minutes for queueing and the snapshot; 30 m for a deletion.
   * @default true
   */
  waitForCompletion?: pulumi.Input<boolean | undefined>;
  /**
   * What of the run's log is printed while it is waited for.
   * - `"onFailure"`: the last lines (200 at most) of a run that FAILED or was CANCELLED
   * - `"stream"`: each line as it comes
   * - `"none"`: nothing
   * @default "onFailure"
   */
  logs?: pulumi.Input<PrebuildLogs | undefined>;
  /**
   * Whether a prebuild that the API has removed because of its age (7 days) is run again by the next `up` after a refresh has seen it. By default it stays in state with
   * `expired: true`, and nothing is to be done.
   * @default false
   */
  recreateWhenExpired?: pulumi.Input<boolean | undefined>;
  /**
   * The connection over which it is run: a name in `ona:connections` of the stack's config, `{ name: { apiKey, baseUrl } }`, or in the environment variables `ONA_<NAME>_API_KEY` and
   * `ONA_<NAME>_BASE_URL` (the name in upper case, with `_` for all but letters and digits). Left out, the general settings hold. A change runs another prebuild: the old one is deleted over the
   * old connection.
   */
  connection?: pulumi.Input<string | undefined>;
}

/** A prebuild that is only read: see {@link Prebuild.get}. */
export type ReadPrebuild = pulumi.CustomResource & Pick<Prebuild, (typeof readNames)[number]>;

const type = "pulumi-nodejs:dynamic/ona:Prebuild";

/**
 * A prebuild: a run that prepares an environment of a project and leaves a snapshot of it, from which environments and warm pools start.
 *
 * Nothing of a prebuild can be changed. Another input, or another value of `triggers`, runs a new one first and deletes the old one afterwards; so does the next `up` after a run that
 * FAILED or was CANCELLED.
 *
 * @example
 * new Prebuild("web", { projectId, timeout: "45m" });
 * @example
 * // Run again when the dev container or the lock file changes.
 * new Prebuild("web", { projectId, triggers: [hash(".devcontainer/devcontainer.json"), hash("package-lock.json")] });
 * @example
 * // A pool that is filled by the time that `up` is done.
 * const prebuild = new Prebuild("web", { projectId, environmentClassId, logs: "stream" });
 * new WarmPool("web", { projectId, environmentClassId, minSize: 1 }, { dependsOn: prebuild });
 */
export class Prebuild extends pulumi.CustomResource {
  /** The project that is prebuilt. */
  declare readonly projectId: pulumi.Output<string>;
  /** The environment class that it runs on, declared or the project's default one. */
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
   * `PENDING`, `STARTING`, `RUNNING`, `STOPPING`, `SNAPSHOTTING`, `COMPLETED`, `FAILED`, `CANCELLING`, `CANCELLED`, `DELETING`, `DELETED`, or a phase that this release
   * does not know yet. Of an expired prebuild, how its run ended.
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
  /** When the run ended, whatever its end: RFC 3339. */
  declare readonly completedAt: pulumi.Output<string | undefined>;
  /** Why it FAILED or was CANCELLED. */
  declare readonly failureMessage: pulumi.Output<string | undefined>;
  /** What went wrong in a run that may have COMPLETED all the same, such as a dev container that could not be built; environments that start from its snapshot will have it, too. */
  declare readonly warningMessage: pulumi.Output<string | undefined>;
  /** Where its log can be read, with a token of {@link getPrebuildLogsToken}. */
  declare readonly logUrl: pulumi.Output<string | undefined>;
  /** The environment that the run uses. */
  declare readonly environmentId: pulumi.Output<string | undefined>;
  /** The size of the snapshot in bytes: a decimal number as text, since it may exceed what a JavaScript number holds exactly. */
  declare readonly snapshotSizeBytes: pulumi.Output<string>;
  /** How much of the snapshot has been made: 0 to 100, moving while SNAPSHOTTING where the cloud's provider tells it, and otherwise 0. */
  declare readonly snapshotCompletionPercentage: pulumi.Output<number>;

  /**
   * Declares a prebuild.
   * @param name the resource's name in the stack
   * @param args its inputs; mistakes are reported at preview, by property
   * @param opts the options of any Pulumi resource. `customTimeouts` limit the waits
   */
  constructor(name: string, args: PrebuildArgs, opts?: pulumi.CustomResourceOptions) {
    const shown = opts?.id === undefined ? shownNames : readNames;
    const declared = { ...args };
    if (declared.triggers !== undefined) declared.triggers = keptTriggers(name, declared.triggers);
    super(type, name, dynamicInputs("prebuild", name, declared, shown, opts), dynamicOptions({}, opts));
    showUnset(this, shown);
  }

  /**
   * Looks up a prebuild by its id, for a stack that reads it and does not manage it. It fails where there is no such prebuild, for example because it has expired.
   *
   * What moves by itself (phase, snapshot, …) is left out, so that a drift check stays quiet; {@link getPrebuildOutput} gives those.
   * @param id the prebuild's id at the API: a UUID
   * @param opts the options of any Pulumi resource, and `connection`
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: GetOptions): ReadPrebuild {
    const { connection, ...options } = readingOptions("Prebuild.get", name, id, opts);
    const args: Partial<PrebuildArgs> = { connection };
    return new Prebuild(name, args as PrebuildArgs, options);
  }

  /** Whether a value is a Prebuild, of this copy of the package or another one. */
  static override isInstance(value: unknown): value is Prebuild {
    return isInstanceOf(type, value);
  }
}
