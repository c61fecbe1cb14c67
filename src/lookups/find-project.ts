/** The functions about projects. */
import type { ProjectMessage } from "../client/index.js";
import {
  combineFilters,
  type ConnectionArgs,
  filterGroups,
  type InvokeContext,
  requireArgs,
  requireText,
  requireUuid,
  requireUuids,
} from "../lifecycle/functions.js";
import { durationText } from "../util/duration.js";
import { ExpectedError } from "../util/expected-error.js";
import { only, quoteText, sortByName } from "../util/names.js";
import { isNullish, omitUndefined } from "../util/nullish.js";
import { readsOf, type SharedReads } from "./shared-reads.js";

/** Which project: by its id, its name, or a repository of it. */
export type GetProjectArgs = ConnectionArgs &
  (
    | {
        /** The project's id: a UUID. */
        readonly id: string;
        readonly name?: never;
        readonly repository?: never;
      }
    | {
        readonly id?: never;
        /** Its exact name. */
        readonly name: string;
        readonly repository?: never;
      }
    | {
        readonly id?: never;
        readonly name?: never;
        /** The URL of one of its repositories, with or without `.git`. */
        readonly repository: string;
      }
  );

/** The prebuild configuration of a project. */
export interface ProjectPrebuilds {
  /** Whether prebuilds are enabled. Without them, the project has no warm pools. */
  readonly enabled: boolean;
  /** UUIDs: the classes that can have prebuilds and warm pools. */
  readonly environmentClassIds: readonly string[];
  /** How long a prebuild may take: `"1h"`. Left out for the API's default. */
  readonly timeout?: string;
  /** The hour of the daily prebuild, 0 to 23, UTC. Left out if there is none. */
  readonly dailyScheduleHourUtc?: number;
  /** The UUID of the user or service account that scheduled prebuilds run as. */
  readonly executorId?: string;
}

/** A project as the API currently describes it. */
export interface GetProjectResult {
  /** The project's id: a UUID. */
  readonly id: string;
  /** Several projects can have the same name. */
  readonly name: string;
  /** The UUID of the organization that owns it. */
  readonly organizationId: string;
  /** The addresses of its repositories. */
  readonly repositoryUrls: readonly string[];
  /** UUIDs: the classes that its environments can have. */
  readonly environmentClassIds: readonly string[];
  /** A UUID: the class that a new environment has by default. */
  readonly defaultEnvironmentClassId?: string;
  /** Its prebuild configuration. */
  readonly prebuilds: ProjectPrebuilds;
  /** A UUID: who created it. */
  readonly creatorId?: string;
  /** When it was created: RFC 3339, UTC. */
  readonly createdAt: string;
  /** When it last changed: RFC 3339, UTC. */
  readonly updatedAt?: string;
}

/** Which projects: those that match both. What is left out doesn't restrict. */
export interface GetProjectsArgs extends ConnectionArgs {
  /** A string that the projects contain, in fields that the API chooses. Up to 256 characters. */
  readonly search?: string;
  /** UUIDs. More than 25 take several calls. An empty list finds nothing. */
  readonly ids?: readonly string[];
}

/** The projects that were found. */
export interface GetProjectsResult {
  /** Sorted by name. Without those that are being deleted. */
  readonly projects: readonly GetProjectResult[];
}

const maxSearchLength = 256;
const keys = ["id", "name", "repository"] as const;

/** The project that {@link GetProjectArgs} name. @internal */
export async function findProject(args: GetProjectArgs, context: InvokeContext): Promise<GetProjectResult> {
  requireArgs("getProject", args, [...keys, "connection"]);
  const [key, other] = keys.filter((each) => !isNullish(args[each]));
  if (key === undefined || other !== undefined)
    throw new ExpectedError("getProject takes one of id, name and repository");
  if (key === "id") {
    const id = requireUuid("getProject: id", args.id);
    return readProject(await readsOf(args, context), id);
  }
  const wanted = requireText(`getProject: ${key}`, args[key]);
  const isWanted =
    key === "name"
      ? ({ name }: GetProjectResult) => name === wanted
      : ({ repositoryUrls }: GetProjectResult) => repositoryUrls.map(repositoryOf).includes(repositoryOf(wanted));
  const { projects } = await readsOf(args, context);
  const { found, all } = await projects.find((messages) => present(messages).filter(isWanted));
  return only(found, {
    kind: ["project", "projects"],
    criterion: `${key === "name" ? "named" : "with the repository"} ${quoteText(wanted)}`,
    ...(key === "name" ? { name: wanted } : {}),
    all: present(all),
    describe: ({ name, repositoryUrls }) =>
      key === "name" ? repositoryUrls.join(", ") || "no repository" : [name, ...repositoryUrls].join(", "),
  });
}

/**
 * Reads a project by its id.
 * @throws ExpectedError if it is being deleted
 * @internal
 */
export async function readProject(reads: SharedReads, id: string): Promise<GetProjectResult> {
  const message = await reads.project(id);
  const [project] = present([message]);
  if (project === undefined) throw new ExpectedError(`There is no project ${id}: it was deleted.`);
  return project;
}

/** The projects that {@link GetProjectsArgs} name. @internal */
export async function listProjects(args: GetProjectsArgs, context: InvokeContext): Promise<GetProjectsResult> {
  requireArgs("getProjects", args, ["search", "ids", "connection"], ["ids"]);
  const search = isNullish(args.search) ? undefined : requireText("getProjects: search", args.search);
  if (search !== undefined && search.length > maxSearchLength)
    throw new ExpectedError(`getProjects: search may have up to ${maxSearchLength} characters`);
  const groups = filterGroups(requireUuids("getProjects: ids", args.ids ?? undefined));
  const found = new Map<string, GetProjectResult>();
  const client = await context.client(args.connection);
  for (const filter of combineFilters({ projectIds: groups })) {
    const messages: ProjectMessage[] = [];
    for await (const message of client.listProjects({ ...filter, ...(search === undefined ? {} : { search }) }))
      messages.push(message);
    for (const project of present(messages)) found.set(project.id, project);
  }
  return { projects: sortByName(found.values()) };
}

/** The projects that aren't being deleted. */
function present(messages: readonly ProjectMessage[]): readonly GetProjectResult[] {
  return messages.filter(({ desiredPhase }) => desiredPhase !== "DELETED").map(projectOf);
}

/** The address without what doesn't distinguish repositories. */
function repositoryOf(url: string): string {
  return url.replace(/\/+$/, "").replace(/\.git$/, "");
}

function projectOf(message: ProjectMessage): GetProjectResult {
  const { id, metadata, initializer, environmentClass, environmentClasses, prebuildConfiguration: prebuilds } = message;
  const urls = initializer.specs.map(({ git, contextUrl }) => git?.remoteUri ?? contextUrl?.url);
  return omitUndefined<GetProjectResult>({
    id,
    name: metadata.name,
    organizationId: metadata.organizationId ?? "",
    repositoryUrls: urls.filter(isText),
    environmentClassIds: environmentClasses.map((each) => each.environmentClassId).filter(isText),
    defaultEnvironmentClassId: environmentClass.environmentClassId,
    prebuilds: omitUndefined<ProjectPrebuilds>({
      enabled: prebuilds.enabled,
      environmentClassIds: prebuilds.environmentClassIds,
      timeout: durationText(prebuilds.timeout),
      dailyScheduleHourUtc: prebuilds.trigger?.dailySchedule?.hourUtc,
      executorId: prebuilds.executor?.id,
    }),
    creatorId: metadata.creator?.id,
    createdAt: metadata.createdAt ?? "",
    updatedAt: metadata.updatedAt,
  });
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
