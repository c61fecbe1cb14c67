/**
 * The table of settings: config keys of `ona:`, and the inputs of an explicit provider of the native plugin. It is
 * plain data, because every program loads it. The schema and the reference are generated from it.
 */

/** A row. Its docstring is what users read about the setting. */
interface SettingRow {
  readonly type: "string" | "integer" | "boolean" | "connections";
  readonly secret?: true;
  /** Environment variables that apply if config has no value. The first one that is set counts. */
  readonly variables?: readonly string[];
  readonly default?: string;
  /** The only kind of provider that has the setting. */
  readonly only?: "dynamic" | "native";
}

export const settingRows = {
  /** The API token. Prefer the environment: what is in config also reaches state, encrypted if it is a secret. */
  apiKey: { type: "string", secret: true, variables: ["ONA_API_KEY", "ONA_TOKEN", "GITPOD_API_KEY"] },
  /**
   * The address of the API. Only loopback addresses may use plain `http://`. `ONA_HOST` is the host alone, and `/api` is
   * appended to it.
   */
  baseUrl: {
    type: "string",
    variables: ["ONA_BASE_URL", "ONA_HOST", "GITPOD_BASE_URL"],
    default: "https://app.ona.com/api",
  },
  /** The timeout of one attempt of a call: seconds or a duration such as `"90s"`, from 1 second to 10 minutes. */
  requestTimeout: { type: "string", default: "60s" },
  /** The maximum number of retries of a call: 0 to 10. */
  maxRetries: { type: "integer", default: "5" },
  /**
   * Whether a preview reads the projects of the resources that it would create, and warns of what would make `up` fail.
   */
  preflight: { type: "boolean", default: "true" },
  /** More accounts by name: `{ name: { apiKey, baseUrl } }`. Each connection needs both. */
  connections: {
    type: "connections",
    secret: true,
    variables: ["ONA_<NAME>_API_KEY", "ONA_<NAME>_BASE_URL"],
    only: "dynamic",
  },
  /**
   * Whether each `up` and preview reads the current state of the resources first, so that it finds and repairs drift
   * without `--refresh`. Costs the calls of a refresh. Resources that are in state already need one `pulumi refresh`
   * after it is set.
   */
  refreshBeforeUpdate: { type: "boolean", default: "false", only: "native" },
} as const satisfies Readonly<Record<string, SettingRow>>;
