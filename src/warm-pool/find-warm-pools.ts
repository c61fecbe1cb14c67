/** The functions about warm pools, managed or not. */
import {
  combineFilters,
  type ConnectionArgs,
  filterGroups,
  type InvokeContext,
  requireArgs,
  requireUuid,
  requireUuids,
} from "../lifecycle/functions.js";
import { ExpectedError } from "../util/expected-error.js";
import { isNullish } from "../util/nullish.js";
import type { WarmPoolDetails } from "./outputs.js";
import { currentPool, detailsOf } from "./state.js";

/** Which pool: by its id, or by project and environment class, which can have only one. */
export type GetWarmPoolArgs = ConnectionArgs &
  (
    | {
        /** The pool's id: a UUID. */
        readonly id: string;
        readonly projectId?: never;
        readonly environmentClassId?: never;
      }
    | {
        readonly id?: never;
        /** The UUID of the pool's project. Requires `environmentClassId`. */
        readonly projectId: string;
        /** The UUID of the pool's environment class. Requires `projectId`. */
        readonly environmentClassId: string;
      }
  );

/** A warm pool as the API currently describes it. */
export type GetWarmPoolResult = WarmPoolDetails;

/** Which pools: those of any of the projects and any of the classes. A list that is left out doesn't restrict. */
export interface GetWarmPoolsArgs extends ConnectionArgs {
  /** UUIDs. More than 25 take several calls. An empty list finds nothing. */
  readonly projectIds?: readonly string[];
  /** UUIDs. More than 25 take several calls. An empty list finds nothing. */
  readonly environmentClassIds?: readonly string[];
}

/** The pools that were found. */
export interface GetWarmPoolsResult {
  /** Sorted by project, then environment class. Includes pools that are DELETING. */
  readonly warmPools: readonly GetWarmPoolResult[];
}

const filterNames = ["projectIds", "environmentClassIds"] as const;

/** The pool that {@link GetWarmPoolArgs} name. @internal */
export async function findWarmPool(args: GetWarmPoolArgs, context: InvokeContext): Promise<GetWarmPoolResult> {
  requireArgs("getWarmPool", args, ["id", "projectId", "environmentClassId", "connection"]);
  const { id, projectId, environmentClassId, connection } = args;
  const byId = !isNullish(id);
  if (byId !== (isNullish(projectId) && isNullish(environmentClassId))) {
    throw new ExpectedError("getWarmPool takes either id, or projectId and environmentClassId");
  }
  if (byId) {
    const known = requireUuid("getWarmPool: id", id);
    const pool = detailsOf(await (await context.client(connection)).getWarmPool(known));
    if (pool.phase === "DELETED") throw new ExpectedError(`There is no warm pool ${pool.id}: it was deleted.`);
    return pool;
  }
  const project = requireUuid("getWarmPool: projectId", projectId);
  const environmentClass = requireUuid("getWarmPool: environmentClassId", environmentClassId);
  const filter = { projectIds: [project], environmentClassIds: [environmentClass] };
  const { warmPools } = await listWarmPools({ connection, ...filter }, context);
  const pool = currentPool(warmPools);
  if (pool !== undefined) return pool;
  throw new ExpectedError(`There is no warm pool for project ${project} and environment class ${environmentClass}.`);
}

/** The pools that {@link GetWarmPoolsArgs} name. @internal */
export async function listWarmPools(args: GetWarmPoolsArgs, context: InvokeContext): Promise<GetWarmPoolsResult> {
  requireArgs("getWarmPools", args, [...filterNames, "connection"], filterNames);
  const filters = combineFilters({
    projectIds: filterGroups(requireUuids("getWarmPools: projectIds", args.projectIds)),
    environmentClassIds: filterGroups(requireUuids("getWarmPools: environmentClassIds", args.environmentClassIds)),
  });
  const found = new Map<string, GetWarmPoolResult>();
  const client = await context.client(args.connection);
  for (const filter of filters) {
    for await (const message of client.listWarmPools(filter)) {
      const pool = detailsOf(message);
      if (pool.phase !== "DELETED") found.set(pool.id, pool);
    }
  }
  const order = (pool: GetWarmPoolResult) => `${pool.projectId}/${pool.environmentClassId}/${pool.id}`;
  return { warmPools: [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1)) };
}
