/** How a generated program refers to projects and environment classes: by ids or by lookups. */
import type { ProjectMessage } from "../../client/index.js";
import { quoteText } from "../../util/names.js";
import type { NameReader, PairIds } from "../names.js";
import { slugOf } from "./resource-names.js";

/** A call that finds an object by its name. The program makes each call once. */
export interface Lookup {
  readonly call: "getProjectOutput" | "getEnvironmentClassOutput";
  /** What the constant for its result is named after. */
  readonly constantName: string;
  readonly args: Readonly<Record<string, string | Lookup>>;
}

/** What a program has instead of an id, or next to it. */
export interface Reference {
  readonly lookup?: Lookup;
  readonly comment?: string | undefined;
}

/** Returns the references for the properties of a resource. */
export type ReferencesOf = (ids: PairIds) => Readonly<Record<string, Reference>>;

/** References by ids, with the names as comments. */
export function showNames(names: NameReader): ReferencesOf {
  return (ids) => {
    const { projectName, environmentClassName } = names.namesOf(ids);
    return { projectId: { comment: projectName }, environmentClassId: { comment: environmentClassName } };
  };
}

/** References by name, or by id where a name is ambiguous. All names of the account must have been read. */
export function lookUpByName(names: NameReader, connection: string | undefined): ReferencesOf {
  // An unread name may be the same as another one.
  if (names.failure !== undefined) return showNames(names);
  const projects = [...names.projects.values()].filter(({ desiredPhase }) => desiredPhase !== "DELETED");
  const classes = [...names.environmentClasses.values()];
  const account = connection === undefined ? {} : { connection };

  const projectReference = ({ projectId }: PairIds, name: string | undefined): Reference => {
    const found = projects.filter(({ metadata }) => metadata.name === name);
    if (name === undefined || !found.some(({ id }) => id === projectId)) return { comment: name };
    if (found.length > 1) return ambiguous(name);
    const constantName = `${slugOf(name)}-project`;
    return { lookup: { call: "getProjectOutput", constantName, args: { name, ...account } } };
  };
  const classReference = (ids: PairIds, name: string | undefined, projectName: string | undefined): Reference => {
    const { projectId = "", environmentClassId } = ids;
    const found = classes.filter(({ displayName }) => displayName === name);
    if (name === undefined || environmentClassId === undefined) return {};
    const call = "getEnvironmentClassOutput";
    if (found.length === 1) {
      return { lookup: { call, constantName: `${slugOf(name)}-class`, args: { name, ...account } } };
    }
    const inProject = classIdsOf(names.projects.get(projectId));
    const [only, another] = found.filter(({ id }) => inProject.has(id));
    if (only?.id !== environmentClassId || another !== undefined) return ambiguous(name);
    const { lookup: project = projectId } = projectReference(ids, projectName);
    const constantName = `${slugOf(projectName)}-${slugOf(name)}-class`;
    return { lookup: { call, constantName, args: { name, projectId: project, ...account } } };
  };
  return (ids) => {
    const { projectName, environmentClassName } = names.namesOf(ids);
    return {
      projectId: projectReference(ids, projectName),
      environmentClassId: classReference(ids, environmentClassName, projectName),
    };
  };
}

function ambiguous(name: string): Reference {
  return { comment: `the name ${quoteText(name)} is ambiguous` };
}

/** The classes among which `getEnvironmentClass` looks for a name in a project. */
function classIdsOf(project: ProjectMessage | undefined): ReadonlySet<string | undefined> {
  if (project === undefined) return new Set();
  const { environmentClass, environmentClasses, prebuildConfiguration } = project;
  const configured = [environmentClass, ...environmentClasses].map(({ environmentClassId }) => environmentClassId);
  return new Set([...configured, ...prebuildConfiguration.environmentClassIds]);
}
