/** Functions that look up prebuilds, managed or not. */
import * as pulumi from "@pulumi/pulumi";
import { isNullish } from "../util/nullish.js";
import type { ConnectionArgs, OutputArgs, OutputOptions } from "../program/options.js";
import {
  callFunction,
  callFunctionOutput,
  combineFilters,
  filterGroups,
  type ProgramFunction,
  requireArgs,
  requireNames,
  requireUuid,
  requireUuids,
  withProgramClient,
} from "../program/invoke.js";
import { removedByAge } from "./expiry.js";
import { phases, type PrebuildDetails, type PrebuildPhase, type PrebuildTrigger, triggers } from "./outputs.js";
import { detailsOf } from "./state.js";

/** Which prebuild. */
export interface GetPrebuildArgs extends ConnectionArgs {
  /** Its id: a UUID. */
  readonly id: string;
}

/** {@link GetPrebuildArgs} that accept outputs of other resources. */
export interface GetPrebuildOutputArgs extends OutputArgs<GetPrebuildArgs> {}

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

/** {@link GetPrebuildsArgs} that accept outputs of other resources. */
export interface GetPrebuildsOutputArgs extends OutputArgs<GetPrebuildsArgs> {}

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

/** {@link GetLatestPrebuildArgs} that accept outputs of other resources. */
export interface GetLatestPrebuildOutputArgs extends OutputArgs<GetLatestPrebuildArgs> {}

/** Whose log to read. */
export interface GetPrebuildLogsTokenArgs extends OutputArgs<ConnectionArgs> {
  /** The prebuild's id: a UUID. */
  readonly prebuildId: pulumi.Input<string>;
}

/**
 * Looks up a prebuild by its id.
 * @throws OnaError if the API refuses, RunError if there is no such prebuild or the id is malformed
 */
export function getPrebuild(args: GetPrebuildArgs): Promise<GetPrebuildResult> {
  return callFunction(prebuildFunction, args);
}

/** {@link getPrebuild} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getPrebuildOutput(
  args: GetPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult> {
  return callFunctionOutput(prebuildFunction, args, options);
}

/**
 * Lists the prebuilds of an account, or those that match filters.
 * @throws OnaError if the API refuses, RunError if an id is malformed or a phase or trigger is unknown
 */
export function getPrebuilds(args: GetPrebuildsArgs = {}): Promise<GetPrebuildsResult> {
  return callFunction(prebuildsFunction, args);
}

/** {@link getPrebuilds} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getPrebuildsOutput(
  args: GetPrebuildsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetPrebuildsResult> {
  return callFunctionOutput(prebuildsFunction, args, options);
}

/**
 * Looks up the latest COMPLETED prebuild of a project, or of a project and environment class. New environments and the
 * instances of a warm pool start from it.
 * @returns the latest prebuild, or undefined if there is none
 * @throws OnaError if the API refuses, RunError if an id is malformed
 */
export function getLatestPrebuild(args: GetLatestPrebuildArgs): Promise<GetPrebuildResult | undefined> {
  return callFunction(latestFunction, args);
}

/** {@link getLatestPrebuild} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getLatestPrebuildOutput(
  args: GetLatestPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult | undefined> {
  return callFunctionOutput(latestFunction, args, options);
}

/**
 * Creates a token that opens the log of a prebuild (`GET logUrl` with `Authorization: Bearer <token>`). It is valid for
 * one hour, each call creates another one, and Pulumi keeps it secret.
 *
 * The output fails with OnaError if the API refuses and with RunError if the id is malformed. It doesn't call the API
 * until the id and the resources behind it are known.
 * @returns the token
 */
export function getPrebuildLogsToken(args: GetPrebuildLogsTokenArgs, options?: OutputOptions): pulumi.Output<string> {
  return pulumi.secret(callFunctionOutput(logsTokenFunction, args, options));
}

/** The same as {@link getPrebuildLogsToken}, which already returns an output. */
export const getPrebuildLogsTokenOutput = getPrebuildLogsToken;

const prebuildFunction = { name: "getPrebuild", call: findPrebuild };
const prebuildsFunction = { name: "getPrebuilds", call: listPrebuilds };
const latestFunction: ProgramFunction<GetLatestPrebuildArgs, GetPrebuildResult | undefined> = {
  name: "getLatestPrebuild",
  call: findLatestPrebuild,
  readMock: (result) => (Object.keys(result).length === 0 ? undefined : (result as unknown as GetPrebuildResult)),
};
const logsTokenFunction: ProgramFunction<{ readonly prebuildId?: unknown }, string> = {
  name: "getPrebuildLogsToken",
  call: createLogsToken,
  readMock: ({ token }) => String(token),
};

const filterNames = ["projectIds", "phases", "triggeredBy", "creatorIds", "executorIds"] as const;

/** The maximum number of names in a filter (`ListPrebuildsRequest.Filter`). */
const maxNames = { phases: 10, triggeredBy: 5 };

function newestFirst(a: GetPrebuildResult, b: GetPrebuildResult): number {
  const moment = ({ createdAt }: GetPrebuildResult) => Date.parse(createdAt ?? "") || 0;
  return moment(b) - moment(a) || (a.id < b.id ? -1 : 1);
}

async function findPrebuild(args: GetPrebuildArgs): Promise<GetPrebuildResult> {
  requireArgs("getPrebuild", args, ["id", "connection"]);
  const id = requireUuid("getPrebuild: id", args.id);
  const prebuild = detailsOf(await withProgramClient(args, (client) => client.getPrebuild(id)));
  if (prebuild.phase !== "DELETED") return prebuild;
  throw new pulumi.RunError(`There is no prebuild ${id}: it was deleted. ${removedByAge}.`);
}

async function listPrebuilds(args: GetPrebuildsArgs): Promise<GetPrebuildsResult> {
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
  await withProgramClient(args, async (client) => {
    for (const filter of filters) {
      for await (const message of client.listPrebuilds(filter)) {
        const prebuild = detailsOf(message);
        // Some APIs list deleted prebuilds. Only a filter by phase asks for them.
        if (prebuild.phase !== "DELETED" || args.phases !== undefined) found.set(prebuild.id, prebuild);
      }
    }
  });
  return { prebuilds: [...found.values()].sort(newestFirst) };
}

async function findLatestPrebuild(args: GetLatestPrebuildArgs): Promise<GetPrebuildResult | undefined> {
  requireArgs("getLatestPrebuild", args, ["projectId", "environmentClassId", "connection"]);
  const projectId = requireUuid("getLatestPrebuild: projectId", args.projectId);
  const { connection, environmentClassId: id } = args;
  const wanted = isNullish(id) ? undefined : requireUuid("getLatestPrebuild: environmentClassId", id);
  const { prebuilds } = await listPrebuilds({ connection, projectIds: [projectId], phases: ["COMPLETED"] });
  return prebuilds.find((prebuild) => wanted === undefined || prebuild.environmentClassId === wanted);
}

async function createLogsToken(args: ConnectionArgs & { readonly prebuildId?: unknown }): Promise<string> {
  requireArgs("getPrebuildLogsToken", args, ["prebuildId", "connection"]);
  const id = requireUuid("getPrebuildLogsToken: prebuildId", args.prebuildId);
  return withProgramClient(args, (client) => client.createPrebuildLogsToken(id));
}
