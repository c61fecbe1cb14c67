/** Functions that look up warm pools, managed or not. */
import * as pulumi from "@pulumi/pulumi";
import { isNullish } from "../util/nullish.js";
import type { ConnectionArgs, OutputArgs, OutputOptions } from "../program/options.js";
import {
  callFunction,
  callFunctionOutput,
  combineFilters,
  filterGroups,
  requireArgs,
  requireUuid,
  requireUuids,
  withProgramClient,
} from "../program/invoke.js";
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

/** {@link GetWarmPoolArgs} that accept outputs of other resources. */
export type GetWarmPoolOutputArgs = OutputArgs<GetWarmPoolArgs>;

/** A warm pool as the API currently describes it. */
export type GetWarmPoolResult = WarmPoolDetails;

/** Which pools: those of any of the projects and any of the classes. A list that is left out doesn't restrict. */
export interface GetWarmPoolsArgs extends ConnectionArgs {
  /** UUIDs. More than 25 take several calls. An empty list finds nothing. */
  readonly projectIds?: readonly string[];
  /** UUIDs. More than 25 take several calls. An empty list finds nothing. */
  readonly environmentClassIds?: readonly string[];
}

/** {@link GetWarmPoolsArgs} that accept outputs of other resources. */
export interface GetWarmPoolsOutputArgs extends OutputArgs<GetWarmPoolsArgs> {}

/** The pools that were found. */
export interface GetWarmPoolsResult {
  /** Sorted by project, then environment class. Includes pools that are DELETING. */
  readonly warmPools: readonly GetWarmPoolResult[];
}

/**
 * Looks up a warm pool by its id, or by project and environment class.
 * @throws OnaError if the API refuses, RunError if there is no such pool or an argument is malformed
 */
export function getWarmPool(args: GetWarmPoolArgs): Promise<GetWarmPoolResult> {
  return callFunction(poolFunction, args);
}

/** {@link getWarmPool} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getWarmPoolOutput(
  args: GetWarmPoolOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetWarmPoolResult> {
  return callFunctionOutput(poolFunction, args, options);
}

/**
 * Lists the warm pools of an account, or of some projects and environment classes.
 * @throws OnaError if the API refuses, RunError if an id is malformed
 */
export function getWarmPools(args: GetWarmPoolsArgs = {}): Promise<GetWarmPoolsResult> {
  return callFunction(poolsFunction, args);
}

/** {@link getWarmPools} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getWarmPoolsOutput(
  args: GetWarmPoolsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetWarmPoolsResult> {
  return callFunctionOutput(poolsFunction, args, options);
}

const filterNames = ["projectIds", "environmentClassIds"] as const;

const poolFunction = { name: "getWarmPool", call: findPool };
const poolsFunction = { name: "getWarmPools", call: listPools };

async function findPool(args: GetWarmPoolArgs): Promise<GetWarmPoolResult> {
  requireArgs("getWarmPool", args, ["id", "projectId", "environmentClassId", "connection"]);
  const { id, projectId, environmentClassId, connection } = args;
  const byId = !isNullish(id);
  if (byId !== (isNullish(projectId) && isNullish(environmentClassId))) {
    throw new pulumi.RunError("getWarmPool takes either id, or projectId and environmentClassId");
  }
  if (byId) {
    const known = requireUuid("getWarmPool: id", id);
    const pool = detailsOf(await withProgramClient(args, (client) => client.getWarmPool(known)));
    if (pool.phase === "DELETED") throw new pulumi.RunError(`There is no warm pool ${pool.id}: it was deleted.`);
    return pool;
  }
  const project = requireUuid("getWarmPool: projectId", projectId);
  const environmentClass = requireUuid("getWarmPool: environmentClassId", environmentClassId);
  const filter = { projectIds: [project], environmentClassIds: [environmentClass] };
  const { warmPools } = await listPools({ connection, ...filter });
  const pool = currentPool(warmPools);
  if (pool !== undefined) return pool;
  throw new pulumi.RunError(`There is no warm pool for project ${project} and environment class ${environmentClass}.`);
}

async function listPools(args: GetWarmPoolsArgs): Promise<GetWarmPoolsResult> {
  requireArgs("getWarmPools", args, [...filterNames, "connection"], filterNames);
  const filters = combineFilters({
    projectIds: filterGroups(requireUuids("getWarmPools: projectIds", args.projectIds)),
    environmentClassIds: filterGroups(requireUuids("getWarmPools: environmentClassIds", args.environmentClassIds)),
  });
  const found = new Map<string, GetWarmPoolResult>();
  await withProgramClient(args, async (client) => {
    for (const filter of filters) {
      for await (const message of client.listWarmPools(filter)) {
        const pool = detailsOf(message);
        if (pool.phase !== "DELETED") found.set(pool.id, pool);
      }
    }
  });
  const order = (pool: GetWarmPoolResult) => `${pool.projectId}/${pool.environmentClassId}/${pool.id}`;
  return { warmPools: [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1)) };
}
