/** What pools and prebuilds share: the time, the projects, the open points, and the server's address. */
import { create } from "@bufbuild/protobuf";
import { TimestampSchema, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Clock } from "./clock.js";
import { refusal } from "./connect-codes.js";
import { EventQueue } from "./event-queue.js";
import { defaultTimings, type Timings } from "./phase-schedule.js";
import {
  organizationId,
  seedProjects,
  type EnvironmentClass,
  type Project,
  type ProjectOptions,
} from "./seed-projects.js";
import { defaultUnknowns, type Unknowns } from "./unknowns.js";

export interface WorldOptions {
  projects?: ProjectOptions[] | undefined;
  snapshots?: boolean | undefined;
  unknowns?: Partial<Unknowns> | undefined;
  timings?: Partial<Timings> | undefined;
  organizationId?: string | undefined;
}

export class World {
  readonly clock: Clock;
  /** The server's own address, for the URLs in its responses. */
  readonly origin: string;
  readonly events: EventQueue;
  readonly projects: Project[];
  readonly timings: Timings;
  readonly organizationId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  unknowns: Unknowns;
  #lastMs = 0;
  #countInMs = 0;

  constructor(clock: Clock, origin: string, options: WorldOptions) {
    this.clock = clock;
    this.origin = origin;
    this.events = new EventQueue(clock.now());
    this.projects = seedProjects(options.projects, options.snapshots);
    this.timings = { ...defaultTimings, ...options.timings };
    this.unknowns = { ...defaultUnknowns, ...options.unknowns };
    this.startedAt = clock.now();
    this.organizationId = options.organizationId ?? organizationId;
  }

  /** Lets everything happen that is due. Call it before you read or change the state. */
  catchUp(): void {
    this.events.runUntil(this.clock.now());
  }

  /** The current time in nanoseconds. Each result is later than the one before. */
  timestamp(): Timestamp {
    const ms = Math.floor(this.events.now);
    this.#countInMs = ms === this.#lastMs ? this.#countInMs + 1 : 1;
    this.#lastMs = ms;
    return timestampAt(ms, Math.min(this.#countInMs * 101, 999_999));
  }

  /**
   * The project with that id.
   * @throws the API's error if there is none
   */
  project(id: string): Project {
    const found = this.projects.find((project) => project.id === id);
    if (found === undefined) throw refusal(this.unknowns.unknownProject, `project ${id} not found`);
    return found;
  }

  /**
   * A class of the project's prebuild configuration. Without an id, the default class.
   * @throws the API's error if there is none
   */
  environmentClass(project: Project, id: string | undefined): EnvironmentClass {
    const code = this.unknowns.missingConfiguration;
    if (project.isBeingDeleted) throw refusal(code, `project ${project.id} is being deleted`);
    if (!project.prebuildsEnabled) throw refusal(code, `prebuilds are not enabled on project ${project.id}`);
    const { environmentClasses } = project;
    const found = id === undefined ? environmentClasses[0] : environmentClasses.find((c) => c.id === id);
    if (found !== undefined) return found;
    const which = id === undefined ? "no environment class is" : `environment class ${id} is not`;
    throw refusal(code, `${which} in the prebuild configuration of project ${project.id}`);
  }
}

/** The moment that many milliseconds after the epoch, plus nanoseconds. */
export function timestampAt(ms: number, nanos = 0): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: Math.floor(ms - seconds * 1000) * 1e6 + nanos });
}
