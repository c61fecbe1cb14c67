// The organisation that a simulator starts with: its projects, and the environment classes in their prebuild
// configuration. Without options there are two projects with two classes each, always with the same ids.
import { fixedId } from "./ids.js";

/** An environment class of a project. */
export interface ClassOptions {
  id?: string;
  name?: string;
  /** Whether a completed prebuild exists from the start, so that pools become READY. Default: as the simulator says. */
  snapshot?: boolean;
}

/** A project to start with. */
export interface ProjectOptions {
  id?: string;
  name?: string;
  /** Default true; without prebuilds a project can have no pool. */
  prebuildsEnabled?: boolean;
  /** The first one is the project's default. */
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
  /** The classes in the project's prebuild configuration; the first one is the default. */
  environmentClasses: EnvironmentClass[];
}

/** The organisation, the person who owns the tokens, and the one who does what levers do. */
export const organizationId = fixedId("organization");
export const userId = fixedId("user");
export const colleagueId = fixedId("colleague");

const usualProjects: ProjectOptions[] = [
  { name: "storefront", environmentClasses: [{ name: "regular" }, { name: "large" }] },
  { name: "data-platform", environmentClasses: [{ name: "large" }, { name: "gpu" }] },
];

/** The projects as they stand at the start. */
export function seedProjects(options: ProjectOptions[] = usualProjects, snapshots = true): Project[] {
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
