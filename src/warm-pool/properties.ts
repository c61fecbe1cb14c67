/** The property table of warm pools. A row is all that an input or output needs. */
import { defineProperties } from "../lifecycle/properties.js";

/**
 * The inputs and outputs of a warm pool. Bounds and formats come from the API's `CreateWarmPoolRequest` and
 * `WarmPoolSpec`.
 */
export const warmPoolProperties = defineProperties({
  /**
   * The project whose prebuilds fill the pool: a UUID. A change replaces the pool.
   *
   * Source: `CreateWarmPoolRequest.project_id`.
   */
  projectId: { type: "uuid", required: true, onChange: "replace", live: "api", fallback: "" },
  /**
   * The environment class whose instances are kept warm: a UUID. It must be in the project's prebuild configuration.
   * A change replaces the pool.
   *
   * Source: `CreateWarmPoolRequest.environment_class_id`.
   */
  environmentClassId: { type: "uuid", required: true, onChange: "replace", live: "api", fallback: "" },
  /**
   * The minimum number of warm instances: 0 to 20, not above `maxSize`. If omitted, it isn't managed: a new pool gets 1
   * (or `maxSize` if that is less), and later changes by others are neither reverted nor reported as drift.
   * The output is the size at the API, managed or not.
   *
   * Source: `WarmPoolSpec.min_size`.
   */
  minSize: { type: { integer: [0, 20] }, onChange: "update", managed: true, live: "api", always: true },
  /**
   * The maximum number of warm instances: 1 to 20, not below `minSize`. If omitted, it isn't managed: a new pool gets 2
   * (or `minSize` if that is more), and later changes by others are neither reverted nor reported as drift.
   * The output is the size at the API, managed or not.
   *
   * Source: `WarmPoolSpec.max_size`.
   */
  maxSize: { type: { integer: [1, 20] }, onChange: "update", managed: true, live: "api", always: true },
  /**
   * Whether to take over and resize a pool that already exists for the project and environment class, instead of
   * failing.
   * @default false
   */
  adoptExisting: { type: "boolean", default: false, onChange: "stateOnly", live: "state" },
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
  waitForReady: {
    type: { oneOf: ["ifSnapshot", true, false] },
    default: "ifSnapshot",
    onChange: "update",
    live: "state",
  },
  /**
   * The connection that manages the pool: a name in `ona:connections` of the stack's config, `{ name: { apiKey,
   * baseUrl } }`, or in the environment variables `ONA_<NAME>_API_KEY` and `ONA_<NAME>_BASE_URL` (the name in upper
   * case, with `_` for all but letters and digits). If omitted, the general settings apply. A change replaces the pool,
   * and the old one is deleted through the old connection.
   */
  connection: { type: "connectionName", onChange: "replace", live: "state" },
  /** The organization that owns the pool. */
  organizationId: { type: "uuid", live: "api", always: true },
  /** The runner that keeps the pool. It follows from the environment class. */
  runnerId: { type: "uuid", live: "api" },
  /** When the pool was created: RFC 3339. */
  createdAt: { type: "timestamp", live: "api", always: true },
  /** When the pool last changed: RFC 3339. */
  updatedAt: { type: "timestamp", live: "api", volatile: true },
  /** `PENDING`, `READY`, `DEGRADED`, `DELETING`, `DELETED`, or a phase that this release doesn't know yet. */
  phase: { type: "string", live: "api", volatile: true, fallback: "" },
  /** Why a pool is DEGRADED, in the runner's words. */
  failureMessage: { type: "string", live: "api", volatile: true },
  /** The prebuild snapshot that instances start from. Not set until a prebuild has completed. */
  snapshotId: { type: "uuid", live: "api", volatile: true },
  /** The number of instances that the autoscaler aims for, between `minSize` and `maxSize`. */
  desiredSize: { type: "count", live: "api", volatile: true, fallback: 0 },
  /** The number of running instances. */
  runningInstances: { type: "count", live: "api", volatile: true, fallback: 0 },
  /** The number of stopped instances that can be started. */
  stoppedInstances: { type: "count", live: "api", volatile: true, fallback: 0 },
});

/** The rows of the table. */
export type WarmPoolRows = typeof warmPoolProperties.rows;

/** What `up` waits for after it creates or changes a pool. */
export type WaitForReady = WarmPoolRows["waitForReady"]["type"]["oneOf"][number];
