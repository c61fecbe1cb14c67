/** The account as the API has it now: a client from the environment, and the lists of pools and prebuilds. */
import { clientOptions } from "../settings/client-options.js";
import { serverNow } from "../util/clock.js";
import { OnaClient, OnaError, ignoreNotFound } from "../client/index.js";
import { ConfigError, hasToken, tokenSource } from "../settings/settings.js";
import { namesOf } from "../settings/connections.js";
import type { PrebuildDetails } from "../prebuild/outputs.js";
import { detailsOf as prebuildDetails } from "../prebuild/state.js";
import type { WarmPoolDetails } from "../warm-pool/outputs.js";
import { detailsOf as warmPoolDetails } from "../warm-pool/state.js";
import { sanitize } from "../util/text.js";
import { CliError, type Io } from "./terminal.js";

/** What there is in an account at a moment, without what is DELETED. */
export interface Account {
  /** Ordered by project, environment class and id. */
  readonly warmPools: readonly WarmPoolDetails[];
  /** The newest first. */
  readonly prebuilds: readonly PrebuildDetails[];
  /** The moment by the server's clock, in milliseconds since 1970. */
  readonly now: number;
}

/** The calls that commands make: they only read. */
export type Reader = Pick<
  OnaClient,
  "getWarmPool" | "getPrebuild" | "listWarmPools" | "listPrebuilds" | "serverTimeAt"
>;

/** How the API is reached. */
export interface ClientOptions {
  /** How often a call is sent again at most; default 5. */
  readonly maxRetries?: number;
  /** The name of a connection, whose settings are in variables that have its name in theirs. */
  readonly connection?: string | undefined;
}

/**
 * Runs calls of the API with the settings of the environment; a stack's config is not read.
 * @throws CliError or OnaError, for people
 */
export async function withClient<T>(
  io: Io,
  use: (client: Reader) => Promise<T>,
  { maxRetries, connection }: ClientOptions = {},
): Promise<T> {
  const sources = { config: () => undefined, env: io.env };
  if (!hasToken(sources, connection)) {
    const where =
      connection === undefined
        ? ": set the environment variable ONA_API_KEY (or ONA_TOKEN, GITPOD_API_KEY)"
        : ` for the connection ${JSON.stringify(connection)}: set the environment variable ${namesOf(connection).apiKey.variable}`;
    throw new ConfigError(sanitize(`No Ona API token${where}. The config of a stack is not read here.`));
  }
  const client = new OnaClient({
    ...clientOptions(
      () => sources,
      connection,
      (line) => io.err(`${line}\n`),
    ),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    clock: io.clock,
  });
  try {
    return await use(client);
  } catch (error) {
    if (error instanceof OnaError && error.code === "unauthenticated") {
      throw new CliError(
        `${error.rpc}: the Ona API answered unauthenticated: ${error.detail}. The token in ${tokenSource(sources, connection)} is unknown, expired or revoked; the config of a stack is not read here.`,
      );
    }
    throw error;
  } finally {
    await client.close();
  }
}

/** Lists everything, in pages of 100. */
export async function listAccount(client: Reader, io: Io, signal?: AbortSignal): Promise<Account> {
  const [warmPools, prebuilds] = await Promise.all([listPools(client, signal), listPrebuilds(client, signal)]);
  return { warmPools, prebuilds, now: serverNow(client, io.clock) };
}

/** All pools of the account, ordered by project, environment class and id. */
export async function listPools(client: Reader, signal?: AbortSignal): Promise<WarmPoolDetails[]> {
  // By id: an object can come on two pages when the list changes meanwhile.
  const pools = new Map<string, WarmPoolDetails>();
  for await (const message of client.listWarmPools({}, { signal })) pools.set(message.id, warmPoolDetails(message));
  const order = (pool: WarmPoolDetails) => `${pool.projectId}/${pool.environmentClassId}/${pool.id}`;
  return [...pools.values()].filter(exists).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function listPrebuilds(client: Reader, signal?: AbortSignal): Promise<PrebuildDetails[]> {
  const prebuilds = new Map<string, PrebuildDetails>();
  for await (const message of client.listPrebuilds({}, { signal })) prebuilds.set(message.id, prebuildDetails(message));
  return [...prebuilds.values()].filter(exists).sort((a, b) => (timeOf(b.createdAt) ?? 0) - (timeOf(a.createdAt) ?? 0));
}

/** The pool with an id, or undefined where the API says `not_found` or DELETED. Every other answer is an error. */
export async function lookUpPool(client: Reader, id: string): Promise<WarmPoolDetails | undefined> {
  return orGone(client.getWarmPool(id).then(warmPoolDetails));
}

/** As {@link lookUpPool}, for a prebuild. */
export async function lookUpPrebuild(client: Reader, id: string): Promise<PrebuildDetails | undefined> {
  return orGone(client.getPrebuild(id).then(prebuildDetails));
}

async function orGone<T extends { readonly phase: string }>(asked: Promise<T>): Promise<T | undefined> {
  const found = await ignoreNotFound(asked);
  return found !== undefined && exists(found) ? found : undefined;
}

function exists({ phase }: { readonly phase: string }): boolean {
  return phase !== "DELETED";
}

/** The milliseconds since 1970 of an RFC 3339 time; undefined where there is none or it cannot be read. */
export function timeOf(text: unknown): number | undefined {
  const time = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
