/** A warm pool in its forms: declared inputs, API message, and state. */
import { type WarmPoolMessage } from "../../src/client/index.js";
import type { WarmPoolInputs } from "../../src/warm-pool/inputs.js";
import type { WarmPoolDetails } from "../../src/warm-pool/outputs.js";
import type { WarmPoolState } from "../../src/warm-pool/state.js";
import { epoch } from "./fake-clock.js";
import { environmentClassId, poolId, projectId } from "./messages.js";

/** The declared inputs. */
export function declared(overrides: Partial<WarmPoolInputs> = {}): WarmPoolInputs {
  return { projectId, environmentClassId, minSize: 1, maxSize: 4, ...overrides };
}

export type Live = Partial<WarmPoolDetails>;

/** Builds a pool as the API returns it: by default READY, with a snapshot and the sizes of {@link declared}. */
export function live(overrides: Live = {}): WarmPoolMessage {
  const pool = { ...details(), ...overrides };
  return {
    id: pool.id,
    metadata: {
      organizationId: pool.organizationId,
      projectId: pool.projectId,
      environmentClassId: pool.environmentClassId,
      runnerId: pool.runnerId,
      createdAt: pool.createdAt,
      updatedAt: pool.updatedAt,
    },
    spec: {
      specVersion: "1",
      desiredSize: undefined,
      snapshotId: pool.snapshotId,
      desiredPhase: "READY",
      minSize: pool.minSize,
      maxSize: pool.maxSize,
    },
    status: {
      phase: pool.phase,
      failureMessage: pool.failureMessage,
      statusVersion: "1",
      runningInstances: pool.runningInstances,
      stoppedInstances: pool.stoppedInstances,
      desiredSize: pool.desiredSize,
    },
  };
}

/** The pool of {@link live} as the lifecycle represents it. */
export function details(overrides: Live = {}): WarmPoolDetails {
  return {
    id: poolId,
    projectId,
    environmentClassId,
    createdAt: new Date(epoch).toISOString(),
    phase: "READY",
    snapshotId: "8a2b3c4d-5e6f-4a7b-8c1d-2e3f4a5b6c7d",
    minSize: 1,
    maxSize: 4,
    desiredSize: 1,
    runningInstances: 1,
    stoppedInstances: 0,
    ...overrides,
  };
}

/** The state of the pool of {@link live}, declared as in {@link declared}. */
export function kept(overrides: Partial<WarmPoolState> = {}): WarmPoolState {
  const { id: _, ...pool } = details();
  return { ...pool, __managed: ["minSize", "maxSize"], __version: 1, ...overrides };
}
