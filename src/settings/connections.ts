/**
 * Named connections, one for each account: `ona:connections` in Pulumi config, or environment variables that contain
 * the connection's name.
 */
import { findSimilarName } from "../util/spelling.js";
import { quoteForShell, sanitize, tryParseJson } from "../util/text.js";
import { type Caller, ConfigError, type ConfigSources, nameSetting } from "./sources.js";

const settings = ["apiKey", "baseUrl"] as const;

export type Setting = (typeof settings)[number];

/** An entry of `ona:connections`. */
type ConnectionConfig = { readonly [S in Setting]?: string };

/** The names of the settings that lead to an account, in Pulumi config and in the environment. */
export type SettingNames = Readonly<Record<Setting, Readonly<Record<"config" | "variable", string>>>>;

/** The names of the general settings. */
export function nameGeneralSettings(sources: ConfigSources): SettingNames {
  return {
    apiKey: { config: nameSetting(sources, "apiKey"), variable: "ONA_API_KEY" },
    baseUrl: { config: nameSetting(sources, "baseUrl"), variable: "ONA_BASE_URL" },
  };
}

/** The names of the settings of a connection. */
export function nameSettings(connection: string): SettingNames {
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

/** A setting's value, without whitespace around it, and the name of the setting or variable that has it. */
export interface FoundSetting {
  readonly source: string;
  readonly value: string;
}

/** Finds the first place that has more than whitespace. */
export function firstSet(places: readonly Place[]): FoundSetting | undefined {
  const trimmed = places.map(([source, value = ""]) => ({ source, value: value.trim() }));
  return trimmed.find(({ value }) => value !== "");
}

/** Finds a connection's own setting, config first. The general settings don't count. */
export function findConnectionSetting(
  sources: ConfigSources,
  connection: string,
  setting: Setting,
): FoundSetting | undefined {
  const { config, variable } = nameSettings(connection)[setting];
  return firstSet([
    [config, readConnections(sources).get(connection)?.[setting]],
    [variable, sources.env[variable]],
  ]);
}

/**
 * Explains why a connection can't be used, in sentences without a period at the end. It needs a token and an address of
 * its own: a token must not go to a host that nobody configured for it.
 * @returns undefined if it has both
 * @throws ConfigError when `ona:connections` is malformed
 */
export function describeConnectionProblem(sources: ConfigSources, connection: string): string | undefined {
  const { caller } = sources;
  const token = findConnectionSetting(sources, connection, "apiKey");
  const address = findConnectionSetting(sources, connection, "baseUrl");
  if (token !== undefined && address !== undefined) return undefined;
  const known = [...readConnections(sources).keys()];
  const name = JSON.stringify(connection);
  // Users who set one part of the object in a stack expect the rest from the project.
  const replaced = "ona:connections in Pulumi.<stack>.yaml replaces all of ona:connections in Pulumi.yaml";
  const hint = known.length === 0 ? [] : [replaced];
  if (token !== undefined) {
    const problem = `The connection ${name} has a token (${token.source}) but no address, so the token is not sent`;
    return sanitize([problem, ...hint, adviseToConnect(connection, ["baseUrl"], caller)].join(". "));
  }
  // A command does not see ona:connections, so it cannot tell which connections exist.
  if (address !== undefined || known.includes(connection) || caller === "cli") {
    const missing = address === undefined ? settings : (["apiKey"] as const);
    const problem = `No Ona API token for the connection ${name}`;
    return sanitize([problem, ...hint, adviseToConnect(connection, missing, caller)].join(". "));
  }
  const similar = findSimilarName(connection, known);
  const guess = similar === undefined ? "" : `; did you mean ${JSON.stringify(similar)}?`;
  const others = known.length === 0 ? "" : ` (ona:connections has ${known.join(", ")}${guess})`;
  const problem = `The connection ${name} is not configured${others}`;
  return sanitize([problem, ...hint, adviseToConnect(connection, settings, caller)].join(". "));
}

/**
 * Advises how to set up a connection, without a period at the end.
 * @param missing what to set in the environment. Config needs both, since a stack's object replaces the project's
 * @param caller a command of `pulumi-ona` reads the environment only
 */
export function adviseToConnect(connection: string, missing: readonly Setting[], caller: Caller): string {
  const { apiKey, baseUrl } = nameSettings(connection);
  const variables = missing.map((setting) => (setting === "apiKey" ? apiKey : baseUrl).variable).join(" and ");
  const variable = `Set the environment variable${missing.length === 1 ? "" : "s"} ${variables}`;
  if (caller === "cli") return sanitize(variable);
  const commands = [
    `\`pulumi config set --path ${quoteForShell(baseUrl.config)} ADDRESS\``,
    `\`pulumi config set --secret --path ${quoteForShell(apiKey.config)}\``,
  ];
  return sanitize(`${variable}, or run ${commands.join(" and ")}`);
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
