/**
 * The messages of `gitpod.v1.PrebuildService` as they come over the wire (protobuf JSON mapping), and the types that they become.
 *
 * Zero values are left out on the wire and filled in here; `null` equals absent; unknown fields are dropped and unknown enum values kept as text, so that a newer
 * API does not break a read. 64-bit integers stay exact as decimal strings. Times stay the RFC 3339 text that was sent, with all its decimals.
 */
import * as z from "zod/mini";
import { sanitize } from "../util/text.js";

const or = <T extends z.ZodMiniType, const F>(schema: T, fallback: F) =>
  z.pipe(
    z.nullish(schema),
    z.transform((value: z.output<T> | null | undefined) => value ?? fallback),
  );

const absentable = <T extends z.ZodMiniType>(schema: T) => or(schema, undefined);

const text = or(z.string(), "");
/** A field that protobuf marks optional, or a string whose emptiness means absence. */
const optionalText = z.pipe(
  z.nullish(z.string()),
  z.transform((value) => value || undefined),
);

/** An id or a time, as {@link optionalText}. It goes into lines for people, so one that is none must not steer a terminal. */
const optionalWord = z.pipe(
  z.nullish(z.string()),
  z.transform((value) => sanitize(value ?? "") || undefined),
);
const word = z.pipe(
  optionalWord,
  z.transform((value) => value ?? ""),
);
/** The id of an object, without which it is none. */
const id = word.check(z.minLength(1));

const int32 = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^-?\d+$/))]),
  z.transform((value) => Number(value)),
);
const count = or(int32, 0);

const int64 = z.pipe(
  z.union([z.string().check(z.regex(/^-?\d+$/)), z.number().check(z.refine((value) => Number.isSafeInteger(value)))]),
  z.transform((value) => BigInt(value).toString()),
);

/** An enum: its value names without the common prefix; numbers that have a name get it. */
const enumeration = <const Name extends string>(prefix: string, numbers: Readonly<Record<number, Name>>) =>
  z.pipe(
    z.nullish(z.union([z.string(), z.number()])),
    z.transform((value): Name | (string & {}) => {
      if (value === null || value === undefined) return numbers[0] ?? "UNSPECIFIED";
      if (typeof value === "number") return numbers[value] ?? String(value);
      // A name goes into lines for people, so one that is none must not steer a terminal.
      return sanitize(value.startsWith(prefix) ? value.slice(prefix.length) : value);
    }),
  );

const warmPoolPhase = enumeration("WARM_POOL_PHASE_", {
  0: "UNSPECIFIED",
  10: "PENDING",
  20: "READY",
  30: "DEGRADED",
  40: "DELETING",
  50: "DELETED",
});

const prebuildPhase = enumeration("PREBUILD_PHASE_", {
  0: "UNSPECIFIED",
  10: "PENDING",
  20: "STARTING",
  30: "RUNNING",
  40: "STOPPING",
  50: "SNAPSHOTTING",
  60: "COMPLETED",
  70: "FAILED",
  75: "CANCELLING",
  80: "CANCELLED",
  85: "DELETING",
  90: "DELETED",
});

const prebuildTrigger = enumeration("PREBUILD_TRIGGER_", { 0: "UNSPECIFIED", 1: "MANUAL", 2: "SCHEDULED" });

const principal = enumeration("PRINCIPAL_", {
  0: "UNSPECIFIED",
  1: "ACCOUNT",
  2: "USER",
  3: "RUNNER",
  4: "ENVIRONMENT",
  5: "SERVICE_ACCOUNT",
  6: "RUNNER_MANAGER",
});

const subject = z.object({ id: optionalWord, principal });

