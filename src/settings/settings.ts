/** How the package learns where the API is and with which token, from Pulumi config and the environment. Reads both when asked, keeps neither. */
import { isSecureUrl } from "../util/secure-url.js";
import { ConfigError, type ConfigReader, type ConfigSources } from "./sources.js";
import { howToSet, type Place, placesOf, whyUnknown } from "./connections.js";
import { parseHumanDuration } from "../util/duration.js";

export { ConfigError, type ConfigReader, type ConfigSources };

/** Everything but the token. */
export interface Settings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds for one attempt: 1,000 to 600,000. */
  readonly requestTimeout: number;
  /** 0 to 10. */
  readonly maxRetries: number;
}

/** Where the API is when nothing else is said. */
export const defaultBaseUrl = "https://app.ona.com/api";

const tokenVariables = ["ONA_API_KEY", "ONA_TOKEN", "GITPOD_API_KEY"] as const;

/**
 * The settings.
 * @param connection the name of a connection; what it does not say itself is as it is without one
 * @throws ConfigError when one of them is malformed, out of range, or would send the token over plain http
 */
export function readSettings(sources: ConfigSources, connection?: string): Settings {
  return {
    baseUrl: readBaseUrl(sources, connection),
    requestTimeout: readRequestTimeout(sources.config("ona:requestTimeout")),
    maxRetries: readMaxRetries(sources.config("ona:maxRetries")),
  };
}

/**
 * The API token: `ona:apiKey`, else ONA_API_KEY, ONA_TOKEN or GITPOD_API_KEY.
 * @param connection the name of a connection, which has a token of its own and never takes another one's: `ona:connections.<name>.apiKey`, else ONA_<NAME>_API_KEY
 * @throws ConfigError when there is none, or it cannot be sent in a header; the message does not show it
 */
export function readToken(sources: ConfigSources, connection?: string): string {
  const found = findToken(sources, connection);
  if (found === undefined) {
    throw new ConfigError(
      `${whyNoToken(sources, connection)}. ` +
        "`pulumi refresh` and `pulumi destroy` use the configuration that the last `pulumi up` stored, unless --run-program is given.",
    );
  }
  // The two slips that people make when they copy one.
  if (/^["'`\u2018\u2019\u201c\u201d]|["'`\u2018\u2019\u201c\u201d]$/.test(found.token)) {
    throw new ConfigError(
      `${found.source} begins or ends with a quotation mark, which is no part of a token: leave it out.`,
    );
  }
  if (/^(?:authorization:\s*)?bearer\s/i.test(found.token)) {
    throw new ConfigError(`${found.source} begins with "Bearer", which is no part of a token: leave it out.`);
  }
  if (!/^[\x21-\x7e]+$/.test(found.token)) {
    throw new ConfigError(`${found.source} is not a token: it has blanks or characters that cannot be sent.`);
  }
  return found.token;
}

/** Whether there is a token, for a preview that wants to say so before `up` fails. */
export function hasToken(sources: ConfigSources, connection?: string): boolean {
  return findToken(sources, connection) !== undefined;
}

/** What keeps the token from being used that there is; undefined where nothing does, or where there is none. */
export function whyUnusable(sources: ConfigSources, connection?: string): string | undefined {
  if (!hasToken(sources, connection)) return undefined;
  try {
    readToken(sources, connection);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** Where the token is, for errors: the name of a setting or of a variable. Undefined where there is none. */
export function tokenSource(sources: ConfigSources, connection?: string): string | undefined {
  return findToken(sources, connection)?.source;
}

function whyNoToken(sources: ConfigSources, connection: string | undefined): string {
  if (connection === undefined) {
    return "No Ona API token: set the environment variable ONA_API_KEY (or ONA_TOKEN, GITPOD_API_KEY), or run `pulumi config set --secret ona:apiKey`";
  }
  const unknown = whyUnknown(sources, connection);
  if (unknown !== undefined) return `The connection ${unknown}`;
  return `No Ona API token for the connection ${JSON.stringify(connection)}: ${howToSet(connection)}`;
}

function findToken(
  sources: ConfigSources,
  connection: string | undefined,
): { token: string; source: string } | undefined {
  const { config, env } = sources;
  const places: readonly Place[] =
    connection === undefined
      ? [["ona:apiKey", config("ona:apiKey")], ...tokenVariables.map((name): Place => [name, env[name]])]
      : placesOf(sources, connection, "apiKey");
  for (const [source, value] of places) {
    const token = value?.trim();
    if (token) return { token, source };
  }
  return undefined;
}

function readBaseUrl(sources: ConfigSources, connection: string | undefined): string {
  const found = findBaseUrl(sources, connection);
  return found === undefined ? defaultBaseUrl : checkedUrl(found.source, found.url);
}

/** The hosts of the vendor, where the API is under /api. */
const vendorHost = /(?:^|\.)(?:ona\.com|gitpod\.io)$/;

/**
 * What is probably wrong with an address that can be used, for a preview: that of a host of the vendor without `/api`.
 * @returns undefined where nothing is
 * @throws ConfigError as {@link readSettings}
 */
export function whyDoubtful(sources: ConfigSources, connection?: string): string | undefined {
  const found = findBaseUrl(sources, connection);
  if (found === undefined) return undefined;
  const url = new URL(checkedUrl(found.source, found.url));
  if (url.pathname !== "/" || !vendorHost.test(url.hostname)) return undefined;
  return `${found.source} is ${url.origin}, and the address of the API usually ends in /api: ${url.origin}/api`;
}

function findBaseUrl(
  sources: ConfigSources,
  connection: string | undefined,
): { url: string; source: string } | undefined {
  const { config, env } = sources;
  const host = env["ONA_HOST"]?.trim();
  const places: readonly Place[] = [
    ...(connection === undefined ? [] : placesOf(sources, connection, "baseUrl")),
    ["ona:baseUrl", config("ona:baseUrl")],
    ["ONA_BASE_URL", env["ONA_BASE_URL"]],
    ["ONA_HOST", host && `${host.includes("://") ? host : `https://${host}`}`.replace(/\/+$/, "") + "/api"],
    ["GITPOD_BASE_URL", env["GITPOD_BASE_URL"]],
  ];
  for (const [source, value] of places) {
    const url = value?.trim();
    if (url) return { url, source };
  }
  return undefined;
}

function checkedUrl(source: string, text: string): string {
  if (!URL.canParse(text)) throw new ConfigError(`${source} is not a URL. An example: ${defaultBaseUrl}`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new ConfigError(
      `${source} must be a plain address such as ${defaultBaseUrl}, without user, query or fragment.`,
    );
  }
  if (!isSecureUrl(url)) {
    throw new ConfigError(
      `${source} must begin with https://, so that the token is not readable on its way; http:// is accepted only for this machine (localhost).`,
    );
  }
  // Not href, which keeps the mark of an empty query or fragment.
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function readRequestTimeout(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return 60_000;
  const milliseconds = parseHumanDuration(text);
  if (milliseconds === undefined || milliseconds < 1_000 || milliseconds > 600_000) {
    throw new ConfigError(
      'ona:requestTimeout must be seconds or a duration such as "90s", from 1 second to 10 minutes.',
    );
  }
  return milliseconds;
}

function readMaxRetries(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return 5;
  const retries = Number(text);
  if (!Number.isInteger(retries) || retries < 0 || retries > 10) {
    throw new ConfigError("ona:maxRetries must be a whole number from 0 to 10.");
  }
  return retries;
}
