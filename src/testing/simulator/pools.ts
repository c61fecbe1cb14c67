/** The warm pools: their state, the rules by which calls change it, and what they do by themselves. */
import { create } from "@bufbuild/protobuf";
import { refusal } from "./connect-codes.js";
import {
  WarmPoolMetadataSchema,
  WarmPoolPhase,
  WarmPoolSchema,
  WarmPoolSpecSchema,
  WarmPoolStatusSchema,
  type WarmPool,
  type WarmPoolMetadata,
  type WarmPoolSpec,
  type WarmPoolStatus,
} from "./gen/gitpod/v1/prebuild_pb.js";
import { newId } from "./ids.js";
import { ObjectStore, type StoredObject } from "./object-store.js";
import { autoscaledSize } from "./phase-schedule.js";
import type { Snapshot, Snapshots } from "./snapshots.js";
import type { World } from "./world.js";

/** A pool with all its parts. @internal */
export type Pool = WarmPool & { metadata: WarmPoolMetadata; spec: WarmPoolSpec; status: WarmPoolStatus };

/** Sizes of a call. */
export interface Sizes {
  minSize?: number | undefined;
  maxSize?: number | undefined;
  /** The deprecated size of pools from before there was a minimum and a maximum. */
  desiredSize?: number | undefined;
}

export interface NewPool extends Sizes {
  projectId: string;
  environmentClassId: string;
}

/** The sizes of a pool from a moment on. */
export interface SizeChange {
  /** The simulator's time in milliseconds since the epoch. */
  at: number;
  desired: number;
  running: number;
}

interface PoolEntry extends StoredObject<Pool> {
  /** How often the autoscaler has moved the pool. */
  autoscalerMoves: number;
  sizeHistory: SizeChange[];
}

/** How many changes of a pool's size to keep: those of about 50 minutes of autoscaling. */
const maxSizeChanges = 100;

const { PENDING, READY, DEGRADED, DELETING, DELETED } = WarmPoolPhase;

/** All warm pools. @internal */
export class Pools extends ObjectStore<Pool, PoolEntry> {
  readonly #snapshots: Snapshots;

  constructor(world: World, snapshots: Snapshots) {
    super(world, { name: "warm pool", deletedPhase: DELETED, whenDeleted: "deletedPool" });
    this.#snapshots = snapshots;
    snapshots.onNew((snapshot) => this.#takeSnapshot(snapshot));
  }

  create(input: NewPool): Pool {
    const { world } = this;
    const environmentClass = world.environmentClass(world.project(input.projectId), input.environmentClassId);
    this.#refuseSecondPool(input);
    const spec = create(WarmPoolSpecSchema, { specVersion: 1n, desiredPhase: READY });
    Object.assign(spec, this.#initialSizes(input));
    const now = world.timestamp();
    const pool: Pool = {
      ...create(WarmPoolSchema, { id: newId() }),
      metadata: create(WarmPoolMetadataSchema, {
        organizationId: world.organizationId,
        projectId: input.projectId,
        environmentClassId: environmentClass.id,
        runnerId: environmentClass.runnerId,
        createdAt: now,
        updatedAt: now,
      }),
      spec,
      status: create(WarmPoolStatusSchema, { phase: PENDING, statusVersion: 1n }),
    };
    const snapshot = this.#snapshots.latest(input.projectId, environmentClass.id);
    if (snapshot !== undefined) pool.spec.snapshotId = snapshot.id;
    const sizeHistory = [{ at: world.events.now, desired: 0, running: 0 }];
    this.add({ order: this.nextOrder, object: pool, autoscalerMoves: 0, sizeHistory });
    if (snapshot !== undefined) this.#becomeReadyLater(pool.id);
    return pool;
  }

  /** The last 100 changes of a pool's size, oldest first. Empty once the pool is deleted. */
  sizeHistory(id: string): readonly SizeChange[] {
    return this.entry(id).sizeHistory;
  }

  /** Creates a pool that has only the deprecated size. */
  createOld(input: NewPool & { desiredSize: number }): Pool {
    const { id } = this.create(input);
    return this.#edit(id, ({ spec }) => {
      delete spec.minSize;
      delete spec.maxSize;
      spec.desiredSize = input.desiredSize;
    });
  }

