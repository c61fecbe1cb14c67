/** The prebuilds: their state, the rules by which calls change it, and what a run does by itself. */
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
import { linesAt, logSoFar, runLog, type LogLine } from "./prebuild-log.js";
import { ObjectStore, type StoredObject } from "./object-store.js";
import { cancelSteps, prebuildSteps, type Outcome, type Step } from "./phase-schedule.js";
import { colleagueId } from "./seed-projects.js";
import type { Snapshots } from "./snapshots.js";
import { timestampAt, type World } from "./world.js";

/** A prebuild with all its parts. @internal */
export type Prebuild = PrebuildMessage & { metadata: PrebuildMetadata; spec: PrebuildSpec; status: PrebuildStatus };

export interface NewPrebuild {
  projectId: string;
  environmentClassId?: string | undefined;
  timeoutSeconds?: number | undefined;
  /** Whether the project's schedule started it instead of a user. */
  scheduled?: boolean | undefined;
  /** The UUID of the user who starts it. Default: a colleague of the owner of the simulator's tokens. */
  creatorId?: string | undefined;
}

/** What happens in the next run. */
export interface RunOptions {
  /** Default: completed. */
  end?: Outcome["end"] | undefined;
  message?: Outcome["message"];
  /** The log of the run. Default: one that matches its end. */
  log?: string | undefined;
  snapshotSizeBytes?: bigint | undefined;
}

interface PrebuildEntry extends StoredObject<Prebuild> {
  readonly createdAt: number;
  /** The phases still to come. Replaced when the run is cancelled, fails, or is deleted. */
  plan: Step[];
  run: RunOptions;
  log: LogLine[];
}

interface NewEntry {
  id: string;
  projectId: string;
  environmentClassId: string;
  timeoutSeconds?: number | undefined;
  scheduled: boolean;
  creatorId?: string | undefined;
  /** The age in milliseconds of a prebuild that exists from the start. */
  age?: number;
}

const P = PrebuildPhase;
const inProgress = new Set([P.PENDING, P.STARTING, P.RUNNING, P.STOPPING, P.SNAPSHOTTING]);
const ended = new Set([P.COMPLETED, P.FAILED, P.CANCELLED, P.DELETED]);
const defaultTimeoutSeconds = 3600;
const defaultSnapshotSizeBytes = 21_474_836_480n;
const seedAge = 3_600_000;

/** All prebuilds. @internal */
export class Prebuilds extends ObjectStore<Prebuild, PrebuildEntry> {
  readonly #snapshots: Snapshots;
  readonly #nextRuns: RunOptions[] = [];

  constructor(world: World, snapshots: Snapshots) {
    super(world, { name: "prebuild", deletedPhase: P.DELETED, whenDeleted: "deletedPrebuild" });
    this.#snapshots = snapshots;
    for (const project of world.projects) {
      for (const { id, snapshot } of project.environmentClasses) if (snapshot) this.#seed(project.id, id);
    }
  }

  /** Sets what happens in the next run that is created. Several calls queue up. */
  prepare(run: RunOptions): void {
    this.#nextRuns.push(run);
  }

  create(input: NewPrebuild): Prebuild {
    const { world } = this;
    const { id: classId } = world.environmentClass(world.project(input.projectId), input.environmentClassId);
    const run = this.#nextRuns.shift() ?? {};
    const { timeoutSeconds = defaultTimeoutSeconds, scheduled = false } = input;
    const entry = this.#create({ ...input, id: newId(), environmentClassId: classId, scheduled });
    const outcome = { end: run.end ?? "completed", message: run.message } as const;
    entry.run = run;
    entry.log = runLog(world.timings, outcome, run.log);
    this.#follow(entry, prebuildSteps(world.timings, outcome, timeoutSeconds * 1000));
    return entry.object;
  }

  /** Adds a scheduled run that has just completed and left a snapshot. */
  complete(projectId: string, environmentClassId: string): Prebuild {
    const entry = this.#create({ id: newId(), projectId, environmentClassId, scheduled: true });
    entry.log = runLog(this.world.timings, { end: "completed" }, undefined);
    this.#enterPhase(entry, { at: 0, phase: P.COMPLETED });
    return entry.object;
  }

  cancel(id: string): Prebuild {
    const entry = this.present(id);
    const { phase } = entry.object.status;
    const finished = this.world.unknowns.cancelFinished;
    if (inProgress.has(phase)) this.#follow(entry, cancelSteps(this.world.timings, this.#age(entry)));
    else if (phase !== P.CANCELLING && finished !== "ok") {
      throw refusal(finished, `prebuild ${id} is not in progress`);
    }
    return entry.object;
  }

