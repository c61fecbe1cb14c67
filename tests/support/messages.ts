/** API messages in wire format. */

export const poolId = "0b3f1c52-7a64-4a39-9d6e-0d6f3a1f8a01";
export const projectId = "b0e12f6c-4c67-429d-a4a6-d9838b5da047";
export const environmentClassId = "3f0a8f5e-1a57-4f7c-8c4c-2c1d9c1b6a55";
export const prebuildId = "5d3a3a86-7f0e-4f43-8b0f-2a4e5f9c7d10";

/** A pool in wire format, with all fields. */
export const wirePool = {
  id: poolId,
  metadata: {
    organizationId: "6e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b",
    projectId,
    environmentClassId,
    runnerId: "7f1a2b3c-4d5e-4f6a-9b0c-1d2e3f4a5b6c",
    createdAt: "2026-03-01T12:00:00.123456789Z",
    updatedAt: "2026-03-01T12:00:05.000000001Z",
  },
  spec: {
    specVersion: "3",
    snapshotId: "8a2b3c4d-5e6f-4a7b-8c1d-2e3f4a5b6c7d",
    desiredPhase: "WARM_POOL_PHASE_READY",
    minSize: 1,
    maxSize: 4,
  },
  status: {
    phase: "WARM_POOL_PHASE_READY",
    failureMessage: "none really",
    statusVersion: "7",
    runningInstances: 1,
    stoppedInstances: 2,
    desiredSize: 3,
  },
};

/** {@link wirePool} as the client parses it. */
export const parsedPool = {
  ...wirePool,
  spec: { ...wirePool.spec, desiredPhase: "READY", desiredSize: undefined },
  status: { ...wirePool.status, phase: "READY" },
};

/** A prebuild in wire format, with all fields. */
export const wirePrebuild = {
  id: prebuildId,
  metadata: {
    organizationId: "6e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b",
    projectId,
    environmentClassId,
    creator: { id: "9b3c4d5e-6f7a-4b8c-9d2e-3f4a5b6c7d8e", principal: "PRINCIPAL_USER" },
    createdAt: "2026-03-01T12:00:00.123456789Z",
    updatedAt: "2026-03-01T12:10:00Z",
    triggeredBy: "PREBUILD_TRIGGER_SCHEDULED",
    executor: { id: "ac4d5e6f-7a8b-4c9d-8e3f-4a5b6c7d8e9f", principal: "PRINCIPAL_SERVICE_ACCOUNT" },
  },
  spec: { specVersion: "1", desiredPhase: "PREBUILD_PHASE_COMPLETED", timeout: "3600s" },
  status: {
    phase: "PREBUILD_PHASE_SNAPSHOTTING",
    completionTime: "2026-03-01T12:10:00.5Z",
    failureMessage: "f",
    logUrl: "https://logs.example/1",
    environmentId: "bd5e6f7a-8b9c-4d0e-9f4a-5b6c7d8e9fa0",
    statusVersion: "12",
    warningMessage: "w",
    snapshotCompletionPercentage: 40,
    snapshotSizeBytes: "9007199254740993",
  },
};

/** {@link wirePrebuild} as the client parses it. */
export const parsedPrebuild = {
  ...wirePrebuild,
  metadata: {
    ...wirePrebuild.metadata,
    creator: { ...wirePrebuild.metadata.creator, principal: "USER" },
    executor: { ...wirePrebuild.metadata.executor, principal: "SERVICE_ACCOUNT" },
    triggeredBy: "SCHEDULED",
  },
  spec: { ...wirePrebuild.spec, desiredPhase: "COMPLETED" },
  status: { ...wirePrebuild.status, phase: "SNAPSHOTTING" },
};
