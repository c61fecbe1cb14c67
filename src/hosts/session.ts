/** What one provider process shares: its configuration, and for each connection a client and what the resources of a kind know of each other. */
import { clientOptions } from "../settings/client-options.js";
import type { OnaClient } from "../client/index.js";
import { type Clock, systemClock } from "../util/clock.js";
import {
  type ConfigReader,
  type ConfigSources,
  hasToken,
  readSettings,
  readToken,
  whyDoubtful,
  whyUnusable,
} from "../settings/settings.js";
import { howToSet, whyUnknown } from "../settings/connections.js";
import type { AccountSession } from "../lifecycle/contract.js";
import { messageOf } from "../lifecycle/failures.js";

/** The account that a named connection, or the general settings, lead to. */
class Account implements AccountSession {
  readonly #name: string | undefined;
  readonly #sources: () => ConfigSources;
  #client: Promise<OnaClient> | undefined;

  /** @param name the connection's name; undefined for the general settings */
  constructor(
    name: string | undefined,
    sources: () => ConfigSources,
    readonly clock: Clock,
    readonly process: object,
  ) {
    this.#name = name;
    this.#sources = sources;
  }

  client(): Promise<OnaClient> {
    return (this.#client ??= this.#connect());
  }

  async #connect(): Promise<OnaClient> {
    const options = clientOptions(this.#sources, this.#name, (line) => console.log(line));
    const { OnaClient } = await import("../client/index.js");
    return new OnaClient({ ...options, clock: this.clock });
  }
}

/** The session of a provider process. */
export class Session {
  #config: ConfigReader = () => undefined;
  readonly #accounts = new Map<string | undefined, Account>();
  readonly #checked = new Set<string | undefined>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Takes the stack's configuration. Synchronous, since the host hands out providers before a promise of it is awaited. It comes once for each kind of resource, and is the same each
   * time: what was made of it stays.
   */
  configure(config: ConfigReader): void {
    this.#config = config;
  }

  /**
   * Looks at the configuration of a connection without calling anything.
   * @param warn hears, once, that there is no token or one that cannot be used, and that the address is probably wrong
   * @returns why there is no such connection; undefined where there is
   * @throws ConfigError
   */
  check(connection: string | undefined, warn: (line: string) => void): string | undefined {
    if (this.#checked.has(connection)) return undefined;
    const sources = this.#sources();
    const unknown = connection === undefined ? undefined : whyUnknown(sources, connection);
    if (unknown !== undefined) return unknown;
    readSettings(sources, connection);
    this.#checked.add(connection);
    const doubt = whyDoubtful(sources, connection);
    if (doubt !== undefined) warn(doubt);
    const unusable = whyUnusable(sources, connection);
    if (unusable !== undefined) warn(`\`pulumi up\` cannot use the Ona API token that is here: ${unusable}`);
    if (!hasToken(sources, connection)) {
      warn(
        connection === undefined
          ? "there is no Ona API token here: `pulumi up` will need ONA_API_KEY, or ona:apiKey in the stack's config"
          : `there is no Ona API token for the connection ${JSON.stringify(connection)} here, and \`pulumi up\` will need one: ${howToSet(connection)}`,
      );
    }
    return undefined;
  }

  /** What keeps a connection from being used: that it has no token. Undefined where it has one. */
  whyNoToken(connection: string | undefined): string | undefined {
    try {
      readToken(this.#sources(), connection);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** The account of a connection, or that of the general settings. */
  account(connection: string | undefined): AccountSession {
    const account = this.#accounts.get(connection) ?? new Account(connection, () => this.#sources(), this.#clock, this);
    this.#accounts.set(connection, account);
    return account;
  }

  #sources(): ConfigSources {
    return { config: this.#config, env: process.env };
  }
}
