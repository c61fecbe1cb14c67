/** The configuration of the provider: that of the stack, or the arguments of an explicit provider. */
import type { Properties } from "../../lifecycle/contract.js";
import { isUnknown } from "../../lifecycle/unknown.js";
import type { CheckFailure } from "../../lifecycle/validation.js";
import { ConfigError, type ConfigReader, readBoolean, readSettings } from "../../settings/settings.js";

/** Reads settings as those of Pulumi config. Values that are no strings come as JSON, or as they are. */
export function readerOf(config: Properties): ConfigReader {
  return (key) => {
    const value = config[key.replace(/^ona:/, "")];
    if (value === undefined || isUnknown(value)) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
}

/** Whether all values are known and the same. In state, values that are no strings may be JSON. */
export function isSameConfig(old: Properties, now: Properties): boolean {
  const [readOld, readNow] = [readerOf(old), readerOf(now)];
  return Object.keys({ ...old, ...now }).every((name) => !isUnknown(now[name]) && readOld(name) === readNow(name));
}

/** What is wrong with the settings, as far as they are known. @param provider the name of an explicit provider */
export function checkConfig(config: Properties, provider: string | undefined): CheckFailure[] {
  try {
    // A token or address that is not known yet must not look like one from the environment.
    const env = isUnknown(config["apiKey"]) || isUnknown(config["baseUrl"]) ? {} : process.env;
    const sources = { caller: "provider", config: readerOf(config), provider, env } as const;
    readSettings(sources);
    readBoolean(sources, "refreshBeforeUpdate");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [property = ""] = /(?<=^ona:)\w+|^\w+(?= of the provider )/.exec(error.message) ?? [];
    return [{ property, reason: error.message }];
  }
}
