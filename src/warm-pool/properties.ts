/** The property table of warm pools. To add an input, add a row here and a member to `WarmPoolArgs` in resource.ts. */
import { defineProperties } from "../lifecycle/properties.js";

/**
 * The inputs and outputs of a warm pool. Bounds and formats come from the API's `CreateWarmPoolRequest` and
 * `WarmPoolSpec`.
 */
export const warmPoolProperties = defineProperties({
  projectId: {
    type: "uuid",
    description: "The project whose prebuilds fill the pool: a UUID. A change replaces the pool.",
    sentAs: "CreateWarmPoolRequest.project_id",
    required: true,
    onChange: "replace",
    live: "api",
    fallback: "",
  },
  environmentClassId: {
    type: "uuid",
    description:
      "The environment class whose instances are kept warm: a UUID. It must be in the project's prebuild configuration. " +
      "A change replaces the pool.",
    sentAs: "CreateWarmPoolRequest.environment_class_id",
    required: true,
    onChange: "replace",
    live: "api",
    fallback: "",
  },
  minSize: {
    type: { integer: [0, 20] },
    description:
      "The minimum number of warm instances: 0 to 20, not above `maxSize`. If omitted, it isn't managed: a new pool gets 1 " +
      "(or `maxSize` if that is less), and later changes by others are neither reverted nor reported as drift.",
    sentAs: "WarmPoolSpec.min_size",
    onChange: "update",
    managed: true,
    live: "api",
  },
  maxSize: {
    type: { integer: [1, 20] },
    description:
      "The maximum number of warm instances: 1 to 20, not below `minSize`. If omitted, it isn't managed: a new pool gets 2 " +
      "(or `minSize` if that is more), and later changes by others are neither reverted nor reported as drift.",
    sentAs: "WarmPoolSpec.max_size",
    onChange: "update",
    managed: true,
    live: "api",
  },
  adoptExisting: {
    type: "boolean",
    description:
      "Whether to take over and resize a pool that already exists for the project and environment class, instead of failing.",
    default: false,
    onChange: "stateOnly",
    live: "state",
  },
  waitForReady: {
    type: { oneOf: ["ifSnapshot", true, false] },
    description:
      "What `up` waits for after it creates or changes the pool.\n" +
      "- `true`: until the pool is READY\n" +
      '- `"ifSnapshot"`: the same, but if there is still no prebuild snapshot after 30 s, `up` succeeds with a warning. ' +
      "Such a pool fills only after the next prebuild\n" +
      "- `false`: nothing\n\n" +
      "Set `customTimeouts` to change the timeouts: create 20 m, update 20 m, delete 30 m.",
    default: "ifSnapshot",
    onChange: "update",
    live: "state",
  },
  connection: {
    type: "connectionName",
    description:
      "The connection that manages the pool: a name in `ona:connections` of the stack's config, `{ name: { apiKey, baseUrl } }`, " +
      "or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper case, with `_` for all " +
      "but letters and digits). If omitted, the general settings apply. A change replaces the pool, and the old one is deleted through " +
      "the old connection.",
    onChange: "replace",
    live: "state",
  },
  organizationId: { type: "uuid", description: "The organization that owns the pool.", live: "api" },
  runnerId: {
    type: "uuid",
    description: "The runner that keeps the pool. It follows from the environment class.",
    live: "api",
  },
  createdAt: { type: "timestamp", description: "When the pool was created: RFC 3339.", live: "api" },
  updatedAt: { type: "timestamp", description: "When the pool last changed: RFC 3339.", live: "api", volatile: true },
  phase: {
    type: "string",
    description:
      "`PENDING`, `READY`, `DEGRADED`, `DELETING`, `DELETED`, or a phase that this release doesn't know yet.",
    live: "api",
    volatile: true,
    fallback: "",
  },
  failureMessage: {
    type: "string",
    description: "Why a pool is DEGRADED, in the runner's words.",
    live: "api",
    volatile: true,
  },
  snapshotId: {
    type: "uuid",
    description: "The prebuild snapshot that instances start from. Undefined until a prebuild has completed.",
    live: "api",
    volatile: true,
  },
  desiredSize: {
    type: "count",
    description: "The number of instances that the autoscaler aims for, between `minSize` and `maxSize`.",
    live: "api",
    volatile: true,
    fallback: 0,
  },
  runningInstances: {
    type: "count",
    description: "The number of running instances.",
    live: "api",
    volatile: true,
    fallback: 0,
  },
  stoppedInstances: {
    type: "count",
    description: "The number of stopped instances that can be started.",
    live: "api",
    volatile: true,
    fallback: 0,
  },
});

/** The rows of the table. */
export type WarmPoolRows = typeof warmPoolProperties.rows;

/** What a create or update waits for: see {@link import("./resource.js").WarmPoolArgs.waitForReady}. */
export type WaitForReady = WarmPoolRows["waitForReady"]["type"]["oneOf"][number];
