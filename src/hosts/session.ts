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
import { messageOf } from "../lifecycle/failures.js";

/** What resources share: one of each kind, made when it is first asked for. */
export class Shared {
  readonly #things = new Map<new () => unknown, unknown>();

  /** The one of a kind. */
  the<T>(Kind: new () => T, make = () => new Kind()): T {
    const known = this.#things.get(Kind);
    if (known instanceof Kind) return known;
    const made = make();
    this.#things.set(Kind, made);
    return made;
  }
}

/** A connection to an account. */
export class Connection {
  /** What the resources of this connection share. */
  readonly shared = new Shared();
  #client: Promise<OnaClient> | undefined;

  /**
   * @param name undefined for the one that the general settings are of
   * @param everywhere what the resources of all connections share: two of them may lead to one account
   */
  constructor(
    private readonly name: string | undefined,
    private readonly sources: () => ConfigSources,
    readonly clock: Clock,
    readonly everywhere: Shared,
  ) {}

  /** The client, made when it is first needed: undici and zod are loaded then, and not for a preview without changes. */
  client(): Promise<OnaClient> {
    return (this.#client ??= this.#connect());
  }

  async #connect(): Promise<OnaClient> {
    const options = clientOptions(this.sources, this.name, (line) => console.log(line));
    const { OnaClient } = await import("../client/index.js");
    return new OnaClient({ ...options, clock: this.clock });
  }
}

/** The session of a provider process. */
export class Session {
  #config: ConfigReader = () => undefined;
  readonly #connections = new Map<string | undefined, Connection>();
  readonly #checked = new Set<string | undefined>();
  readonly #shared = new Shared();

  constructor(private readonly clock: Clock = systemClock) {}

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

  /** The connection of that name, or the one that the general settings are of. */
  connection(name: string | undefined): Connection {
    const connection = this.#connections.get(name) ?? this.#connect(name);
    this.#connections.set(name, connection);
    return connection;
  }

  #connect(name: string | undefined): Connection {
    return new Connection(name, () => this.#sources(), this.clock, this.#shared);
  }

  #sources(): ConfigSources {
    return { config: this.#config, env: process.env };
  }
}