const warmPool = z.object({
  id,
  metadata: or(
    z.object({
      organizationId: optionalWord,
      projectId: word,
      environmentClassId: word,
      runnerId: optionalWord,
      createdAt: optionalWord,
      updatedAt: optionalWord,
    }),
    {
      organizationId: undefined,
      projectId: "",
      environmentClassId: "",
      runnerId: undefined,
      createdAt: undefined,
      updatedAt: undefined,
    },
  ),
  spec: or(
    z.object({
      specVersion: or(int64, "0"),
      /** Deprecated by the API: pools that carry only this mean min = max = desiredSize. */
      desiredSize: absentable(int32),
      snapshotId: optionalWord,
      desiredPhase: warmPoolPhase,
      minSize: absentable(int32),
      maxSize: absentable(int32),
    }),
    {
      specVersion: "0",
      desiredSize: undefined,
      snapshotId: undefined,
      desiredPhase: "UNSPECIFIED",
      minSize: undefined,
      maxSize: undefined,
    },
  ),
  status: or(
    z.object({
      phase: warmPoolPhase,
      failureMessage: optionalText,
      statusVersion: or(int64, "0"),
      runningInstances: count,
      stoppedInstances: count,
      desiredSize: count,
    }),
    {
      phase: "UNSPECIFIED",
      failureMessage: undefined,
      statusVersion: "0",
      runningInstances: 0,
      stoppedInstances: 0,
      desiredSize: 0,
    },
  ),
});

const prebuild = z.object({
  id,
  metadata: or(
    z.object({
      organizationId: optionalWord,
      projectId: word,
      environmentClassId: optionalWord,
      creator: absentable(subject),
      createdAt: optionalWord,
      updatedAt: optionalWord,
      triggeredBy: prebuildTrigger,
      executor: absentable(subject),
    }),
    undefined,
  ),
  spec: absentable(z.object({ specVersion: or(int64, "0"), desiredPhase: prebuildPhase, timeout: optionalWord })),
  status: absentable(
    z.object({
      phase: prebuildPhase,
      completionTime: optionalWord,
      failureMessage: optionalText,
      logUrl: optionalText,
      environmentId: optionalWord,
      statusVersion: or(int64, "0"),
      warningMessage: optionalText,
      snapshotCompletionPercentage: count,
      snapshotSizeBytes: or(int64, "0"),
    }),
  ),
});

const pagination = or(z.object({ nextToken: text }), { nextToken: "" });

const oneWarmPool = z.object({ warmPool });
const onePrebuild = z.object({ prebuild });
const nothing = z.object({});

/** The response of each RPC. */
export const responses = {
  CreateWarmPool: oneWarmPool,
  GetWarmPool: oneWarmPool,
  UpdateWarmPool: oneWarmPool,
  DeleteWarmPool: nothing,
  ListWarmPools: z.object({ pagination, warmPools: or(z.array(warmPool), []) }),
  CreatePrebuild: onePrebuild,
  GetPrebuild: onePrebuild,
  CancelPrebuild: onePrebuild,
  DeletePrebuild: nothing,
  ListPrebuilds: z.object({ pagination, prebuilds: or(z.array(prebuild), []) }),
  CreatePrebuildLogsToken: z.object({ accessToken: z.string().check(z.minLength(1)) }),
} as const;

/** An RPC of `gitpod.v1.PrebuildService`. */
export type Rpc = keyof typeof responses;

/** The response of the RPC `R`. */
export type ResponseOf<R extends Rpc> = z.output<(typeof responses)[R]>;

/** A warm pool as the API describes it (`gitpod.v1.WarmPool`). */
export type WarmPoolMessage = z.output<typeof warmPool>;

/** A prebuild as the API describes it (`gitpod.v1.Prebuild`). */
export type PrebuildMessage = z.output<typeof prebuild>;

/** An error body of the Connect protocol. */
export const connectError = z.object({
  code: z.string(),
  message: or(z.string(), ""),
  // A detail of another form says nothing, and must not hide the error that carries it.
  details: or(z.array(z.catch(z.object({ type: text, value: text }), { type: "", value: "" })), []),
});
