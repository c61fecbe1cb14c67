/** Named connections, each to an account of its own: `ona:connections` in Pulumi config, and environment variables that have the connection's name in theirs. */
import { ConfigError, type ConfigSources } from "./sources.js";
import { findSimilarName } from "../util/spelling.js";
import { sanitize } from "../util/text.js";

/** What config says of a connection. */
interface Connection {
  readonly apiKey?: string;
  readonly baseUrl?: string;
}

/** A place where a setting can be, and what stands there. */
export type Place = readonly [source: string, value: string | undefined];

const settingNames = ["apiKey", "baseUrl"] as const;

/** The environment variables of a connection: its name in upper case, with `_` for all but letters and digits. */
function variablesOf(name: string): { readonly apiKey: string; readonly baseUrl: string } {
  const part = name.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  return { apiKey: `ONA_${part}_API_KEY`, baseUrl: `ONA_${part}_BASE_URL` };
}

/** How the settings of a connection are called where people set them. */
export function namesOf(name: string) {
  const variables = variablesOf(name);
  const names = (setting: keyof Connection) => ({
    config: `${pathOf(name)}.${setting}`,
    variable: variables[setting],
  });
  return { connection: name, apiKey: names("apiKey"), baseUrl: names("baseUrl") };
}

/** Where a setting of a connection can be, config first. */
export function placesOf(sources: ConfigSources, name: string, setting: keyof Connection): readonly Place[] {
  const { config, variable } = namesOf(name)[setting];
  return [
    [config, readConnections(sources).get(name)?.[setting]],
    [variable, sources.env[variable]],
  ];
}

/**
 * What keeps a connection from being used, for a preview: nothing at all is said of it here. An entry in config is enough, or either of its variables.
 * @returns undefined where there is nothing
 * @throws ConfigError when `ona:connections` is malformed
 */
export function whyUnknown(sources: ConfigSources, name: string): string | undefined {
  const connections = readConnections(sources);
  const variables = variablesOf(name);
  if (connections.has(name)) return undefined;
  if ([variables.apiKey, variables.baseUrl].some((variable) => sources.env[variable]?.trim())) return undefined;
  const names = [...connections.keys()];
  const meant = findSimilarName(name, names);
  const guess = meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
  const known = names.length === 0 ? "" : ` (ona:connections has ${names.join(", ")}${guess})`;
  return sanitize(`${JSON.stringify(name)} is not known here${known}: ${howToSet(name)}`);
}

/** How the token of a connection is set, for people. */
export function howToSet(name: string): string {
  const { config, variable } = namesOf(name).apiKey;
  return `set the environment variable ${variable}, or run \`pulumi config set --secret --path '${config}'\``;
}

/** The path of a connection, as `pulumi config set --path` takes it. */
function pathOf(name: string): string {
  return `ona:connections${/^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
}

/** What `ona:connections` says. Its values are never repeated: they may be secrets. */
function readConnections({ config }: ConfigSources): ReadonlyMap<string, Connection> {
  const text = config("ona:connections");
  if (text === undefined || text.trim() === "") return new Map();
  const connections = new Map<string, Connection>();
  const byVariable = new Map<string, string>();
  for (const [name, given] of entriesOf("ona:connections", parse(text))) {
    const variable = variablesOf(name).apiKey;
    const twin = byVariable.get(variable);
    if (twin !== undefined) {
      throw new ConfigError(
        `${JSON.stringify(twin)} and ${JSON.stringify(name)} in ona:connections have the same environment variable, ${variable}: give one of them another name.`,
      );
    }
    byVariable.set(variable, name);
    connections.set(name, connectionOf(name, given));
  }
  return connections;
}

function connectionOf(name: string, given: unknown): Connection {
  const connection: { -readonly [Setting in keyof Connection]: Connection[Setting] } = {};
  for (const [setting, value] of entriesOf(pathOf(name), given)) {
    const known = settingNames.find((each) => each === setting);
    if (known === undefined) {
      throw new ConfigError(
        sanitize(`${pathOf(name)}.${setting} is not a setting: a connection has apiKey and baseUrl.`),
      );
    }
    if (typeof value !== "string") throw new ConfigError(sanitize(`${pathOf(name)}.${known} must be a text.`));
    connection[known] = value;
  }
  return connection;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entriesOf(path: string, value: unknown): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new ConfigError(
    sanitize(`${path} must be an object`) +
      ": ona:connections is `{ name: { apiKey, baseUrl } }`, and `pulumi config set --path` writes it.",
  );
}
