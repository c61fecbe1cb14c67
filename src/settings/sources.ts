/** Where settings come from, who reads them, and the error for a bad one. */
import { ExpectedError } from "../util/expected-error.js";
import { sanitize } from "../util/text.js";

/**
 * Who reads the settings and makes the calls.
 * - `provider`: a provider process. A refresh and `pulumi destroy` give it the config of the last `pulumi up`
 * - `program`: a function in the user's program, which always sees the stack's current config
 * - `cli`: a command of `pulumi-ona`, which reads the environment only
 */
export type Caller = "provider" | "program" | "cli";

/** Says which config the caller sees, where users may expect another: a sentence without a period, or none. */
export function describeConfigUse(caller: Caller): readonly string[] {
  if (caller === "cli") return ["This command does not read the stack's config"];
  if (caller === "program") return [];
  return [
    "`pulumi refresh`, `pulumi destroy` and `--refresh` use the config of the last `pulumi up` unless you add --run-program",
  ];
}

/** Reads a key of Pulumi config such as `ona:baseUrl`. Returns undefined if it is not set. */
export type ConfigReader = (key: string) => string | undefined;

export interface ConfigSources {
  readonly caller: Caller;
  readonly config: ConfigReader;
  /** The name of the explicit provider whose arguments are the config. Undefined if it is the stack's config. */
  readonly provider?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What users call a setting in config. */
export function nameSetting({ provider }: ConfigSources, setting: string): string {
  return provider === undefined ? `ona:${setting}` : `${setting} of the provider ${provider}`;
}

/** A bad setting. The message names it and never shows a token. */
export class ConfigError extends ExpectedError {
  override readonly name = "ConfigError";

  constructor(message: string) {
    super(sanitize(message));
  }
}
