/** The functions about environment classes. */
import type { EnvironmentClassMessage } from "../client/index.js";
import {
  type ConnectionArgs,
  type InvokeContext,
  requireArgs,
  requireText,
  requireUuid,
  requireUuids,
} from "../lifecycle/functions.js";
import { ExpectedError } from "../util/expected-error.js";
import { only, quoteText, sortByName } from "../util/names.js";
import { isNullish, omitUndefined } from "../util/nullish.js";
import { cut } from "../util/text.js";
import { type GetProjectResult, readProject } from "./find-project.js";
import { readsOf } from "./shared-reads.js";

/** Which environment class: by its id, or by its name, among all or those of a project or a runner. */
export type GetEnvironmentClassArgs = ConnectionArgs &
  (
    | {
        /** The class's id: a UUID. */
        readonly id: string;
        readonly name?: never;
        readonly projectId?: never;
        readonly runnerId?: never;
      }
    | {
        readonly id?: never;
        /** Its exact name, which the API calls the display name. */
        readonly name: string;
        /** A UUID: only among the classes that this project uses, for environments or prebuilds. */
        readonly projectId?: string;
        /** A UUID: only among the classes of this runner. */
        readonly runnerId?: string;
      }
  );

/** An environment class as the API currently describes it. */
export interface GetEnvironmentClassResult {
  /** The class's id: a UUID. */
  readonly id: string;
  /** The API calls it the display name. */
  readonly name: string;
  /** What the class offers, in the words of the person who set it up. */
  readonly description: string;
  /** The UUID of its runner. */
  readonly runnerId: string;
  /** Whether new environments can use it. */
  readonly enabled: boolean;
  /** What the runner knows about it: `{ machineType: "m6i.large" }`. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** Which environment classes: those that match everything. What is left out doesn't restrict. */
export interface GetEnvironmentClassesArgs extends ConnectionArgs {
  /** A UUID: only the classes that this project uses, for environments or prebuilds. */
  readonly projectId?: string;
  /** UUIDs. An empty list finds nothing. */
  readonly runnerIds?: readonly string[];
  /** Whether new environments can use the class. */
  readonly enabled?: boolean;
}

/** The environment classes that were found. */
export interface GetEnvironmentClassesResult {
  /** Sorted by name. */
  readonly environmentClasses: readonly GetEnvironmentClassResult[];
}

/** The environment class that {@link GetEnvironmentClassArgs} name. @internal */
export async function findEnvironmentClass(
  args: GetEnvironmentClassArgs,
  context: InvokeContext,
): Promise<GetEnvironmentClassResult> {
  requireArgs("getEnvironmentClass", args, ["id", "name", "projectId", "runnerId", "connection"]);
  const { id, name, projectId, runnerId } = args;
  const byId = !isNullish(id);
  if (byId === !isNullish(name) || (byId && !(isNullish(projectId) && isNullish(runnerId))))
    throw new ExpectedError("getEnvironmentClass takes either id, or name and optionally projectId and runnerId");
  const wanted = byId ? requireUuid("getEnvironmentClass: id", id) : requireText("getEnvironmentClass: name", name);
  const runner = isNullish(runnerId) ? undefined : requireUuid("getEnvironmentClass: runnerId", runnerId);
  const idOfProject = isNullish(projectId) ? undefined : requireUuid("getEnvironmentClass: projectId", projectId);
  const reads = await readsOf(args, context);
  const project = idOfProject === undefined ? undefined : await readProject(reads, idOfProject);
  const ofProject = project && classesOf(project);
  const counts = (each: GetEnvironmentClassResult) =>
    (runner === undefined || each.runnerId === runner) && (ofProject?.has(each.id) ?? true);
  const { found, all } = await reads.environmentClasses.find((messages) =>
    messages.map(classOf).filter((each) => counts(each) && wanted === (byId ? each.id : each.name)),
  );
  const place = [
    project === undefined ? "" : ` in project ${quoteText(project.name)} (${cut(project.id, 8)})`,
    runner === undefined ? "" : ` on runner ${runner}`,
  ].join("");
  return only(found, {
    kind: ["environment class", "environment classes"],
    criterion: byId ? wanted : `named ${quoteText(wanted)}${place}`,
    ...(byId ? {} : { name: wanted }),
    all: all.map(classOf).filter(counts),
    describe: (each) => `runner ${each.runnerId}${each.enabled ? "" : ", disabled"}`,
  });
}

/** The environment classes that {@link GetEnvironmentClassesArgs} name. @internal */
export async function listEnvironmentClasses(
  args: GetEnvironmentClassesArgs,
  context: InvokeContext,
): Promise<GetEnvironmentClassesResult> {
  const what = "getEnvironmentClasses";
  requireArgs(what, args, ["projectId", "runnerIds", "enabled", "connection"], ["runnerIds"]);
  const { projectId, enabled } = args;
  const project = isNullish(projectId) ? undefined : requireUuid(`${what}: projectId`, projectId);
  const runners = requireUuids(`${what}: runnerIds`, args.runnerIds ?? undefined);
  if (!isNullish(enabled) && typeof enabled !== "boolean")
    throw new ExpectedError(`${what}: enabled must be true or false`);
  const reads = await readsOf(args, context);
  const ofProject = project === undefined ? undefined : classesOf(await readProject(reads, project));
  const all = await reads.environmentClasses.all();
  const found = all
    .map(classOf)
    .filter(
      (each) =>
        (ofProject?.has(each.id) ?? true) &&
        (runners?.includes(each.runnerId) ?? true) &&
        each.enabled === (enabled ?? each.enabled),
    );
  return { environmentClasses: sortByName(found) };
}

/** The ids of the classes that a project uses. */
function classesOf(project: GetProjectResult): ReadonlySet<string> {
  const { environmentClassIds, defaultEnvironmentClassId, prebuilds } = project;
  return new Set([...environmentClassIds, ...prebuilds.environmentClassIds, defaultEnvironmentClassId ?? ""]);
}

function classOf({ displayName, configuration, ...each }: EnvironmentClassMessage): GetEnvironmentClassResult {
  return omitUndefined<GetEnvironmentClassResult>({
    id: each.id,
    name: displayName,
    description: each.description,
    runnerId: each.runnerId ?? "",
    enabled: each.enabled,
    configuration: Object.fromEntries(configuration.map(({ key, value }) => [key, value])),
  });
}
