/** A prebuild in its forms: declared inputs, API message, and state. */
import type { IdentityMessage, PrebuildMessage } from "../../src/client/index.js";
import { parseGoDuration } from "../../src/util/duration.js";
import type { PrebuildDetails } from "../../src/prebuild/outputs.js";
import type { PrebuildInputs } from "../../src/prebuild/properties.js";
import type { PrebuildState } from "../../src/prebuild/state.js";
import { epoch } from "./fake-clock.js";
import { environmentClassId, prebuildId, projectId } from "./messages.js";

/** The creator of the tests' prebuilds, and another user. */
export const creatorId = "9b3c4d5e-6f7a-4b8c-9d2e-3f4a5b6c7d8e";
export const colleagueId = "ac4d5e6f-7a8b-4c9d-8e3f-4a5b6c7d8e9f";
export const logUrl = "https://logs.example/1";

/** The identity of a token, by default of {@link creatorId}. */
export function identity(subject: Partial<IdentityMessage["subject"]> = {}): IdentityMessage {
  return {
    subject: { id: creatorId, principal: "USER", ...subject },
    organizationId: undefined,
    organizationTier: undefined,
  };
}

/** The declared inputs. */
export function declared(overrides: Partial<PrebuildInputs> = {}): PrebuildInputs {
  return { projectId, environmentClassId, timeout: "45m", ...overrides };
}

/** Inputs that leave the class and the timeout to the API. */
export const bare: PrebuildInputs = { projectId };

/** Properties of a prebuild. Undefined ones are absent. */
export type Live = { readonly [Name in keyof PrebuildDetails]?: PrebuildDetails[Name] | undefined };

/** Builds a prebuild as the API returns it: by default COMPLETED and as {@link declared}. */
export function live(overrides: Live = {}): PrebuildMessage {
  const run = { ...details(), ...overrides };
  const subject = (id: string | undefined) => (id === undefined ? undefined : { id, principal: "USER" as const });
  const seconds = run.timeout === undefined ? undefined : (parseGoDuration(run.timeout) ?? NaN) / 1_000;
  return {
    id: run.id ?? prebuildId,
    metadata: {
      organizationId: run.organizationId,
      projectId: run.projectId ?? "",
      environmentClassId: run.environmentClassId,
      creator: subject(run.creatorId),
      createdAt: run.createdAt,
      updatedAt: run.updatedAt,
      triggeredBy: run.triggeredBy ?? "UNSPECIFIED",
      executor: subject(run.executorId),
    },
    spec: {
      specVersion: "1",
      desiredPhase: "COMPLETED",
      timeout: seconds === undefined ? undefined : `${seconds}s`,
    },
    status: {
      phase: run.phase ?? "UNSPECIFIED",
      completionTime: run.completedAt,
      failureMessage: run.failureMessage,
      logUrl: run.logUrl,
      environmentId: run.environmentId,
      statusVersion: "1",
      warningMessage: run.warningMessage,
      snapshotCompletionPercentage: run.snapshotCompletionPercentage ?? 0,
      snapshotSizeBytes: run.snapshotSizeBytes ?? "0",
    },
  };
}

/** Builds a run that has just started. */
export const pending = (overrides: Live = {}) => running({ phase: "PENDING", ...overrides });

/** Builds a run in progress, RUNNING by default. */
export function running(overrides: Live = {}): PrebuildMessage {
  return live({ phase: "RUNNING", snapshotSizeBytes: "0", snapshotCompletionPercentage: 0, ...overrides });
}

/** The prebuild of {@link live} as the lifecycle represents it. */
export function details(overrides: Partial<PrebuildDetails> = {}): PrebuildDetails {
  return {
    id: prebuildId,
    projectId,
    environmentClassId,
    timeout: "45m",
    phase: "COMPLETED",
    triggeredBy: "MANUAL",
    creatorId,
    createdAt: new Date(epoch).toISOString(),
    logUrl,
    // More than a JavaScript number can hold exactly.
    snapshotSizeBytes: "9007199254740993",
    ...overrides,
  };
}

/** The state of the prebuild of {@link live}, declared as in {@link declared}. */
export function kept(overrides: Partial<PrebuildState> = {}): PrebuildState {
  const { id: _, ...run } = details();
  return { ...run, expired: false, __managed: ["environmentClassId", "timeout"], __version: 1, ...overrides };
}
