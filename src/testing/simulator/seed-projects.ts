/**
 * The projects that a simulator starts with, and the environment classes in their prebuild configuration. By default
 * there are two projects with two classes each, always with the same ids.
 */
import { fixedId } from "./ids.js";

/** An environment class of a project. */
export interface ClassOptions {
  id?: string;
  name?: string;
  description?: string;
  /** Default: one runner for all classes of a name. */
  runnerId?: string;
  /** What the runner needs to know: `{ machineType: "m6i.large" }`. Default: nothing. */
  configuration?: Readonly<Record<string, string>>;
  /** Whether new environments can use the class. Default: true. */
  enabled?: boolean;
  /** Whether the class is in the project's prebuild configuration, so that it can have a pool. Default: true. */
  prebuilds?: boolean;
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
  /** The first class is the project's default. Projects can share a class by its id. */
  environmentClasses?: ClassOptions[];
  /** Default: one repository with the project's name. */
  repositoryUrls?: readonly string[];
}

export interface EnvironmentClass {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly runnerId: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly snapshot: boolean;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly repositoryUrls: readonly string[];
  /** All classes of the project. The first one is the default. */
  readonly classes: readonly EnvironmentClass[];
  prebuildsEnabled: boolean;
  isBeingDeleted: boolean;
  /** The classes in the project's prebuild configuration. Prebuilds use the first one by default. */
  environmentClasses: readonly EnvironmentClass[];
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
    const given = project.environmentClasses ?? [{}];
    const classes = given.map((each, place) => seedClass({ snapshot: snapshots, ...each }, name, place));
    return {
      id: project.id ?? fixedId(`project ${name}`),
      name,
      prebuildsEnabled: project.prebuildsEnabled ?? true,
      isBeingDeleted: false,
      repositoryUrls: project.repositoryUrls ?? [`https://git.example/${name}.git`],
      classes,
      environmentClasses: classes.filter((_class, place) => given[place]?.prebuilds ?? true),
    };
  });
}

function seedClass(options: ClassOptions, project: string, place: number): EnvironmentClass {
  const name = options.name ?? `class-${place + 1}`;
  return {
    id: options.id ?? fixedId(`class ${project}/${name}`),
    name,
    description: options.description ?? `The class ${name}`,
    runnerId: options.runnerId ?? fixedId(`runner ${name}`),
    configuration: options.configuration ?? {},
    enabled: options.enabled ?? true,
    snapshot: options.snapshot ?? true,
  };
}
