/** Functions that look prebuilds up, managed or not. */
import * as pulumi from "@pulumi/pulumi";
import { removedByAge } from "../client/errors.js";
import type { PrebuildFilter } from "../client/index.js";
import type { ConnectionArgs, ConnectionOutputArgs } from "../program/connection-args.js";
import {
  asking,
  asOutput,
  filterGroups,
  requireArgs,
  requireNames,
  requireUuid,
  requireUuids,
} from "../program/invoke.js";
import type { OutputOptions } from "../program/output-options.js";
import { phases, type PrebuildDetails, type PrebuildPhase, type PrebuildTrigger, triggers } from "./outputs.js";
import { detailsOf } from "./state.js";

/** Which prebuild. */
export interface GetPrebuildArgs extends ConnectionArgs {
  /** Its id: a UUID. */
  readonly id: string;
}

/** As {@link GetPrebuildArgs}, from other resources' outputs. */
export interface GetPrebuildOutputArgs extends ConnectionOutputArgs {
  readonly id: pulumi.Input<string>;
}

/** A prebuild as the API has it at the moment. */
export type GetPrebuildResult = PrebuildDetails;

/** Which prebuilds: those that each of the lists lets through; a list that is left out does not restrict, an empty one finds nothing. */
export interface GetPrebuildsArgs extends ConnectionArgs {
  /** UUIDs; more than 25 are asked for in groups. */
  readonly projectIds?: readonly string[];
  /** Phases: `"COMPLETED"`. */
  readonly phases?: readonly PrebuildPhase[];
  /** What started it: `"MANUAL"`, `"SCHEDULED"`. */
  readonly triggeredBy?: readonly PrebuildTrigger[];
  /** Who started it: UUIDs; more than 25 are asked for in groups. */
  readonly creatorIds?: readonly string[];
  /** Who it runs as: UUIDs; more than 25 are asked for in groups. */
  readonly executorIds?: readonly string[];
}

/** As {@link GetPrebuildsArgs}, from other resources' outputs. */
export type GetPrebuildsOutputArgs = ConnectionOutputArgs & {
  readonly [Name in Exclude<keyof GetPrebuildsArgs, "connection">]?: pulumi.Input<
    readonly pulumi.Input<NonNullable<GetPrebuildsArgs[Name]>[number]>[] | undefined
  >;
};

/** The prebuilds that were found. */
export interface GetPrebuildsResult {
  /** The newest first. */
  readonly prebuilds: readonly GetPrebuildResult[];
}

/** Whose newest completed prebuild: that of a project, and of one of its environment classes if one is named. */
export interface GetLatestPrebuildArgs extends ConnectionArgs {
  /** A UUID. */
  readonly projectId: string;
  /** A UUID; left out, any class. */
  readonly environmentClassId?: string;
}

/** As {@link GetLatestPrebuildArgs}, from other resources' outputs. */
export interface GetLatestPrebuildOutputArgs extends ConnectionOutputArgs {
  readonly projectId: pulumi.Input<string>;
  readonly environmentClassId?: pulumi.Input<string | undefined>;
}

/** Whose log is to be read. */
export interface GetPrebuildLogsTokenArgs extends ConnectionOutputArgs {
  /** The prebuild's id: a UUID. */
  readonly prebuildId: pulumi.Input<string>;
}

/**
 * A prebuild, by id.
 * @throws OnaError when the API refuses; an error when there is no such prebuild, or the id is malformed
 */
export async function getPrebuild(args: GetPrebuildArgs): Promise<GetPrebuildResult> {
  requireArgs("getPrebuild", args, ["id", "connection"]);
  const id = requireUuid("getPrebuild: id", args.id);
  const prebuild = detailsOf(await asking(args, (client) => client.getPrebuild(id)));
  if (prebuild.phase === "DELETED")
    throw new pulumi.RunError(`There is no prebuild ${id}: it was deleted. ${removedByAge}.`);
  return prebuild;
}

