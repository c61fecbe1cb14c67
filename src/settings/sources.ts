/** Where settings come from, and the error for those that are bad. */

import { ExpectedError } from "../util/expected-error.js";

/** Reads a key of Pulumi config such as `ona:baseUrl`; undefined where it is not set. */
export type ConfigReader = (key: string) => string | undefined;

/** Where the settings come from. */
export interface ConfigSources {
  readonly config: ConfigReader;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Bad configuration; the message names the setting. */
export class ConfigError extends ExpectedError {
  override readonly name = "ConfigError";
}