  /** Lets a run fail now. */
  fail(id: string, message: string, log?: string): Prebuild {
    const entry = this.present(id);
    if (log !== undefined) entry.log.push(...linesAt(this.#age(entry), log));
    this.#follow(entry, [{ at: this.#age(entry), phase: P.FAILED, message }]);
    return entry.object;
  }

  /** Starts to delete a prebuild, as DeletePrebuild does. */
  delete(id: string): void {
    const entry = this.present(id);
    const { phase } = entry.object.status;
    const { deleteAgain, deleteRunning } = this.world.unknowns;
    if (phase === P.DELETING) {
      if (deleteAgain !== "ok") throw refusal(deleteAgain, `prebuild ${id} is already being deleted`);
      return;
    }
    if (inProgress.has(phase) && deleteRunning !== "ok") throw refusal(deleteRunning, `prebuild ${id} is running`);
    this.#snapshots.discard(id);
    const at = this.#age(entry);
    const gone = { at: at + this.world.timings.prebuildDeleting, phase: P.DELETED };
    this.#follow(entry, [{ at, phase: P.DELETING }, gone]);
  }

  /** Deletes a prebuild immediately, as when it expires. */
  remove(id: string): void {
    const entry = this.entry(id);
    if (entry.object.status.phase !== P.DELETED) this.#follow(entry, [{ at: this.#age(entry), phase: P.DELETED }]);
  }

  /** What the run has logged so far, and whether that is everything. */
  log(id: string): { text: string; complete: boolean } {
    const entry = this.present(id);
    const complete = ended.has(entry.object.status.phase);
    return { text: logSoFar(entry.log, this.#age(entry)), complete };
  }

  #age(entry: PrebuildEntry): number {
    return this.world.events.now - entry.createdAt;
  }

  #create(how: NewEntry): PrebuildEntry {
    const { world } = this;
    const createdAt = world.events.now - (how.age ?? 0);
    const now = how.age === undefined ? world.timestamp() : timestampAt(createdAt);
    const creator = create(SubjectSchema, { id: how.creatorId ?? colleagueId, principal: Principal.USER });
    const metadata = create(PrebuildMetadataSchema, {
      organizationId: world.organizationId,
      projectId: how.projectId,
      environmentClassId: how.environmentClassId,
      creator,
      executor: how.scheduled
        ? create(SubjectSchema, { id: fixedId("scheduler"), principal: Principal.SERVICE_ACCOUNT })
        : creator,
      createdAt: now,
      updatedAt: now,
      triggeredBy: how.scheduled ? Trigger.SCHEDULED : Trigger.MANUAL,
    });
    const spec = create(PrebuildSpecSchema, {
      specVersion: 1n,
      timeout: { seconds: BigInt(how.timeoutSeconds ?? defaultTimeoutSeconds) },
    });
    spec.desiredPhase = P.COMPLETED;
    const status = create(PrebuildStatusSchema, { phase: P.PENDING, statusVersion: 1n });
    const prebuild: Prebuild = { ...create(PrebuildSchema, { id: how.id }), metadata, spec, status };
    const entry = { order: this.nextOrder, createdAt, object: prebuild, plan: [], run: {}, log: [] };
    this.add(entry);
    world.events.after(createdAt + world.timings.prebuildExpiry - world.events.now, () => this.remove(how.id));
    return entry;
  }

  /** Adds a prebuild that completed an hour ago. */
  #seed(projectId: string, environmentClassId: string): void {
    const id = fixedId(`prebuild of ${projectId} ${environmentClassId}`);
    const entry = this.#create({ id, projectId, environmentClassId, scheduled: true, age: seedAge });
    entry.log = runLog(this.world.timings, { end: "completed" }, undefined);
    this.#enterPhase(entry, { at: 0, phase: P.COMPLETED }, timestampAt(entry.createdAt));
  }

  /** Replaces the phases still to come. Those already due are entered immediately. */
  #follow(entry: PrebuildEntry, plan: Step[]): void {
    entry.plan = plan;
    const age = this.#age(entry);
    for (const step of plan) {
      if (step.at <= age) this.#enterPhase(entry, step);
      else {
        this.world.events.after(step.at - age, () => {
          if (entry.plan === plan) this.#enterPhase(entry, step);
        });
      }
    }
  }

  #enterPhase(entry: PrebuildEntry, step: Step, now = this.world.timestamp()): void {
    const { id, metadata, spec, status } = entry.object;
    const next = { ...status, phase: step.phase, statusVersion: status.statusVersion + 1n };
    next.snapshotCompletionPercentage = step.phase === P.SNAPSHOTTING ? (step.percentage ?? 0) : 0;
    if (step.phase !== P.PENDING && next.environmentId === "") next.environmentId = fixedId(`environment of ${id}`);
    const isOver = ended.has(step.phase);
    next.logUrl = `${this.world.origin}/${isOver ? "archive" : "logs"}/${id}`;
    if (isOver && next.completionTime === undefined) next.completionTime = now;
    if (step.phase === P.FAILED || step.phase === P.CANCELLED) next.failureMessage = step.message ?? "";
    if (step.phase === P.COMPLETED) {
      next.warningMessage = step.message ?? "";
      next.snapshotSizeBytes = entry.run.snapshotSizeBytes ?? defaultSnapshotSizeBytes;
    }
    entry.object = { ...entry.object, metadata: { ...metadata, updatedAt: now }, spec, status: next };
    if (step.phase !== P.COMPLETED) return;
    const { projectId, environmentClassId } = metadata;
    this.#snapshots.add({ id: fixedId(`snapshot of ${id}`), prebuildId: id, projectId, environmentClassId });
  }
}
