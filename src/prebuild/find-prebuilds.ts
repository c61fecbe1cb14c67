/** The functions about prebuilds, managed or not. */
import {
  combineFilters,
  type ConnectionArgs,
  filterGroups,
  type InvokeContext,
  requireArgs,
  requireNames,
  requireUuid,
  requireUuids,
} from "../lifecycle/functions.js";
import { ExpectedError } from "../util/expected-error.js";
import { isNullish } from "../util/nullish.js";
import { removedByAge } from "./expiry.js";
import { phases, type PrebuildDetails, type PrebuildPhase, type PrebuildTrigger, triggers } from "./outputs.js";
import { detailsOf } from "./state.js";

/** Which prebuild. */
export interface GetPrebuildArgs extends ConnectionArgs {
  /** Its id: a UUID. */
  readonly id: string;
}

/** A prebuild as the API currently describes it. */
export type GetPrebuildResult = PrebuildDetails;

/**
 * Which prebuilds: those that match each of the lists. A list that is left out doesn't restrict, an empty one finds
 * nothing.
 */
export interface GetPrebuildsArgs extends ConnectionArgs {
  /** UUIDs. More than 25 take several calls. */
  readonly projectIds?: readonly string[];
  /** Phases: `"COMPLETED"`. */
  readonly phases?: readonly PrebuildPhase[];
  /** What started it: `"MANUAL"`, `"SCHEDULED"`. */
  readonly triggeredBy?: readonly PrebuildTrigger[];
  /** Who started it: UUIDs. More than 25 take several calls. */
  readonly creatorIds?: readonly string[];
  /** Who it runs as: UUIDs. More than 25 take several calls. */
  readonly executorIds?: readonly string[];
}

/** The prebuilds that were found. */
export interface GetPrebuildsResult {
  /** Newest first. */
  readonly prebuilds: readonly GetPrebuildResult[];
}

/** Whose latest completed prebuild: that of a project, or of one of its environment classes. */
export interface GetLatestPrebuildArgs extends ConnectionArgs {
  /** The UUID of the project. */
  readonly projectId: string;
  /** The UUID of the environment class. If omitted, any class. */
  readonly environmentClassId?: string;
}

const filterNames = ["projectIds", "phases", "triggeredBy", "creatorIds", "executorIds"] as const;

/** The maximum number of names in a filter (`ListPrebuildsRequest.Filter`). */
const maxNames = { phases: 10, triggeredBy: 5 };

function newestFirst(a: GetPrebuildResult, b: GetPrebuildResult): number {
  const moment = ({ createdAt }: GetPrebuildResult) => Date.parse(createdAt ?? "") || 0;
  return moment(b) - moment(a) || (a.id < b.id ? -1 : 1);
}

/** The prebuild that {@link GetPrebuildArgs} name. @internal */
export async function findPrebuild(args: GetPrebuildArgs, context: InvokeContext): Promise<GetPrebuildResult> {
  requireArgs("getPrebuild", args, ["id", "connection"]);
  const id = requireUuid("getPrebuild: id", args.id);
  const prebuild = detailsOf(await (await context.client(args.connection)).getPrebuild(id));
  if (prebuild.phase !== "DELETED") return prebuild;
  throw new ExpectedError(`There is no prebuild ${id}: it was deleted. ${removedByAge}.`);
}

/** The prebuilds that {@link GetPrebuildsArgs} name. @internal */
export async function listPrebuilds(args: GetPrebuildsArgs, context: InvokeContext): Promise<GetPrebuildsResult> {
  requireArgs("getPrebuilds", args, [...filterNames, "connection"], filterNames);
  const ids = (name: "projectIds" | "creatorIds" | "executorIds") =>
    filterGroups(requireUuids(`getPrebuilds: ${name}`, args[name]));
  const names = (name: "phases" | "triggeredBy", prefix: string, known: readonly string[]) =>
    filterGroups(
      requireNames(`getPrebuilds: ${name}`, args[name], known)?.map((item) => prefix + item),
      maxNames[name],
    );
  const filters = combineFilters({
    projectIds: ids("projectIds"),
    creatorIds: ids("creatorIds"),
    executorIds: ids("executorIds"),
    phases: names("phases", "PREBUILD_PHASE_", phases),
    triggeredBy: names("triggeredBy", "PREBUILD_TRIGGER_", triggers),
  });
  const found = new Map<string, GetPrebuildResult>();
  const client = await context.client(args.connection);
  for (const filter of filters) {
    for await (const message of client.listPrebuilds(filter)) {
      const prebuild = detailsOf(message);
      // Some APIs list deleted prebuilds. Only a filter by phase asks for them.
      if (prebuild.phase !== "DELETED" || args.phases !== undefined) found.set(prebuild.id, prebuild);
    }
  }
  return { prebuilds: [...found.values()].sort(newestFirst) };
}

/** The latest COMPLETED prebuild that {@link GetLatestPrebuildArgs} name. @internal */
export async function findLatestPrebuild(
  args: GetLatestPrebuildArgs,
  context: InvokeContext,
): Promise<GetPrebuildResult | undefined> {
  requireArgs("getLatestPrebuild", args, ["projectId", "environmentClassId", "connection"]);
  const projectId = requireUuid("getLatestPrebuild: projectId", args.projectId);
  const { connection, environmentClassId: id } = args;
  const wanted = isNullish(id) ? undefined : requireUuid("getLatestPrebuild: environmentClassId", id);
  const { prebuilds } = await listPrebuilds({ connection, projectIds: [projectId], phases: ["COMPLETED"] }, context);
  return prebuilds.find((prebuild) => wanted === undefined || prebuild.environmentClassId === wanted);
}

/** A new token for the log of a prebuild. @internal */
export async function createLogsToken(
  args: ConnectionArgs & { readonly prebuildId?: unknown },
  context: InvokeContext,
): Promise<string> {
  requireArgs("getPrebuildLogsToken", args, ["prebuildId", "connection"]);
  const id = requireUuid("getPrebuildLogsToken: prebuildId", args.prebuildId);
  return (await context.client(args.connection)).createPrebuildLogsToken(id);
}
