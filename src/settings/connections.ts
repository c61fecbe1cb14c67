/**
 * Named connections, one for each account: `ona:connections` in Pulumi config, or environment variables that contain
 * the connection's name.
 */
import { findSimilarName } from "../util/spelling.js";
import { sanitize, tryParseJson } from "../util/text.js";
import { type Caller, ConfigError, type ConfigSources } from "./sources.js";

const settings = ["apiKey", "baseUrl"] as const;

export type Setting = (typeof settings)[number];

/** An entry of `ona:connections`. */
type ConnectionConfig = { readonly [S in Setting]?: string };

/** The names of the settings that lead to an account, in Pulumi config and in the environment. */
export type SettingNames = Readonly<Record<Setting, Readonly<Record<"config" | "variable", string>>>>;

const generalNames: SettingNames = {
  apiKey: { config: "ona:apiKey", variable: "ONA_API_KEY" },
  baseUrl: { config: "ona:baseUrl", variable: "ONA_BASE_URL" },
};

/** The names of the settings of a connection, or of the general ones. */
export function nameSettings(connection: string | undefined): SettingNames {
  if (connection === undefined) return generalNames;
  const config = configPath(connection);
  // The name in upper case, with `_` for all but letters and digits.
  const variable = `ONA_${connection.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
  return {
    apiKey: { config: `${config}.apiKey`, variable: `${variable}_API_KEY` },
    baseUrl: { config: `${config}.baseUrl`, variable: `${variable}_BASE_URL` },
  };
}

/** A place where a setting can be, and its value there. */
export type Place = readonly [source: string, value: string | undefined];

/** The places of a connection's setting, config first. */
export function connectionPlaces(sources: ConfigSources, connection: string, setting: Setting): readonly Place[] {
  const { config, variable } = nameSettings(connection)[setting];
  return [
    [config, readConnections(sources).get(connection)?.[setting]],
    [variable, sources.env[variable]],
  ];
}

/**
 * Explains that nothing is configured for a connection. An entry in config or one of its variables is enough.
 * @returns undefined if something is
 * @throws ConfigError when `ona:connections` is malformed
 */
export function describeUnknownConnection(sources: ConfigSources, connection: string): string | undefined {
  const known = [...readConnections(sources).keys()];
  if (known.includes(connection)) return undefined;
  if (Object.values(nameSettings(connection)).some(({ variable }) => sources.env[variable]?.trim())) return undefined;
  const similar = findSimilarName(connection, known);
  const guess = similar === undefined ? "" : `; did you mean ${JSON.stringify(similar)}?`;
  const others = known.length === 0 ? "" : ` (ona:connections has ${known.join(", ")}${guess})`;
  return sanitize(`${JSON.stringify(connection)} is not configured${others}. ${adviseToSetToken(connection)}`);
}

/**
 * Advises how to set the token, without a period at the end.
 * @param connection undefined for the general settings
 * @param caller a command of `pulumi-ona` reads the environment only
 */
export function adviseToSetToken(connection: string | undefined, caller: Caller = "provider"): string {
  const { config, variable } = nameSettings(connection).apiKey;
  const [variables, path] =
    connection === undefined
      ? [`${variable} (or ONA_TOKEN, GITPOD_API_KEY)`, config]
      : [variable, `--path '${config}'`];
  const command = caller === "cli" ? "" : `, or run \`pulumi config set --secret ${path}\``;
  return sanitize(`Set the environment variable ${variables}${command}`);
}

/** Returns the path of a connection, as `pulumi config set --path` takes it. */
function configPath(connection: string): string {
  const isPlain = /^[A-Za-z_][\w-]*$/.test(connection);
  return `ona:connections${isPlain ? `.${connection}` : `[${JSON.stringify(connection)}]`}`;
}

/** Reads `ona:connections`. No error repeats its values, which may be secrets. */
function readConnections({ config }: ConfigSources): ReadonlyMap<string, ConnectionConfig> {
  const text = config("ona:connections") ?? "";
  const connections = new Map<string, ConnectionConfig>();
  if (text.trim() === "") return connections;
  const byVariable = new Map<string, string>();
  for (const [name, value] of entriesOf("ona:connections", tryParseJson(text))) {
    const { variable } = nameSettings(name).apiKey;
    const twin = byVariable.get(variable);
    if (twin !== undefined) {
      throw new ConfigError(
        `${JSON.stringify(twin)} and ${JSON.stringify(name)} in ona:connections have the same environment variable, ${variable}. Rename one of them.`,
      );
    }
    byVariable.set(variable, name);
    connections.set(name, readConnection(name, value));
  }
  return connections;
}

function readConnection(name: string, value: unknown): ConnectionConfig {
  const entries = entriesOf(configPath(name), value).map(([setting, text]) => {
    const path = `${configPath(name)}.${setting}`;
    if (!settings.some((each) => each === setting))
      throw new ConfigError(`${path} is not a setting: a connection has apiKey and baseUrl.`);
    if (typeof text !== "string") throw new ConfigError(`${path} must be a string.`);
    return [setting, text];
  });
  return Object.fromEntries(entries) as ConnectionConfig;
}

function entriesOf(path: string, value: unknown): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new ConfigError(
    `${path} must be an object: ona:connections is \`{ name: { apiKey, baseUrl } }\`, and \`pulumi config set --path\` writes it.`,
  );
}