/** As {@link getPrebuild}, as an output: nothing is asked while an argument is unknown. */
export function getPrebuildOutput(
  args: GetPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult> {
  return asOutput(pulumi.output(args), options, (known) => getPrebuild(known));
}

/**
 * The prebuilds of an account, or those that filters let through.
 * @throws OnaError when the API refuses; an error when an id is malformed, or a phase or trigger is none
 */
export async function getPrebuilds(args: GetPrebuildsArgs = {}): Promise<GetPrebuildsResult> {
  requireArgs("getPrebuilds", args, [...filterNames, "connection"], filterNames);
  const ids = (name: "projectIds" | "creatorIds" | "executorIds") =>
    filterGroups(requireUuids(`getPrebuilds: ${name}`, args[name]));
  const names = (name: "phases" | "triggeredBy", prefix: string, known: readonly string[]) =>
    filterGroups(
      requireNames(`getPrebuilds: ${name}`, args[name], known)?.map((item) => prefix + item),
      mostNames[name],
    );
  const filters = combinations<PrebuildFilter>({
    projectIds: ids("projectIds"),
    creatorIds: ids("creatorIds"),
    executorIds: ids("executorIds"),
    phases: names("phases", "PREBUILD_PHASE_", phases),
    triggeredBy: names("triggeredBy", "PREBUILD_TRIGGER_", triggers),
  });
  const found = new Map<string, GetPrebuildResult>();
  await asking(args, async (client) => {
    for (const filter of filters) {
      for await (const message of client.listPrebuilds(filter)) {
        const prebuild = detailsOf(message);
        // One that is gone already is listed by some APIs; who asks for that phase wants to see it.
        if (prebuild.phase !== "DELETED" || args.phases !== undefined) found.set(prebuild.id, prebuild);
      }
    }
  });
  return { prebuilds: [...found.values()].sort(newestFirst) };
}

/** As {@link getPrebuilds}, as an output: nothing is asked while an argument is unknown. */
export function getPrebuildsOutput(
  args: GetPrebuildsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetPrebuildsResult> {
  return asOutput(pulumi.output(args), options, (known) => getPrebuilds(known as GetPrebuildsArgs));
}

/**
 * The newest COMPLETED prebuild of a project, or of a project and environment class: what new environments, and the instances of a warm pool, start from.
 * @returns undefined where there is none
 * @throws OnaError when the API refuses; an error when an id is malformed
 */
export async function getLatestPrebuild(args: GetLatestPrebuildArgs): Promise<GetPrebuildResult | undefined> {
  requireArgs("getLatestPrebuild", args, ["projectId", "environmentClassId", "connection"]);
  const projectId = requireUuid("getLatestPrebuild: projectId", args.projectId);
  const { connection } = args;
  // null means unset, as in a resource's inputs.
  const environmentClassId = args.environmentClassId ?? undefined;
  const wanted =
    environmentClassId === undefined
      ? undefined
      : requireUuid("getLatestPrebuild: environmentClassId", environmentClassId);
  const { prebuilds } = await getPrebuilds({ connection, projectIds: [projectId], phases: ["COMPLETED"] });
  return prebuilds.find((prebuild) => wanted === undefined || prebuild.environmentClassId === wanted);
}

/** As {@link getLatestPrebuild}, as an output: nothing is asked while an argument is unknown. */
export function getLatestPrebuildOutput(
  args: GetLatestPrebuildOutputArgs,
  options?: OutputOptions,
): pulumi.Output<GetPrebuildResult | undefined> {
  return asOutput(pulumi.output(args), options, (known) => getLatestPrebuild(known as GetLatestPrebuildArgs));
}

/**
 * A token that opens the log of a prebuild (`GET logUrl` with `Authorization: Bearer <token>`). It lives for one hour, and each call makes another one; Pulumi keeps it secret.
 *
 * The output fails with OnaError when the API refuses, and with an error when the id is malformed. Nothing is asked while the id is unknown.
 */
export function getPrebuildLogsToken(args: GetPrebuildLogsTokenArgs, options?: OutputOptions): pulumi.Output<string> {
  const token = asOutput(pulumi.output(args), options, (known) => {
    requireArgs("getPrebuildLogsToken", known, ["prebuildId", "connection"]);
    const { prebuildId, connection } = known;
    const id = requireUuid("getPrebuildLogsToken: prebuildId", prebuildId);
    return asking({ connection }, (client) => client.createPrebuildLogsToken(id));
  });
  return pulumi.secret(token);
}

/** As {@link getPrebuildLogsToken}, which gives an output already. */
export const getPrebuildLogsTokenOutput = getPrebuildLogsToken;

const filterNames = ["projectIds", "phases", "triggeredBy", "creatorIds", "executorIds"] as const;

/** The most names that a filter takes (`ListPrebuildsRequest.Filter`). */
const mostNames = { phases: 10, triggeredBy: 5 };

/** Every combination of one group of each kind. */
function combinations<Filter extends object>(groups: {
  readonly [Name in keyof Filter]-?: readonly Filter[Name][];
}): Filter[] {
  let filters: Partial<Filter>[] = [{}];
  for (const name of Object.keys(groups) as (keyof Filter)[]) {
    filters = filters.flatMap((filter) => groups[name].map((group) => ({ ...filter, [name]: group })));
  }
  return filters as Filter[];
}

function newestFirst(a: GetPrebuildResult, b: GetPrebuildResult): number {
  const moment = ({ createdAt }: GetPrebuildResult) => Date.parse(createdAt ?? "") || 0;
  return moment(b) - moment(a) || (a.id < b.id ? -1 : 1);
}
