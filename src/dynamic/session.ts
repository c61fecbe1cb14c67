/** What one provider process shares: its configuration, its client and what the resources of a kind know of each other. */
import { callLog } from "../call-log.js";
import type { OnaClient } from "../client/index.js";
import { type Clock, systemClock } from "../clock.js";
import { type ConfigReader, hasToken, readSettings, readToken } from "../config.js";

/** The session of a provider process. */
export class Session {
  readonly clock: Clock = systemClock;
  #config: ConfigReader = () => undefined;
  #client: Promise<OnaClient> | undefined;
  #checked = false;
  readonly #shared = new Map<new () => unknown, unknown>();

  /**
   * Takes the stack's configuration. Synchronous, since the host hands out providers before a promise of it is awaited. It comes once for each kind of resource, and is the same each
   * time: what was made of it stays.
   */
  configure(config: ConfigReader): void {
    this.#config = config;
  }

  /**
   * Looks at the configuration without calling anything.
   * @param warn hears, once, that there is no token
   * @throws ConfigError
   */
  check(warn: (line: string) => void): void {
    if (this.#checked) return;
    readSettings(this.#sources());
    this.#checked = true;
    if (!hasToken(this.#sources())) {
      warn("there is no Ona API token here: `pulumi up` will need ONA_API_KEY, or ona:apiKey in the stack's config");
    }
  }

  /** What the resources of one kind share in this process, made when it is first asked for. */
  shared<T>(Kind: new () => T): T {
    const known = this.#shared.get(Kind);
    if (known instanceof Kind) return known;
    const made = new Kind();
    this.#shared.set(Kind, made);
    return made;
  }

  /** The client, made when it is first needed: undici and zod are loaded then, and not for a preview without changes. */
  client(): Promise<OnaClient> {
    return (this.#client ??= this.#connect());
  }

  async #connect(): Promise<OnaClient> {
    const settings = readSettings(this.#sources());
    const { OnaClient } = await import("../client/index.js");
    const onAttempt = callLog(process.env, (line) => console.log(line));
    return new OnaClient({ ...settings, token: () => readToken(this.#sources()), clock: this.clock, onAttempt });
  }

  #sources() {
    return { config: this.#config, env: process.env };
  }
}
