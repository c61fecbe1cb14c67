/** The options of a client, the same wherever it is created: settings, token, call log and error advice. */
import type { OnaClientOptions } from "../client/index.js";
import { createCallLog } from "./call-log.js";
import { nameGeneralSettings, nameSettings, type Setting } from "./connections.js";
import { adviseOn } from "./error-advice.js";
import { nameSetting } from "./sources.js";
import { type ConfigSources, findSetting, readSettings, readToken } from "./settings.js";

/**
 * Returns the options.
 * @param readSources called now for the settings, and at each call for the token
 * @param connection undefined for the general settings
 * @param print takes the lines of the call log
 * @throws ConfigError if a setting is bad
 */
export function clientOptions(
  readSources: () => ConfigSources,
  connection: string | undefined,
  print: (line: string) => void,
): OnaClientOptions {
  const sources = readSources();
  const names = {
    ...(connection === undefined ? nameGeneralSettings(sources) : nameSettings(connection)),
    requestTimeout: nameSetting(sources, "requestTimeout"),
  };
  return {
    ...readSettings(sources, connection),
    token: () => readToken(readSources(), connection),
    onAttempt: createCallLog(sources.env, print, connection),
    explain: (facts) => {
      const now = readSources();
      const sourceOf = (setting: Setting) => findSetting(now, connection, setting)?.source;
      const found = { apiKey: sourceOf("apiKey"), baseUrl: sourceOf("baseUrl") };
      return { connection, advice: adviseOn(facts, sources.caller, names, found) };
    },
  };
}
