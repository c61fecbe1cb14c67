/**
 * The projects that a simulator starts with, and the environment classes in their prebuild configuration. By default
 * there are two projects with two classes each, always with the same ids.
 */
import { fixedId } from "./ids.js";

/** An environment class of a project. */
export interface ClassOptions {
  id?: string;
  name?: string;
  /**
   * Whether the class starts with a completed prebuild, so that pools become READY. Default: the simulator's
   * `snapshots`.
   */
  snapshot?: boolean;
}

/** A project that exists from the start. */
export interface ProjectOptions {
  id?: string;
  name?: string;
  /** Default: true. A project without prebuilds can't have a pool. */
  prebuildsEnabled?: boolean;
  /** The first class is the project's default. */
  environmentClasses?: ClassOptions[];
}

export interface EnvironmentClass {
  readonly id: string;
  readonly name: string;
  readonly runnerId: string;
  readonly snapshot: boolean;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  prebuildsEnabled: boolean;
  /** The classes in the project's prebuild configuration. The first one is the default. */
  environmentClasses: EnvironmentClass[];
}

/** The organization, the owner of the tokens, and the user behind the levers. */
export const organizationId = fixedId("organization");
export const userId = fixedId("user");
export const colleagueId = fixedId("colleague");

const defaultProjects: ProjectOptions[] = [
  { name: "storefront", environmentClasses: [{ name: "regular" }, { name: "large" }] },
  { name: "data-platform", environmentClasses: [{ name: "large" }, { name: "gpu" }] },
];

/** The projects at the start. */
export function seedProjects(options: ProjectOptions[] = defaultProjects, snapshots = true): Project[] {
  return options.map((project, index) => {
    const name = project.name ?? `project-${index + 1}`;
    const classes = project.environmentClasses ?? [{}];
    return {
      id: project.id ?? fixedId(`project ${name}`),
      name,
      prebuildsEnabled: project.prebuildsEnabled ?? true,
      environmentClasses: classes.map((options, place) => seedClass({ snapshot: snapshots, ...options }, name, place)),
    };
  });
}

function seedClass(options: ClassOptions, project: string, place: number): EnvironmentClass {
  const name = options.name ?? `class-${place + 1}`;
  return {
    id: options.id ?? fixedId(`class ${project}/${name}`),
    name,
    runnerId: fixedId(`runner ${name}`),
    snapshot: options.snapshot ?? true,
  };
}
