/** Reads the account that the environment's token belongs to: its warm pools and its prebuilds. */
import { clientOptions } from "../settings/client-options.js";
import { serverNow } from "../util/clock.js";
import { ignoreNotFound, OnaClient } from "../client/index.js";
import { type ConfigSources, readToken } from "../settings/settings.js";
import type { PrebuildDetails } from "../prebuild/outputs.js";
import { detailsOf as prebuildDetails } from "../prebuild/state.js";
import type { WarmPoolDetails } from "../warm-pool/outputs.js";
import { detailsOf as warmPoolDetails } from "../warm-pool/state.js";
import type { ResourceKind } from "./stack-state.js";
import type { Io } from "./terminal.js";

/** What an account contains, without what is DELETED. */
export interface Account {
  /** Ordered by project, environment class and id. */
  readonly warmPools: readonly WarmPoolDetails[];
  /** Newest first. */
  readonly prebuilds: readonly PrebuildDetails[];
  /** When it was read, by the server's clock, in milliseconds since 1970. */
  readonly now: number;
}

export type AccountObject =
  | { readonly kind: "WarmPool"; readonly object: WarmPoolDetails }
  | { readonly kind: "Prebuild"; readonly object: PrebuildDetails };

/** The calls that commands make. They only read. */
export type Reader = Pick<
  OnaClient,
  | "getWarmPool"
  | "getPrebuild"
  | "listWarmPools"
  | "listPrebuilds"
  | "projectPages"
  | "listEnvironmentClasses"
  | "getIdentity"
  | "serverTimeAt"
>;

/** Runs API calls with the settings of the environment. A stack's config is not read. */
export async function withClient<T>(
  io: Io,
  connection: string | undefined,
  use: (client: Reader) => Promise<T>,
  options: { readonly maxRetries?: number } = {},
): Promise<T> {
  const sources: ConfigSources = { caller: "cli", config: () => undefined, env: io.env };
  // Fails without a token even if no call follows.
  readToken(sources, connection);
  const client = new OnaClient({
    ...clientOptions(
      () => sources,
      connection,
      (line) => io.err(`${line}\n`),
    ),
    ...options,
    clock: io.clock,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

export async function listAccount(client: Reader, io: Io, signal?: AbortSignal): Promise<Account> {
  const [warmPools, prebuilds] = await Promise.all([
    listPools(client, signal),
    collect(client.listPrebuilds({}, { signal }), prebuildDetails),
  ]);
  const createdAt = (prebuild: PrebuildDetails) => timeOf(prebuild.createdAt) ?? 0;
  return {
    warmPools,
    prebuilds: prebuilds.toSorted((a, b) => createdAt(b) - createdAt(a)),
    now: serverNow(client, io.clock),
  };
}

/** Lists the warm pools of the account, ordered by project, environment class and id. */
export async function listPools(client: Reader, signal?: AbortSignal): Promise<WarmPoolDetails[]> {
  const pools = await collect(client.listWarmPools({}, { signal }), warmPoolDetails);
  const keyOf = (pool: WarmPoolDetails) => `${pool.projectId}/${pool.environmentClassId}/${pool.id}`;
  return pools.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Collects objects that are not DELETED. An object is on two pages if the list changes meanwhile, but counts once. */
async function collect<Message, Details extends { readonly id: string; readonly phase: string }>(
  messages: AsyncIterable<Message>,
  toDetails: (message: Message) => Details,
): Promise<Details[]> {
  const found = new Map<string, Details>();
  for await (const message of messages) {
    const details = toDetails(message);
    found.set(details.id, details);
  }
  return [...found.values()].filter(({ phase }) => phase !== "DELETED");
}

/** Gets an object. Undefined if the API reports `not_found` or DELETED. Any other failure is an error. */
export async function findObject(client: Reader, kind: ResourceKind, id: string): Promise<AccountObject | undefined> {
  const found = await ignoreNotFound<AccountObject>(
    kind === "WarmPool"
      ? client.getWarmPool(id).then((pool) => ({ kind, object: warmPoolDetails(pool) }))
      : client.getPrebuild(id).then((prebuild) => ({ kind, object: prebuildDetails(prebuild) })),
  );
  return found?.object.phase === "DELETED" ? undefined : found;
}

/** Adds objects that the lists omit to an account, if they exist. */
export async function addUnlisted(
  client: Reader,
  account: Account,
  objects: readonly { readonly kind: ResourceKind; readonly id: string }[],
): Promise<Account> {
  const [warmPools, prebuilds] = [[...account.warmPools], [...account.prebuilds]];
  for (const { kind, id } of objects) {
    const found = await findObject(client, kind, id);
    if (found?.kind === "WarmPool") warmPools.push(found.object);
    if (found?.kind === "Prebuild") prebuilds.push(found.object);
  }
  return { ...account, warmPools, prebuilds };
}

/** The project and environment class of an object. */
export function pairOf({
  projectId,
  environmentClassId = "",
}: Pick<PrebuildDetails, "projectId" | "environmentClassId">): string {
  return `${projectId}/${environmentClassId}`;
}

/** An RFC 3339 time as milliseconds since 1970. Undefined if it is missing or invalid. */
export function timeOf(text: unknown): number | undefined {
  const time = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
