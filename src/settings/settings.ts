/**
 * The address of the API, the token and the limits, from Pulumi config and the environment. Both are read at each call
 * and nothing is kept.
 */
import { findProxy, ProxyError } from "../client/proxy.js";
import { parseHumanDuration } from "../util/duration.js";
import { isSecureUrl } from "../util/secure-url.js";
import {
  describeConnectionProblem,
  findConnectionSetting,
  firstSet,
  type FoundSetting,
  type Place,
  type Setting,
} from "./connections.js";
import { settingRows } from "./setting-rows.js";
import { ConfigError, type ConfigReader, type ConfigSources, describeConfigUse, nameSetting } from "./sources.js";

export { ConfigError, type ConfigReader, type ConfigSources };

/** Everything but the token. */
export interface Settings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds for one attempt: 1,000 to 600,000. Default 60,000. */
  readonly requestTimeoutMs: number;
  /** 0 to 10. Default 5. */
  readonly maxRetries: number;
  /** Whether a preview reads the projects of new resources. Default true. */
  readonly preflight: boolean;
}

export const defaultBaseUrl = settingRows.baseUrl.default;

/**
 * Reads the settings.
 * @param connection the name of a connection. It has an address of its own, and the general limits
 * @throws ConfigError if one is malformed, out of range, would send the token over plain http or to another account, or
 * if the connection has no token or address
 */
export function readSettings(sources: ConfigSources, connection?: string): Settings {
  requireOneAccount(sources, connection);
  const baseUrl = findSetting(sources, connection, "baseUrl");
  return {
    baseUrl: baseUrl === undefined ? defaultBaseUrl : checkUrl(baseUrl),
    requestTimeoutMs: readRequestTimeoutMs(sources),
    maxRetries: readMaxRetries(sources),
    preflight: readBoolean(sources, "preflight"),
  };
}

/**
 * Reads the API token: `ona:apiKey`, else ONA_API_KEY, ONA_TOKEN or GITPOD_API_KEY.
 * @param connection the name of a connection. Its token is `ona:connections.<name>.apiKey`, else ONA_<NAME>_API_KEY,
 * and never another one
 * @throws ConfigError if there is no token, or it cannot be sent in a header. The message does not show it
 */
