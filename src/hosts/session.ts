/** What a provider process shares: the stack's configuration, and an API client for each connection. */
import { clientOptions } from "../settings/client-options.js";
import type { OnaClient } from "../client/index.js";
import { type Clock, systemClock } from "../util/clock.js";
import {
  type ConfigReader,
  type ConfigSources,
  findBaseUrlProblem,
  findProxyProblem,
  describeUseOfFound,
  findTokenProblem,
  readSettings,
} from "../settings/settings.js";
import { describeConnectionProblem } from "../settings/connections.js";
import type { AccountSession, HostPolicy } from "../lifecycle/contract.js";

export interface Output {
  /** Prints a line of the log that ONA_LOG asks for. */
  log(line: string): void;
  /** Warns about the configuration. */
  warn(line: string): void;
}

/** The session of a provider process. */
export class Session {
  #config: ConfigReader = () => undefined;
  #provider: string | undefined;
  readonly #accounts = new Map<string | undefined, AccountSession>();
  readonly #checked = new Set<string | undefined>();
  readonly #output: Output;
  readonly #policy: HostPolicy;
  readonly #clock: Clock;

  constructor(output: Output, policy: HostPolicy, clock: Clock = systemClock) {
    this.#output = output;
    this.#policy = policy;
    this.#clock = clock;
  }

  /**
   * Sets the configuration, the same each time. Synchronous: the dynamic host passes calls on without awaiting it.
   * @param provider the name of the explicit provider whose arguments it is
   */
  configure(config: ConfigReader, provider?: string): void {
    this.#config = config;
    this.#provider = provider;
  }

  /**
   * Checks a connection's configuration without calling the API, and warns once about its token, address and proxy.
   * @returns why the connection cannot be used; undefined if it can
   * @throws ConfigError
   */
  check(connection: string | undefined): string | undefined {
    if (this.#checked.has(connection)) return undefined;
    const sources = this.#sources();
    const problem = connection === undefined ? undefined : describeConnectionProblem(sources, connection);
    if (problem !== undefined) return problem;
    readSettings(sources, connection);
    this.#checked.add(connection);
    const baseUrlProblem = findBaseUrlProblem(sources, connection);
    if (baseUrlProblem !== undefined) this.#output.warn(baseUrlProblem);
    for (const obstacle of [this.describeMissingToken(connection), findProxyProblem(sources, connection)])
      if (obstacle !== undefined) this.#output.warn(`\`pulumi up\` will fail: ${obstacle}`);
    return undefined;
  }

  /** Why a connection has no usable token; undefined if it has one. */
  describeMissingToken(connection: string | undefined): string | undefined {
    return findTokenProblem(this.#sources(), connection);
  }

  /** Whether a preview reads the projects of new resources: with a token, unless the config turns it off. */
  checksProjects(connection: string | undefined): boolean {
    return this.describeMissingToken(connection) === undefined && readSettings(this.#sources(), connection).preflight;
  }

  /** The account of a connection, or that of the general settings. */
  account(connection: string | undefined): AccountSession {
    const account = this.#accounts.get(connection) ?? this.#createAccount(connection);
    this.#accounts.set(connection, account);
    return account;
  }

  #createAccount(connection: string | undefined): AccountSession {
    let client: Promise<OnaClient> | undefined;
    const connect = async () => {
      const log = (line: string) => this.#output.log(line);
      const options = clientOptions(() => this.#sources(), connection, log);
      const { OnaClient } = await import("../client/index.js");
      return new OnaClient({ ...options, clock: this.#clock });
    };
    return {
      clock: this.#clock,
      process: this,
      ...this.#policy,
      describeConfigUse: () => describeUseOfFound(this.#sources(), connection),
      client: () => (client ??= connect()),
    };
  }

  #sources(): ConfigSources {
    return { caller: "provider", config: this.#config, provider: this.#provider, env: process.env };
  }
}
