/** What makes the client of a connection, wherever it is made: settings and token from where they are now, the log that ONA_LOG asks for, and names for errors. */
import { callLog } from "./call-log.js";
import type { OnaClientOptions } from "../client/index.js";
import { type ConfigSources, readSettings, readToken, tokenSource } from "./settings.js";
import { namesOf } from "./connections.js";

/**
 * The options.
 * @param sources read now for the settings, and at each call for the token
 * @param connection the connection's name; undefined for the general settings
 * @param print takes the lines of the log
 * @throws ConfigError when a setting is bad
 */
export function clientOptions(
  sources: () => ConfigSources,
  connection: string | undefined,
  print: (line: string) => void,
): OnaClientOptions {
  return {
    ...readSettings(sources(), connection),
    token: () => readToken(sources(), connection),
    tokenSource: () => tokenSource(sources(), connection),
    onAttempt: callLog(sources().env, print, connection),
    settings: connection === undefined ? undefined : namesOf(connection),
  };
}
