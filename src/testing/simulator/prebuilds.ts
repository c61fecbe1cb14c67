// The prebuilds: their state, the rules by which calls change it, and how a run moves by itself.
import { create } from "@bufbuild/protobuf";
import { refusal } from "./connect-codes.js";
import { Principal, SubjectSchema } from "./gen/gitpod/v1/identity_pb.js";
import {
  PrebuildMetadata_PrebuildTrigger as Trigger,
  PrebuildMetadataSchema,
  PrebuildPhase,
  PrebuildSchema,
  PrebuildSpecSchema,
  PrebuildStatusSchema,
  type Prebuild as PrebuildMessage,
  type PrebuildMetadata,
  type PrebuildSpec,
  type PrebuildStatus,
} from "./gen/gitpod/v1/prebuild_pb.js";
import { fixedId, newId } from "./ids.js";
import { linesOf, logSoFar, runLog, type LogLine } from "./prebuild-log.js";
import { cancelSteps, prebuildSteps, type Outcome, type Step } from "./phase-schedule.js";
import { colleagueId } from "./seed-projects.js";
import type { Snapshots } from "./snapshots.js";
import { timestampAt, type World } from "./world.js";

/** A prebuild with all its parts, as the server has it. */
export type Prebuild = PrebuildMessage & { metadata: PrebuildMetadata; spec: PrebuildSpec; status: PrebuildStatus };

export interface NewPrebuild {
  projectId: string;
  environmentClassId?: string | undefined;
  timeoutSeconds?: number | undefined;
  /** Whether the project's schedule started it, instead of a person. */
  scheduled?: boolean | undefined;
  /** Who starts it, a UUID. Default: a colleague of the person who owns the simulator's tokens. */
  creatorId?: string | undefined;
}

/** What the next run will be like. */
export interface RunOptions {
  /** Default completed. */
  end?: Outcome["end"] | undefined;
  message?: Outcome["message"];
  /** The text that the run logs, instead of what it logs by itself. */
  log?: string | undefined;
  snapshotSizeBytes?: bigint | undefined;
}

interface Entry {
  readonly order: number;
  readonly createdAt: number;
  /** Replaced on every change, never changed itself: an answer under way keeps what it was given. */
  prebuild: Prebuild;
  /** What is still to come; replaced when the run is cancelled, failed or deleted. */
  plan: Step[];
  run: RunOptions;
  log: LogLine[];
}

interface Making {
  timeout: number;
  scheduled: boolean;
  creatorId?: string | undefined;
  /** How many milliseconds ago it was made, for one that exists from the start. */
  age?: number;
}

const P = PrebuildPhase;
const inProgress = new Set([P.PENDING, P.STARTING, P.RUNNING, P.STOPPING, P.SNAPSHOTTING]);
const ended = new Set([P.COMPLETED, P.FAILED, P.CANCELLED, P.DELETED]);
const usualTimeout = 3600;
const usualSnapshotSize = 21_474_836_480n;

export class Prebuilds {
  private readonly entries = new Map<string, Entry>();
  private readonly upcoming: RunOptions[] = [];

  constructor(
    private readonly world: World,
    private readonly snapshots: Snapshots,
  ) {
    for (const project of world.projects) {
      for (const { id, snapshot } of project.environmentClasses) if (snapshot) this.seed(project.id, id);
    }
  }

  /** Every prebuild there has been, the deleted ones too, in the order of creation. */
  all(): Prebuild[] {
    return [...this.entries.values()].map((entry) => entry.prebuild);
  }

  /** The place of a prebuild in the order of creation. */
  order(prebuild: Prebuild): number {
    return this.entries.get(prebuild.id)?.order ?? -1;
  }

  /** The prebuild with that id, deleted or not. */
  find(id: string): Prebuild | undefined {
    return this.entries.get(id)?.prebuild;
  }

