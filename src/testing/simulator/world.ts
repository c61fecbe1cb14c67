// What pools and prebuilds share: the time, the projects, the switches and the origin of URLs.
import { create } from "@bufbuild/protobuf";
import { TimestampSchema, type Timestamp } from "@bufbuild/protobuf/wkt";
import { Agenda } from "./event-queue.js";
import type { Clock } from "./clock.js";
import { refusal } from "./connect-codes.js";
import { usualTimings, type Timings } from "./phase-schedule.js";
import {
  organizationId,
  seedProjects,
  type EnvironmentClass,
  type Project,
  type ProjectOptions,
} from "./seed-projects.js";
import { usual, type Unknowns } from "./unknowns.js";

export interface WorldOptions {
  projects?: ProjectOptions[] | undefined;
  snapshots?: boolean | undefined;
  unknowns?: Partial<Unknowns> | undefined;
  timings?: Partial<Timings> | undefined;
  organizationId?: string | undefined;
}

export class World {
  readonly agenda: Agenda;
  readonly projects: Project[];
  readonly timings: Timings;
  readonly organizationId: string;
  unknowns: Unknowns;
  private lastMs = 0;
  private sameMs = 0;

  constructor(
    readonly clock: Clock,
    /** The server's own address, for the URLs that it gives out. */
    readonly origin: string,
    options: WorldOptions,
  ) {
    this.agenda = new Agenda(clock.now());
    this.projects = seedProjects(options.projects, options.snapshots);
    this.timings = { ...usualTimings, ...options.timings };
    this.unknowns = { ...usual, ...options.unknowns };
    this.organizationId = options.organizationId ?? organizationId;
  }

  /** Lets everything happen that has fallen due by now. To be called before the state is looked at or changed. */
  settle(): void {
    this.agenda.settle(this.clock.now());
  }

  /** The present moment to the nanosecond; later than every one given before. */
  timestamp(): Timestamp {
    const ms = Math.floor(this.agenda.now);
    this.sameMs = ms === this.lastMs ? this.sameMs + 1 : 1;
    this.lastMs = ms;
    return timestampAt(ms, Math.min(this.sameMs * 101, 999_999));
  }

  /** The project with that id, or the API's refusal. */
  project(id: string): Project {
    const found = this.projects.find((project) => project.id === id);
    if (found === undefined) throw refusal(this.unknowns.unknownProject, `project ${id} not found`);
    return found;
  }

  /** The class of the project's prebuild configuration (its default one if no id is given), or the API's refusal. */
  environmentClass(project: Project, id: string | undefined): EnvironmentClass {
    const code = this.unknowns.missingConfiguration;
    if (!project.prebuildsEnabled) throw refusal(code, `prebuilds are not enabled on project ${project.id}`);
    const { environmentClasses } = project;
    const found = id === undefined ? environmentClasses[0] : environmentClasses.find((c) => c.id === id);
    if (found !== undefined) return found;
    const which = id === undefined ? "no environment class" : `environment class ${id} not`;
    throw refusal(code, `${which} in the prebuild configuration of project ${project.id}`);
  }
}

/** The moment so many milliseconds after the epoch, and nanoseconds after that. */
export function timestampAt(ms: number, nanos = 0): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: Math.floor(ms - seconds * 1000) * 1e6 + nanos });
}