  update(id: string, sizes: Sizes): Pool {
    const { status, spec } = this.present(id).object;
    const whileDeleting = this.world.unknowns.updateWhileDeleting;
    if (status.phase === DELETING && whileDeleting !== "ok") {
      throw refusal(whileDeleting, `warm pool ${id} is being deleted`);
    }
    const wanted = { minSize: sizes.minSize ?? sizes.desiredSize, maxSize: sizes.maxSize ?? sizes.desiredSize };
    const live = bounds(spec);
    const [min, max] = [wanted.minSize ?? live.min, wanted.maxSize ?? live.max];
    this.#refuseCrossedSizes(min, max);
    if (wanted.minSize === undefined && wanted.maxSize === undefined) return this.get(id);
    const pool = this.#edit(id, (draft) => {
      draft.spec.specVersion++;
      draft.spec.minSize = min;
      draft.spec.maxSize = max;
      draft.spec.desiredSize = sizes.desiredSize ?? 0;
      draft.status.desiredSize = Math.min(Math.max(draft.status.desiredSize, min), max);
      draft.status.stoppedInstances = Math.max(0, max - draft.status.runningInstances);
    });
    this.#followDesiredSize(id);
    return pool;
  }

  /** Starts to drain a pool, as DeleteWarmPool does. */
  delete(id: string): void {
    const { phase } = this.present(id).object.status;
    const again = this.world.unknowns.deleteAgain;
    if (phase !== DELETING) return this.drain(id);
    if (again !== "ok") throw refusal(again, `warm pool ${id} is already being deleted`);
  }

  /** Starts to drain a pool, whatever its phase. */
  drain(id: string): void {
    this.#edit(id, ({ spec, status }) => {
      spec.desiredPhase = DELETED;
      spec.specVersion++;
      status.phase = DELETING;
    });
    this.world.events.after(this.world.timings.poolDrain, () => this.remove(id));
  }

  /** Deletes a pool immediately. */
  remove(id: string): void {
    if (this.entry(id).object.status.phase === DELETED) return;
    this.#edit(id, ({ spec, status }) => {
      spec.desiredPhase = DELETED;
      status.phase = DELETED;
      status.desiredSize = 0;
      status.runningInstances = 0;
      status.stoppedInstances = 0;
    });
  }

  /** The runner reports a problem with a pool. */
  degrade(id: string, message: string): Pool {
    this.present(id);
    return this.#edit(id, ({ status }) => {
      status.phase = DEGRADED;
      status.failureMessage = message;
    });
  }

  /** The runner reports that the problem is solved. */
  recover(id: string): Pool {
    this.present(id);
    return this.#edit(id, ({ spec, status }) => {
      status.phase = spec.snapshotId === undefined ? PENDING : READY;
      status.failureMessage = "";
    });
  }

  /** The autoscaler requests another size, limited to the minimum and maximum. */
  scale(id: string, size: number): Pool {
    const { min, max } = bounds(this.present(id).object.spec);
    const pool = this.#edit(id, ({ status }) => {
      status.desiredSize = Math.min(Math.max(size, min), max);
    });
    this.#followDesiredSize(id);
    return pool;
  }

  /** Drains the pools that their project's configuration no longer allows. */
  enforceConfiguration(): void {
    for (const { id, metadata, status } of this.all()) {
      if (status.phase === DELETING || status.phase === DELETED) continue;
      const project = this.world.projects.find((candidate) => candidate.id === metadata.projectId);
      const listed = project?.environmentClasses.some((candidate) => candidate.id === metadata.environmentClassId);
      if (!project?.prebuildsEnabled || project.isBeingDeleted || !listed) this.drain(id);
    }
  }

  #refuseSecondPool({ projectId, environmentClassId }: NewPool): void {
    for (const { metadata, status } of this.all()) {
      if (metadata.projectId !== projectId || metadata.environmentClassId !== environmentClassId) continue;
      const pair = `project ${projectId} and environment class ${environmentClassId}`;
      if (status.phase === DELETING) {
        throw refusal(this.world.unknowns.createWhileDeleting, `the warm pool of ${pair} is still being deleted`);
      }
      if (status.phase !== DELETED) {
        throw refusal(this.world.unknowns.duplicatePair, `a warm pool of ${pair} already exists`);
      }
    }
  }

  #initialSizes({ minSize, maxSize, desiredSize }: Sizes): Sizes {
    if (minSize === undefined && maxSize === undefined) {
      if (desiredSize) return { minSize: desiredSize, maxSize: desiredSize, desiredSize };
      switch (this.world.unknowns.neitherSize) {
        case "oneToTwo":
          return { minSize: 1, maxSize: 2 };
        case "one":
          return { minSize: 1, maxSize: 1 };
        case "unset":
          return {};
        case "invalid_argument":
          throw refusal("invalid_argument", "min_size and max_size are required");
      }
    }
    const sizes = { minSize: minSize ?? Math.min(1, maxSize ?? 1), maxSize: maxSize ?? Math.max(2, minSize ?? 2) };
    this.#refuseCrossedSizes(sizes.minSize, sizes.maxSize);
    return sizes;
  }

  #refuseCrossedSizes(min: number, max: number): void {
    if (max >= min) return;
    throw refusal(this.world.unknowns.crossedSizes, `max_size ${max} must not be less than min_size ${min}`);
  }

  #becomeReadyLater(id: string): void {
    this.world.events.after(this.world.timings.poolReady, () => {
      if (this.find(id)?.status.phase !== PENDING) return;
      this.#edit(id, ({ spec, status }) => {
        const { min, max } = bounds(spec);
        status.phase = READY;
        status.desiredSize = min;
        status.runningInstances = min;
        status.stoppedInstances = max - min;
      });
      this.#autoscaleLater(id);
    });
  }

  #autoscaleLater(id: string): void {
    this.world.events.after(this.world.timings.poolAutoscale, () => {
      const entry = this.entry(id);
      const { phase } = entry.object.status;
      if (phase === DELETING || phase === DELETED) return;
      const { min, max } = bounds(entry.object.spec);
      const size = autoscaledSize(min, max, ++entry.autoscalerMoves);
      if (phase === READY && size !== entry.object.status.desiredSize) this.scale(id, size);
      this.#autoscaleLater(id);
    });
  }

  #followDesiredSize(id: string, after = this.world.timings.poolScaleOut): void {
    this.world.events.after(after, () => {
      const { status, spec } = this.entry(id).object;
      if (status.phase !== READY && status.phase !== DEGRADED) return;
      const stopped = Math.max(0, bounds(spec).max - status.desiredSize);
      if (status.runningInstances === status.desiredSize && status.stoppedInstances === stopped) return;
      this.#edit(id, (draft) => {
        draft.status.runningInstances = status.desiredSize;
        draft.status.stoppedInstances = stopped;
      });
    });
  }

  #takeSnapshot(snapshot: Snapshot): void {
    for (const { id, metadata, status } of this.all()) {
      if (metadata.projectId !== snapshot.projectId) continue;
      if (metadata.environmentClassId !== snapshot.environmentClassId) continue;
      if (status.phase === DELETING || status.phase === DELETED) continue;
      this.#edit(id, (draft) => {
        draft.spec.snapshotId = snapshot.id;
        draft.spec.specVersion++;
        draft.status.runningInstances = Math.floor(status.runningInstances / 2);
      });
      if (status.phase === PENDING) this.#becomeReadyLater(id);
      else this.#followDesiredSize(id, this.world.timings.poolRotate);
    }
  }

  #edit(id: string, edit: (draft: Pool) => void): Pool {
    const entry = this.entry(id);
    const { metadata, spec, status } = entry.object;
    const draft = { ...entry.object, metadata: { ...metadata }, spec: { ...spec }, status: { ...status } };
    edit(draft);
    draft.metadata.updatedAt = this.world.timestamp();
    draft.status.statusVersion++;
    entry.object = draft;
    this.#recordSizes(entry);
    return draft;
  }

  #recordSizes({ object: { status }, sizeHistory }: PoolEntry): void {
    const { phase, desiredSize: desired, runningInstances: running } = status;
    if (phase === DELETED) return void sizeHistory.splice(0);
    const last = sizeHistory.at(-1);
    if (last?.desired === desired && last.running === running) return;
    const at = this.world.events.now;
    if (last?.at === at) sizeHistory.pop();
    sizeHistory.push({ at, desired, running });
    if (sizeHistory.length > maxSizeChanges) sizeHistory.shift();
  }
}

/** The sizes between which a pool scales. In an old pool, both are the deprecated size. */
function bounds(spec: WarmPoolSpec): { min: number; max: number } {
  const min = spec.minSize ?? spec.desiredSize;
  return { min, max: Math.max(min, spec.maxSize ?? spec.desiredSize) };
}