  /** What Get answers. */
  get(id: string): Prebuild {
    const { prebuild } = this.entry(id);
    if (prebuild.status.phase === P.DELETED && this.world.unknowns.deletedPrebuild === "not_found") throw notFound(id);
    return prebuild;
  }

  /** Says how the next run that is created will go; several calls queue up. */
  prepare(run: RunOptions): void {
    this.upcoming.push(run);
  }

  create(input: NewPrebuild): Prebuild {
    const { world } = this;
    const { id: classId } = world.environmentClass(world.project(input.projectId), input.environmentClassId);
    const run = this.upcoming.shift() ?? {};
    const timeout = input.timeoutSeconds ?? usualTimeout;
    const { scheduled = false, creatorId } = input;
    const entry = this.add(newId(), input.projectId, classId, { timeout, scheduled, creatorId });
    const outcome = { end: run.end ?? "completed", message: run.message } as const;
    entry.run = run;
    entry.log = runLog(world.timings, outcome, run.log);
    this.follow(entry, prebuildSteps(world.timings, outcome, timeout * 1000));
    return entry.prebuild;
  }

  /** A run of the project's schedule has just completed and left a snapshot. */
  complete(projectId: string, environmentClassId: string): Prebuild {
    const entry = this.add(newId(), projectId, environmentClassId, { timeout: usualTimeout, scheduled: true });
    entry.log = runLog(this.world.timings, { end: "completed" }, undefined);
    this.take(entry, { at: 0, phase: P.COMPLETED });
    return entry.prebuild;
  }

  cancel(id: string): Prebuild {
    const entry = this.present(id);
    const { phase } = entry.prebuild.status;
    const finished = this.world.unknowns.cancelFinished;
    if (inProgress.has(phase)) this.follow(entry, cancelSteps(this.world.timings, this.age(entry)));
    else if (phase !== P.CANCELLING && finished !== "ok") {
      throw refusal(finished, `prebuild ${id} is not in progress`);
    }
    return entry.prebuild;
  }

  /** The run fails now. */
  fail(id: string, message: string, log?: string): Prebuild {
    const entry = this.present(id);
    if (log !== undefined) entry.log.push(...linesOf(log, this.age(entry)));
    this.follow(entry, [{ at: this.age(entry), phase: P.FAILED, message }]);
    return entry.prebuild;
  }

  /** Begins to delete a prebuild, as DeletePrebuild does. */
  delete(id: string): void {
    const entry = this.present(id);
    const { phase } = entry.prebuild.status;
    const { deleteAgain, deleteRunning } = this.world.unknowns;
    if (phase === P.DELETING) {
      if (deleteAgain !== "ok") throw refusal(deleteAgain, `prebuild ${id} is already being deleted`);
      return;
    }
    if (inProgress.has(phase) && deleteRunning !== "ok") throw refusal(deleteRunning, `prebuild ${id} is running`);
    this.snapshots.discard(id);
    const at = this.age(entry);
    const gone = { at: at + this.world.timings.prebuildDeleting, phase: P.DELETED };
    this.follow(entry, [{ at, phase: P.DELETING }, gone]);
  }

  /** The prebuild is gone at once, as when it expires. */
  remove(id: string): void {
    const entry = this.entry(id);
    if (entry.prebuild.status.phase !== P.DELETED) this.follow(entry, [{ at: this.age(entry), phase: P.DELETED }]);
  }

  /** What the run has logged until now, and whether more can come. */
  log(id: string): { text: string; complete: boolean } {
    const entry = this.present(id);
    const complete = ended.has(entry.prebuild.status.phase);
    return { text: logSoFar(entry.log, this.age(entry)), complete };
  }

  private entry(id: string): Entry {
    const entry = this.entries.get(id);
    if (entry === undefined) throw notFound(id);
    return entry;
  }

  private present(id: string): Entry {
    const entry = this.entry(id);
    if (entry.prebuild.status.phase === P.DELETED) throw notFound(id);
    return entry;
  }

  private age(entry: Entry): number {
    return this.world.agenda.now - entry.createdAt;
  }

