/** Pools and prebuilds as tests see them: plain values, phases without a prefix, always up to date. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  PrebuildMetadata_PrebuildTrigger as Trigger,
  PrebuildPhase,
  WarmPoolPhase,
} from "./gen/gitpod/v1/prebuild_pb.js";
import type { Pool } from "./pools.js";
import type { Prebuild } from "./prebuilds.js";

type PoolPhase = "UNSPECIFIED" | "PENDING" | "READY" | "DEGRADED" | "DELETING" | "DELETED";

type RunPhase =
  | "UNSPECIFIED"
  | "PENDING"
  | "STARTING"
  | "RUNNING"
  | "STOPPING"
  | "SNAPSHOTTING"
  | "COMPLETED"
  | "FAILED"
  | "CANCELLING"
  | "CANCELLED"
  | "DELETING"
  | "DELETED";

/** A pool. Its values are always the current ones. */
export interface SimulatedPool {
  readonly id: string;
  readonly projectId: string;
  readonly environmentClassId: string;
  readonly organizationId: string;
  readonly runnerId: string;
  readonly phase: PoolPhase;
  readonly failureMessage: string;
  readonly minSize: number | undefined;
  readonly maxSize: number | undefined;
  /** The deprecated size of old pools. 0 for others. */
  readonly oldSize: number;
  /** The size that the autoscaler requests. */
  readonly desiredSize: number;
  readonly runningInstances: number;
  readonly stoppedInstances: number;
  readonly snapshotId: string | undefined;
  readonly specVersion: string;
  readonly statusVersion: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A prebuild. Its values are always the current ones. */
export interface SimulatedPrebuild {
  readonly id: string;
  readonly projectId: string;
  readonly environmentClassId: string;
  readonly phase: RunPhase;
  readonly triggeredBy: "UNSPECIFIED" | "MANUAL" | "SCHEDULED";
  readonly creatorId: string;
  readonly timeoutSeconds: number;
  readonly failureMessage: string;
  readonly warningMessage: string;
  readonly logUrl: string;
  readonly environmentId: string;
  readonly snapshotCompletionPercentage: number;
  readonly snapshotSizeBytes: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | undefined;
}

/** A pool's current values. @internal */
export function viewOfPool({ id, metadata, spec, status }: Pool): SimulatedPool {
  return {
    id,
    projectId: metadata.projectId,
    environmentClassId: metadata.environmentClassId,
    organizationId: metadata.organizationId,
    runnerId: metadata.runnerId,
    phase: nameIn(WarmPoolPhase, status.phase),
    failureMessage: status.failureMessage,
    minSize: spec.minSize,
    maxSize: spec.maxSize,
    oldSize: spec.desiredSize,
    desiredSize: status.desiredSize,
    runningInstances: status.runningInstances,
    stoppedInstances: status.stoppedInstances,
    snapshotId: spec.snapshotId,
    specVersion: String(spec.specVersion),
    statusVersion: String(status.statusVersion),
    createdAt: isoTime(metadata.createdAt) ?? "",
    updatedAt: isoTime(metadata.updatedAt) ?? "",
  };
}

/** A prebuild's current values. @internal */
export function viewOfPrebuild({ id, metadata, spec, status }: Prebuild): SimulatedPrebuild {
  return {
    id,
    projectId: metadata.projectId,
    environmentClassId: metadata.environmentClassId,
    phase: nameIn(PrebuildPhase, status.phase),
    triggeredBy: nameIn(Trigger, metadata.triggeredBy),
    creatorId: metadata.creator?.id ?? "",
    timeoutSeconds: Number(spec.timeout?.seconds ?? 0n),
    failureMessage: status.failureMessage,
    warningMessage: status.warningMessage,
    logUrl: status.logUrl,
    environmentId: status.environmentId,
    snapshotCompletionPercentage: status.snapshotCompletionPercentage,
    snapshotSizeBytes: String(status.snapshotSizeBytes),
    createdAt: isoTime(metadata.createdAt) ?? "",
    updatedAt: isoTime(metadata.updatedAt) ?? "",
    completedAt: isoTime(status.completionTime),
  };
}

/** An object that reads its values again on each access. */
export function live<T extends object>(read: () => T): T {
  return new Proxy(read(), { get: (_first, name): unknown => Reflect.get(read(), name) });
}

function nameIn<E extends Record<string, string | number>>(names: E, value: number): Extract<keyof E, string> {
  for (const name in names) if (names[name] === value) return name;
  throw new Error(`no phase has the number ${value}`);
}

function isoTime(timestamp: Timestamp | undefined): string | undefined {
  if (timestamp === undefined) return undefined;
  const seconds = new Date(Number(timestamp.seconds) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(timestamp.nanos).padStart(9, "0")}Z`;
}
