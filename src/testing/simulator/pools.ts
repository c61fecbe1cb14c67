// The warm pools: their state, the rules by which calls change it, and how they move by themselves.
import { create } from "@bufbuild/protobuf";
import type { CodeName } from "./connect-codes.js";
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
import { autoscaled } from "./phase-schedule.js";
import type { Snapshot, Snapshots } from "./snapshots.js";
import type { World } from "./world.js";

/** A pool with all its parts, as the server has it. */
export type Pool = WarmPool & { metadata: WarmPoolMetadata; spec: WarmPoolSpec; status: WarmPoolStatus };

/** Sizes as a call gives them; what is left out is undefined. */
export interface Sizes {
  minSize?: number | undefined;
  maxSize?: number | undefined;
  /** What pools had before they had a minimum and a maximum. */
  desiredSize?: number | undefined;
}

export interface NewPool extends Sizes {
  projectId: string;
  environmentClassId: string;
}

interface Entry {
  readonly order: number;
  /** Replaced on every change, never changed itself: an answer under way keeps what it was given. */
  pool: Pool;
  moves: number;
}

const { PENDING, READY, DEGRADED, DELETING, DELETED } = WarmPoolPhase;

export class Pools {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly world: World,
    private readonly snapshots: Snapshots,
  ) {
    snapshots.onNew((snapshot) => this.takeSnapshot(snapshot));
  }

  /** Every pool there has been, the deleted ones too, in the order of creation. */
  all(): Pool[] {
    return [...this.entries.values()].map((entry) => entry.pool);
  }

  /** The place of a pool in the order of creation. */
  order(pool: Pool): number {
    return this.entries.get(pool.id)?.order ?? -1;
  }

  /** The pool with that id, deleted or not. */
  find(id: string): Pool | undefined {
    return this.entries.get(id)?.pool;
  }

  /** What Get answers. */
  get(id: string): Pool {
    const { pool } = this.entry(id);
    if (pool.status.phase === DELETED && this.world.unknowns.deletedPool === "not_found") throw notFound(id);
    return pool;
  }

  create(input: NewPool): Pool {
    const { world } = this;
    const environmentClass = world.environmentClass(world.project(input.projectId), input.environmentClassId);
    this.refuseSecond(input);
    const spec = create(WarmPoolSpecSchema, { specVersion: 1n, desiredPhase: READY });
    Object.assign(spec, this.firstSizes(input));
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
    const snapshot = this.snapshots.latest(input.projectId, environmentClass.id);
    if (snapshot !== undefined) pool.spec.snapshotId = snapshot.id;
    this.entries.set(pool.id, { order: this.entries.size, pool, moves: 0 });
    if (snapshot !== undefined) this.becomeReadyLater(pool.id);
    return pool;
  }

  /** Makes a pool of the old kind, which has only the deprecated size. */
  createOld(input: NewPool & { desiredSize: number }): Pool {
    const { id } = this.create(input);
    return this.change(id, ({ spec }) => {
      delete spec.minSize;
      delete spec.maxSize;
      spec.desiredSize = input.desiredSize;
    });
  }

  update(id: string, sizes: Sizes): Pool {
    const { status, spec } = this.present(id);
    const whileDeleting = this.world.unknowns.updateWhileDeleting;
    if (status.phase === DELETING && whileDeleting !== "ok") {
      throw refusal(whileDeleting, `warm pool ${id} is being deleted`);
    }
    const wanted = { minSize: sizes.minSize ?? sizes.desiredSize, maxSize: sizes.maxSize ?? sizes.desiredSize };
    const live = bounds(spec);
    const [min, max] = [wanted.minSize ?? live.min, wanted.maxSize ?? live.max];
    this.refuseCrossed(min, max);
    if (wanted.minSize === undefined && wanted.maxSize === undefined) return this.get(id);
    const pool = this.change(id, (draft) => {
      draft.spec.specVersion++;
      draft.spec.minSize = min;
      draft.spec.maxSize = max;
      draft.spec.desiredSize = sizes.desiredSize ?? 0;
      draft.status.desiredSize = Math.min(Math.max(draft.status.desiredSize, min), max);
      draft.status.stoppedInstances = Math.max(0, max - draft.status.runningInstances);
    });
    this.followDesiredSize(id);
    return pool;
  }

  /** Begins to drain a pool, as DeleteWarmPool does. */
  delete(id: string): void {
    const { phase } = this.present(id).status;
    const again = this.world.unknowns.deleteAgain;
    if (phase !== DELETING) return this.drain(id);
    if (again !== "ok") throw refusal(again, `warm pool ${id} is already being deleted`);
  }

  /** Drains a pool without being asked. */
  drain(id: string): void {
    this.change(id, ({ spec, status }) => {
      spec.desiredPhase = DELETED;
      spec.specVersion++;
      status.phase = DELETING;
    });
    this.world.agenda.after(this.world.timings.poolDrain, () => this.remove(id));
  }

  /** The pool is gone at once. */
  remove(id: string): void {
    if (this.entry(id).pool.status.phase === DELETED) return;
    this.change(id, ({ spec, status }) => {
      spec.desiredPhase = DELETED;
      status.phase = DELETED;
      status.desiredSize = 0;
      status.runningInstances = 0;
      status.stoppedInstances = 0;
    });
  }

  /** The runner reports a problem. */
  degrade(id: string, message: string): Pool {
    this.present(id);
    return this.change(id, ({ status }) => {
      status.phase = DEGRADED;
      status.failureMessage = message;
    });
  }

  /** The runner reports that the problem is over. */
  recover(id: string): Pool {
    this.present(id);
    return this.change(id, ({ spec, status }) => {
      status.phase = spec.snapshotId === undefined ? PENDING : READY;
      status.failureMessage = "";
    });
  }

  /** The autoscaler wants another size, between minimum and maximum. */
  scale(id: string, size: number): Pool {
    const { min, max } = bounds(this.present(id).spec);
    const pool = this.change(id, ({ status }) => {
      status.desiredSize = Math.min(Math.max(size, min), max);
    });
    this.followDesiredSize(id);
    return pool;
  }

  /** Drains the pools that a project's configuration no longer allows. */
  enforceConfiguration(): void {
    for (const { id, metadata, status } of this.all()) {
      if (status.phase === DELETING || status.phase === DELETED) continue;
      const project = this.world.projects.find((candidate) => candidate.id === metadata.projectId);
      const listed = project?.environmentClasses.some((candidate) => candidate.id === metadata.environmentClassId);
      if (!project?.prebuildsEnabled || !listed) this.drain(id);
    }
  }

  private entry(id: string): Entry {
    const entry = this.entries.get(id);
    if (entry === undefined) throw notFound(id);
    return entry;
  }

  private present(id: string): Pool {
    const { pool } = this.entry(id);
    if (pool.status.phase === DELETED) throw notFound(id);
    return pool;
  }

  private refuseSecond({ projectId, environmentClassId }: NewPool): void {
    for (const { pool } of this.entries.values()) {
      const { metadata, status } = pool;
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

  private firstSizes({ minSize, maxSize, desiredSize }: Sizes): Sizes {
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
    this.refuseCrossed(sizes.minSize, sizes.maxSize);
    return sizes;
  }

  private refuseCrossed(min: number, max: number): void {
    const code: CodeName = this.world.unknowns.crossedSizes;
    if (max < min) throw refusal(code, `max_size ${max} must not be less than min_size ${min}`);
  }

  private becomeReadyLater(id: string): void {
    this.world.agenda.after(this.world.timings.poolReady, () => {
      if (this.find(id)?.status.phase !== PENDING) return;
      this.change(id, ({ spec, status }) => {
        const { min, max } = bounds(spec);
        status.phase = READY;
        status.desiredSize = min;
        status.runningInstances = min;
        status.stoppedInstances = max - min;
      });
      this.autoscaleLater(id);
    });
  }

  private autoscaleLater(id: string): void {
    this.world.agenda.after(this.world.timings.poolAutoscale, () => {
      const entry = this.entry(id);
      const { phase } = entry.pool.status;
      if (phase === DELETING || phase === DELETED) return;
      const { min, max } = bounds(entry.pool.spec);
      const size = autoscaled(min, max, ++entry.moves);
      if (phase === READY && size !== entry.pool.status.desiredSize) this.scale(id, size);
      this.autoscaleLater(id);
    });
  }

  private followDesiredSize(id: string, after = this.world.timings.poolScaleOut): void {
    this.world.agenda.after(after, () => {
      const { status, spec } = this.entry(id).pool;
      if (status.phase !== READY && status.phase !== DEGRADED) return;
      const stopped = Math.max(0, bounds(spec).max - status.desiredSize);
      if (status.runningInstances === status.desiredSize && status.stoppedInstances === stopped) return;
      this.change(id, (draft) => {
        draft.status.runningInstances = status.desiredSize;
        draft.status.stoppedInstances = stopped;
      });
    });
  }

  private takeSnapshot(snapshot: Snapshot): void {
    for (const { id, metadata, status } of this.all()) {
      if (metadata.projectId !== snapshot.projectId) continue;
      if (metadata.environmentClassId !== snapshot.environmentClassId) continue;
      if (status.phase === DELETING || status.phase === DELETED) continue;
      this.change(id, (draft) => {
        draft.spec.snapshotId = snapshot.id;
        draft.spec.specVersion++;
        draft.status.runningInstances = Math.floor(status.runningInstances / 2);
      });
      if (status.phase === PENDING) this.becomeReadyLater(id);
      else this.followDesiredSize(id, this.world.timings.poolRotate);
    }
  }

  private change(id: string, edit: (draft: Pool) => void): Pool {
    const entry = this.entry(id);
    const { metadata, spec, status } = entry.pool;
    const draft = { ...entry.pool, metadata: { ...metadata }, spec: { ...spec }, status: { ...status } };
    edit(draft);
    draft.metadata.updatedAt = this.world.timestamp();
    draft.status.statusVersion++;
    entry.pool = draft;
    return draft;
  }
}

/** The sizes between which a pool moves; an old pool has the same for both. */
export function bounds(spec: WarmPoolSpec): { min: number; max: number } {
  const min = spec.minSize ?? spec.desiredSize;
  return { min, max: Math.max(min, spec.maxSize ?? spec.desiredSize) };
}

function notFound(id: string): Error {
  return refusal("not_found", `warm pool ${id} not found`);
}