  private add(id: string, projectId: string, classId: string, how: Making): Entry {
    const { world } = this;
    const createdAt = world.agenda.now - (how.age ?? 0);
    const now = how.age === undefined ? world.timestamp() : timestampAt(createdAt);
    const creator = create(SubjectSchema, { id: how.creatorId ?? colleagueId, principal: Principal.USER });
    const metadata = create(PrebuildMetadataSchema, {
      organizationId: world.organizationId,
      projectId,
      environmentClassId: classId,
      creator,
      executor: how.scheduled
        ? create(SubjectSchema, { id: fixedId("scheduler"), principal: Principal.SERVICE_ACCOUNT })
        : creator,
      createdAt: now,
      updatedAt: now,
      triggeredBy: how.scheduled ? Trigger.SCHEDULED : Trigger.MANUAL,
    });
    const spec = create(PrebuildSpecSchema, { specVersion: 1n, timeout: { seconds: BigInt(how.timeout) } });
    spec.desiredPhase = P.COMPLETED;
    const status = create(PrebuildStatusSchema, { phase: P.PENDING, statusVersion: 1n });
    const prebuild: Prebuild = { ...create(PrebuildSchema, { id }), metadata, spec, status };
    const entry = { order: this.entries.size, createdAt, prebuild, plan: [], run: {}, log: [] };
    this.entries.set(id, entry);
    world.agenda.after(createdAt + world.timings.prebuildExpiry - world.agenda.now, () => this.remove(id));
    return entry;
  }

  /** Makes a completed prebuild of an hour ago. */
  private seed(projectId: string, classId: string): void {
    const id = fixedId(`prebuild of ${projectId} ${classId}`);
    const entry = this.add(id, projectId, classId, { timeout: usualTimeout, scheduled: true, age: 3_600_000 });
    entry.log = runLog(this.world.timings, { end: "completed" }, undefined);
    this.take(entry, { at: 0, phase: P.COMPLETED }, timestampAt(entry.createdAt));
  }

  /** Gives a run new moves in place of those still to come. Moves that are due happen at once. */
  private follow(entry: Entry, plan: Step[]): void {
    entry.plan = plan;
    const age = this.age(entry);
    for (const step of plan) {
      if (step.at <= age) this.take(entry, step);
      else {
        this.world.agenda.after(step.at - age, () => {
          if (entry.plan === plan) this.take(entry, step);
        });
      }
    }
  }

  private take(entry: Entry, step: Step, now = this.world.timestamp()): void {
    const { id, metadata, spec, status } = entry.prebuild;
    const next = { ...status, phase: step.phase, statusVersion: status.statusVersion + 1n };
    next.snapshotCompletionPercentage = step.phase === P.SNAPSHOTTING ? (step.percentage ?? 0) : 0;
    if (step.phase !== P.PENDING && next.environmentId === "") next.environmentId = fixedId(`environment of ${id}`);
    const isOver = ended.has(step.phase);
    next.logUrl = `${this.world.origin}/${isOver ? "archive" : "logs"}/${id}`;
    if (isOver && next.completionTime === undefined) next.completionTime = now;
    if (step.phase === P.FAILED || step.phase === P.CANCELLED) next.failureMessage = step.message ?? "";
    if (step.phase === P.COMPLETED) {
      next.warningMessage = step.message ?? "";
      next.snapshotSizeBytes = entry.run.snapshotSizeBytes ?? usualSnapshotSize;
    }
    entry.prebuild = { ...entry.prebuild, metadata: { ...metadata, updatedAt: now }, spec, status: next };
    if (step.phase !== P.COMPLETED) return;
    const { projectId, environmentClassId } = metadata;
    this.snapshots.add({ id: fixedId(`snapshot of ${id}`), prebuildId: id, projectId, environmentClassId });
  }
}

function notFound(id: string): Error {
  return refusal("not_found", `prebuild ${id} not found`);
}
