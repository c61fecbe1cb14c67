/** The property table of prebuilds. To add an input, add a row here and a member to `PrebuildArgs` in resource.ts. */
import { defineProperties, type InputsOf } from "../lifecycle/properties.js";

/**
 * The inputs and outputs of a prebuild. Bounds and formats come from the API's `CreatePrebuildRequest` and
 * `PrebuildSpec`.
 */
export const prebuildProperties = defineProperties({
  projectId: {
    type: "uuid",
    description: "The project to prebuild: a UUID. A change runs another prebuild.",
    sentAs: "CreatePrebuildRequest.project_id",
    required: true,
    onChange: "replace",
    live: "stateOrApi",
    fallback: "",
  },
  environmentClassId: {
    type: "uuid",
    description:
      "The environment class to run on: a UUID. It must be in the project's prebuild configuration. If omitted, the API picks the " +
      "project's default class, and that choice isn't drift. A change runs another prebuild.",
    sentAs: "CreatePrebuildRequest.environment_class_id",
    onChange: "replace",
    managed: true,
    live: "stateOrApi",
  },
  timeout: {
    type: { durationMs: [300_000, 7_200_000] },
    description:
      'How long the run may take: a duration such as `"45m"`, `"1h30m"`, `"90 minutes"` or `"PT90M"`, or a number of seconds; ' +
      "5 minutes to 2 hours. If omitted, the API's default of an hour applies. A change runs another prebuild.",
    sentAs: "PrebuildSpec.timeout",
    default: "1h",
    onChange: "replace",
    managed: true,
    live: "stateOrApi",
  },
  triggers: {
    type: "any",
    description:
      "Any value whose change runs the prebuild again: a hash, a list of hashes, an object, an asset. It is compared deeply, and the order " +
      "of an object's properties doesn't matter. A Date and anything else with `toJSON` is stored in that form, bytes (a Buffer) " +
      "as their SHA-256. A value that Pulumi can't store, such as a Map or a function, is refused.",
    onChange: "replace",
    live: "state",
  },
  waitForCompletion: {
    type: "boolean",
    description:
      "Whether `up` waits until the run has completed, shows its progress, and fails if the run fails.\n\n" +
      "Set `customTimeouts` to change the timeouts: create and update have the run's own timeout plus 15 minutes for queueing and the " +
      "snapshot, delete has 30 m.",
    default: true,
    onChange: "stateOnly",
    live: "state",
  },
  logs: {
    type: { oneOf: ["onFailure", "stream", "none"] },
    description:
      "What `up` prints of the run's log while it waits.\n" +
      '- `"onFailure"`: the last lines (at most 200) of a run that FAILED or was CANCELLED\n' +
      '- `"stream"`: each line as it comes\n' +
      '- `"none"`: nothing',
    default: "onFailure",
    onChange: "stateOnly",
    live: "state",
  },
  recreateWhenExpired: {
    type: "boolean",
    description:
      "Whether to run a prebuild again after the API has removed it because of its age (7 days). The next `up` after a refresh does so. " +
      "By default it stays in state with `expired: true`, and there is nothing to do.",
    default: false,
    onChange: "stateOnly",
    live: "state",
  },
  connection: {
    type: "connectionName",
    description:
      "The connection that runs the prebuild: a name in `ona:connections` of the stack's config, `{ name: { apiKey, baseUrl } }`, " +
      "or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper case, with `_` for all " +
      "but letters and digits). If omitted, the general settings apply. A change runs another prebuild, and the old one is deleted through " +
      "the old connection.",
    onChange: "replace",
    live: "state",
  },
  organizationId: { type: "uuid", description: "The organization that owns the prebuild.", live: "api" },
  phase: {
    type: "string",
    description:
      "`PENDING`, `STARTING`, `RUNNING`, `STOPPING`, `SNAPSHOTTING`, `COMPLETED`, `FAILED`, `CANCELLING`, `CANCELLED`, `DELETING`, " +
      "`DELETED`, or a phase that this release doesn't know yet. For an expired prebuild, how its run ended.",
    live: "api",
    volatile: true,
    fallback: "",
  },
  expired: {
    type: "boolean",
    description: "Whether the API has removed it because it was seven days old.",
    live: "state",
    volatile: true,
    fallback: false,
  },
  triggeredBy: { type: "string", description: "`MANUAL` or `SCHEDULED`.", live: "api" },
  creatorId: { type: "uuid", description: "Who started it: the id of a user, service account, …", live: "api" },
  executorId: { type: "uuid", description: "Who it runs as.", live: "api" },
  createdAt: { type: "timestamp", description: "When it was created: RFC 3339.", live: "api" },
  updatedAt: { type: "timestamp", description: "When it last changed: RFC 3339.", live: "api", volatile: true },
  completedAt: {
    type: "timestamp",
    description: "When the run ended, successfully or not: RFC 3339.",
    live: "api",
    volatile: true,
  },
  failureMessage: { type: "string", description: "Why it FAILED or was CANCELLED.", live: "api", volatile: true },
  warningMessage: {
    type: "string",
    description:
      "A problem in a run that may still have COMPLETED, such as a dev container that could not be built. Environments that start from " +
      "its snapshot have it, too.",
    live: "api",
    volatile: true,
  },
  logUrl: {
    type: "string",
    description: "Where to read its log, with a token of `getPrebuildLogsToken`.",
    live: "api",
    volatile: true,
  },
  environmentId: { type: "uuid", description: "The environment that the run uses.", live: "api", volatile: true },
  snapshotSizeBytes: {
    type: "string",
    description:
      "The size of the snapshot in bytes: a decimal number as a string, because it may exceed what a JavaScript number holds exactly.",
    live: "api",
    volatile: true,
    fallback: "0",
  },
  snapshotCompletionPercentage: {
    type: "count",
    description:
      "How much of the snapshot is done: 0 to 100. It rises while SNAPSHOTTING if the cloud provider reports it, and is 0 otherwise.",
    live: "api",
    volatile: true,
    fallback: 0,
  },
});

/** The rows of the table. */
export type PrebuildRows = typeof prebuildProperties.rows;

/** The checked inputs of a prebuild. `timeout` is in its normal form, such as `"1h30m"`. */
export type PrebuildInputs = InputsOf<PrebuildRows>;

/** What `up` prints of a prebuild's log: see {@link import("./resource.js").PrebuildArgs.logs}. */
export type PrebuildLogs = PrebuildRows["logs"]["type"]["oneOf"][number];