export function readToken(sources: ConfigSources, connection?: string): string {
  requireOneAccount(sources, connection);
  const found = findSetting(sources, connection, "apiKey");
  if (found === undefined) throw missing(`No Ona API token. ${adviseToSetToken(sources)}`, sources);
  const { source, value } = found;
  // The first two are common mistakes when copying a token.
  if (/^["'`\u2018\u2019\u201c\u201d]|["'`\u2018\u2019\u201c\u201d]$/.test(value))
    throw new ConfigError(`${source} starts or ends with a quotation mark, which is not part of the token. Remove it.`);
  if (/^(?:authorization:\s*)?bearer\s/i.test(value))
    throw new ConfigError(`${source} starts with "Bearer", which is not part of the token. Remove it.`);
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new ConfigError(`${source} is not a token: it contains whitespace or characters that cannot be sent.`);
  return value;
}

/** Explains why {@link readToken} would fail. Returns undefined if it would not. */
export function findTokenProblem(sources: ConfigSources, connection?: string): string | undefined {
  try {
    readToken(sources, connection);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** Keeps a token from going to the address of another account. */
function requireOneAccount(sources: ConfigSources, connection: string | undefined): void {
  if (connection !== undefined) {
    const problem = describeConnectionProblem(sources, connection);
    if (problem !== undefined) throw missing(problem, sources);
  } else if (sources.provider !== undefined) {
    const token = findSetting(sources, undefined, "apiKey");
    const address = findSetting(sources, undefined, "baseUrl");
    const [apiKey, baseUrl] = [nameSetting(sources, "apiKey"), nameSetting(sources, "baseUrl")];
    if (token?.source === apiKey && address !== undefined && address.source !== baseUrl) {
      throw new ConfigError(
        `${apiKey} is set without baseUrl, and ${address.source} may be the address of another account, so the token is not sent. Set both.`,
      );
    }
    if (address?.source === baseUrl && token !== undefined && token.source !== apiKey) {
      throw new ConfigError(
        `${baseUrl} is set without apiKey, and ${token.source} may be the token of another account, so it is not sent. Set both.`,
      );
    }
  }
}

/** The error for a missing setting. `problem` has no period at the end. */
function missing(problem: string, { caller }: ConfigSources): ConfigError {
  return new ConfigError([problem, ...describeConfigUse(caller)].join(". ") + ".");
}

function adviseToSetToken(sources: ConfigSources): string {
  const { caller, provider } = sources;
  const config =
    provider === undefined ? "run `pulumi config set --secret ona:apiKey`" : `set ${nameSetting(sources, "apiKey")}`;
  const command = caller === "cli" ? "" : `, or ${config}`;
  return `Set the environment variable ONA_API_KEY (or ONA_TOKEN, GITPOD_API_KEY)${command}`;
}

/** Finds a setting, config first. A connection has a token and an address of its own, or none. */
export function findSetting(
  sources: ConfigSources,
  connection: string | undefined,
  setting: Setting,
): FoundSetting | undefined {
  if (connection !== undefined) return findConnectionSetting(sources, connection, setting);
  const { config, env } = sources;
  const host = env["ONA_HOST"]?.trim();
  const hostUrl = host && `${host.includes("://") ? host : `https://${host}`}`.replace(/\/+$/, "") + "/api";
  return firstSet([
    [nameSetting(sources, setting), config(`ona:${setting}`)],
    ...settingRows[setting].variables.map((name): Place => [name, name === "ONA_HOST" ? hostUrl : env[name]]),
  ]);
}

/** Says which config the caller sees, if the token or the address is in config: sentences without a period. */
export function describeUseOfFound(sources: ConfigSources, connection: string | undefined): readonly string[] {
  const isInConfig = (setting: Setting) => {
    const source = findSetting(sources, connection, setting)?.source;
    return source?.startsWith("ona:") || source === nameSetting(sources, setting);
  };
  return isInConfig("apiKey") || isInConfig("baseUrl") ? describeConfigUse(sources.caller) : [];
}

/** The vendor's hosts, whose API is under /api. */
const vendorHost = /(?:^|\.)(?:ona\.com|gitpod\.io)$/;

/** Explains what is probably wrong with a usable address: one of the vendor's hosts without `/api`. */
export function findBaseUrlProblem(sources: ConfigSources, connection?: string): string | undefined {
  const found = findSetting(sources, connection, "baseUrl");
  if (found === undefined) return undefined;
  const { origin, pathname, hostname } = new URL(checkUrl(found));
  if (pathname !== "/" || !vendorHost.test(hostname)) return undefined;
  return `${found.source} is ${origin}, but the address of the API usually ends in /api: ${origin}/api`;
}

/** Explains why calls to the address can't go through the proxy in the environment. Returns undefined if they can. */
export function findProxyProblem(sources: ConfigSources, connection?: string): string | undefined {
  try {
    findProxy(new URL(readSettings(sources, connection).baseUrl), sources.env);
    return undefined;
  } catch (error) {
    if (error instanceof ProxyError) return error.message;
    throw error;
  }
}

/** Returns the URL without a trailing slash. No error repeats it, since it may contain a password. */
function checkUrl({ source, value }: FoundSetting): string {
  if (!URL.canParse(value)) throw new ConfigError(`${source} is not a URL. Use one such as ${defaultBaseUrl}.`);
  const url = new URL(value);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new ConfigError(`${source} must be a URL such as ${defaultBaseUrl}, without user, query or fragment.`);
  if (!isSecureUrl(url)) {
    throw new ConfigError(`${source} must start with https:// to protect the token. Only localhost may use http://.`);
  }
  // Not href, which keeps the mark of an empty query or fragment.
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function readRequestTimeoutMs(sources: ConfigSources): number {
  const text = sources.config("ona:requestTimeout")?.trim();
  const timeoutMs = parseHumanDuration(text || settingRows.requestTimeout.default);
  if (timeoutMs !== undefined && timeoutMs >= 1_000 && timeoutMs <= 600_000) return timeoutMs;
  throw new ConfigError(
    `${nameSetting(sources, "requestTimeout")} must be seconds or a duration such as "90s", from 1 second to 10 minutes.`,
  );
}

function readMaxRetries(sources: ConfigSources): number {
  const text = sources.config("ona:maxRetries")?.trim();
  const retries = Number(text || settingRows.maxRetries.default);
  if (Number.isInteger(retries) && retries >= 0 && retries <= 10) return retries;
  throw new ConfigError(`${nameSetting(sources, "maxRetries")} must be a whole number from 0 to 10.`);
}

/** Reads a setting that is on or off. @throws ConfigError */
export function readBoolean(sources: ConfigSources, setting: "preflight" | "refreshBeforeUpdate"): boolean {
  const text = sources.config(`ona:${setting}`)?.trim() || settingRows[setting].default;
  if (text === "true" || text === "false") return text === "true";
  throw new ConfigError(`${nameSetting(sources, setting)} must be true or false.`);
}

/** The name of an explicit provider. The engine calls its own default provider `default` or `default_0_1_0`. */
export function explicitName(name: string): string | undefined {
  return /^(?:default(?:_|$)|$)/.test(name) ? undefined : name;
}
