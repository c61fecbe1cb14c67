/** The property table of prebuilds. A row is all that an input or output needs. */
import { defineProperties, type InputsOf } from "../lifecycle/properties.js";

/**
 * The inputs and outputs of a prebuild. Bounds and formats come from the API's `CreatePrebuildRequest` and
 * `PrebuildSpec`.
 */
export const prebuildProperties = defineProperties({
  /**
   * The project to prebuild: a UUID. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.project_id`.
   */
  projectId: { type: "uuid", required: true, onChange: "replace", live: "stateOrApi", fallback: "" },
  /**
   * The environment class to run on: a UUID. It must be in the project's prebuild configuration. If omitted, the API
   * picks the project's default class, and that choice isn't drift. A change runs another prebuild.
   *
   * Source: `CreatePrebuildRequest.environment_class_id`.
   */
  environmentClassId: { type: "uuid", onChange: "replace", managed: true, live: "stateOrApi", always: true },
  /**
   * How long the run may take: a duration such as `"45m"`, `"1h30m"`, `"90 minutes"` or `"PT90M"`, or a number of
   * seconds; 5 minutes to 2 hours. If omitted, the API's default of an hour applies. A change runs another prebuild.
   *
   * Source: `PrebuildSpec.timeout`.
   */
  timeout: {
    type: { durationMs: [300_000, 7_200_000] },
    default: "1h",
    onChange: "replace",
    managed: true,
    live: "stateOrApi",
  },
  /**
   * Any value whose change runs the prebuild again: a hash, a list of hashes, an object, an asset. It is compared
   * deeply, and the order of an object's properties doesn't matter.
   *
   * In TypeScript, a Date and anything else with `toJSON` is stored in that form, bytes (a Buffer) as their SHA-256. A
   * value that Pulumi can't store, such as a Map or a function, is refused.
   */
  triggers: { type: "any", onChange: "replace", live: "state" },
  /**
   * Whether `up` waits until the run has completed, shows its progress, and fails if the run fails.
   *
   * Set `customTimeouts` to change the timeouts: create and update have the run's own timeout plus 15 minutes for
   * queueing and the snapshot, delete has 30 m.
   * @default true
   */
  waitForCompletion: { type: "boolean", default: true, onChange: "stateOnly", live: "state" },
  /**
   * What `up` prints of the run's log while it waits.
   * - `"onFailure"`: the last lines (at most 200) of a run that FAILED or was CANCELLED
   * - `"stream"`: each line as it comes
   * - `"none"`: nothing
   * @default "onFailure"
   */
  logs: {
    type: { oneOf: ["onFailure", "stream", "none"] },
    default: "onFailure",
    onChange: "stateOnly",
    live: "state",
  },
  /**
   * Whether to run a prebuild again after the API has removed it because of its age (7 days). The next `up` after a
   * refresh does so. By default it stays in state with `expired: true`, and there is nothing to do.
   * @default false
   */
  recreateWhenExpired: { type: "boolean", default: false, onChange: "stateOnly", live: "state" },
  /**
   * The connection that runs the prebuild: a name in `ona:connections` of the stack's config, `{ name: { apiKey,
   * baseUrl } }`, or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper
   * case, with `_` for all but letters and digits). If omitted, the general settings apply. A change runs another
   * prebuild, and the old one is deleted through the old connection.
   */
  connection: { type: "connectionName", onChange: "replace", live: "state" },
  /** The organization that owns the prebuild. */
  organizationId: { type: "uuid", live: "api", always: true },
  /**
   * `PENDING`, `STARTING`, `RUNNING`, `STOPPING`, `SNAPSHOTTING`, `COMPLETED`, `FAILED`, `CANCELLING`, `CANCELLED`,
   * `DELETING`, `DELETED`, or a phase that this release doesn't know yet. For an expired prebuild, how its run ended.
   */
  phase: { type: "string", live: "api", volatile: true, fallback: "" },
  /** Whether the API has removed it because it was seven days old. */
  expired: { type: "boolean", live: "state", volatile: true, fallback: false },
  /** `MANUAL` or `SCHEDULED`. */
  triggeredBy: { type: "string", live: "api", always: true },
  /** Who started it: the id of a user, service account, … */
  creatorId: { type: "uuid", live: "api" },
  /** Who it runs as. */
  executorId: { type: "uuid", live: "api" },
  /** When it was created: RFC 3339. */
  createdAt: { type: "timestamp", live: "api", always: true },
  /** When it last changed: RFC 3339. */
  updatedAt: { type: "timestamp", live: "api", volatile: true },
  /** When the run ended, successfully or not: RFC 3339. */
  completedAt: { type: "timestamp", live: "api", volatile: true },
  /** Why it FAILED or was CANCELLED. */
  failureMessage: { type: "string", live: "api", volatile: true },
  /**
   * A problem in a run that may still have COMPLETED, such as a dev container that could not be built. Environments
   * that start from its snapshot have it, too.
   */
  warningMessage: { type: "string", live: "api", volatile: true },
  /** Where to read its log, with a token of `getPrebuildLogsToken`. */
  logUrl: { type: "string", live: "api", volatile: true },
  /** The environment that the run uses. */
  environmentId: { type: "uuid", live: "api", volatile: true },
  /**
   * The size of the snapshot in bytes: a decimal number as a string, because a number may not hold it exactly.
   * `"0"` before there is one.
   */
  snapshotSizeBytes: { type: "string", live: "api", volatile: true, fallback: "0" },
  /**
   * How much of the snapshot is done: 0 to 100, or 0 if the cloud provider doesn't report it. Set only in the
   * phase SNAPSHOTTING.
   */
  snapshotCompletionPercentage: { type: "count", live: "api", volatile: true },
});

/** The rows of the table. */
export type PrebuildRows = typeof prebuildProperties.rows;

/** The checked inputs of a prebuild. `timeout` is in its normal form, such as `"1h30m"`. */
export type PrebuildInputs = InputsOf<PrebuildRows>;

/** What `up` prints of the log of a prebuild while it waits. */
export type PrebuildLogs = PrebuildRows["logs"]["type"]["oneOf"][number];
