/**
 * The messages of `gitpod.v1.PrebuildService` on the wire (protobuf JSON mapping), and the types that they are parsed
 * into.
 *
 * Zero values are missing on the wire and filled in here. `null` equals missing. Unknown fields are dropped and unknown
 * enum values kept as strings, so that a newer API does not break a read. 64-bit integers stay exact as decimal
 * strings, times as the RFC 3339 string sent.
 */
import * as z from "zod/mini";
import { sanitize } from "../util/text.js";

/** Parses JSON, with integers beyond 2^53 as strings so that they lose no digits. */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  // Node's types lack the third argument.
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    Number.isSafeInteger(value) || !/^-?\d+$/.test(context?.source ?? "") ? value : context?.source;
  return JSON.parse(text, revive);
}

const withDefault = <T extends z.ZodMiniType, const F>(schema: T, fallback: F) =>
  z.pipe(
    z.nullish(schema),
    z.transform((value: z.output<T> | null | undefined) => value ?? fallback),
  );

const optional = <T extends z.ZodMiniType>(schema: T) => withDefault(schema, undefined);

/** A part of a message. If it is missing, all its fields are. */
const part = <T extends z.ZodMiniObject>(schema: T) => withDefault(schema, z.parse(schema, {}));

const text = withDefault(z.string(), "");
/** An id or a time. It is printed, so it must not contain control characters. */
const label = z.pipe(text, z.transform(sanitize));
/** Missing fields that are optional in protobuf, and empty strings. */
const emptyToUndefined = z.transform((value: string) => value || undefined);
const optionalText = z.pipe(text, emptyToUndefined);
const optionalLabel = z.pipe(label, emptyToUndefined);
/** The id of an object, which must be there. */
const id = label.check(z.minLength(1));

const int32 = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^-?\d+$/))]),
  z.transform((value) => Number(value)),
);
const count = withDefault(int32, 0);

const int64 = z.pipe(
  z.union([z.string().check(z.regex(/^-?\d+$/)), z.number().check(z.refine((value) => Number.isSafeInteger(value)))]),
  z.transform((value) => BigInt(value).toString()),
);

/** An enum: its names without the common prefix. Known numbers become names. */
const enumeration = <const Name extends string>(prefix: string, numbers: Readonly<Record<number, Name>>) =>
  z.pipe(
    z.nullish(z.union([z.string(), z.number()])),
    z.transform((value): Name | (string & {}) => {
      if (value === null || value === undefined) return numbers[0] ?? "UNSPECIFIED";
      if (typeof value === "number") return numbers[value] ?? String(value);
      // A name is printed, so it must not contain control characters.
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

const subject = z.object({ id: optionalLabel, principal });

const warmPool = z.object({
  id,
  metadata: part(
    z.object({
      organizationId: optionalLabel,
      projectId: label,
      environmentClassId: label,
      runnerId: optionalLabel,
      createdAt: optionalLabel,
      updatedAt: optionalLabel,
    }),
  ),
  spec: part(
    z.object({
      specVersion: withDefault(int64, "0"),
      /** Deprecated by the API. Pools that have only this have min = max = desiredSize. */
      desiredSize: optional(int32),
      snapshotId: optionalLabel,
      desiredPhase: warmPoolPhase,
      minSize: optional(int32),
      maxSize: optional(int32),
    }),
  ),
  status: part(
    z.object({
      phase: warmPoolPhase,
      failureMessage: optionalText,
      statusVersion: withDefault(int64, "0"),
      runningInstances: count,
      stoppedInstances: count,
      desiredSize: count,
    }),
  ),
});

const prebuild = z.object({
  id,
  metadata: optional(
    z.object({
      organizationId: optionalLabel,
      projectId: label,
      environmentClassId: optionalLabel,
      creator: optional(subject),
      createdAt: optionalLabel,
      updatedAt: optionalLabel,
      triggeredBy: prebuildTrigger,
      executor: optional(subject),
    }),
  ),
  spec: optional(
    z.object({ specVersion: withDefault(int64, "0"), desiredPhase: prebuildPhase, timeout: optionalLabel }),
  ),
  status: optional(
    z.object({
      phase: prebuildPhase,
      completionTime: optionalLabel,
      failureMessage: optionalText,
      logUrl: optionalText,
      environmentId: optionalLabel,
      statusVersion: withDefault(int64, "0"),
      warningMessage: optionalText,
      snapshotCompletionPercentage: count,
      snapshotSizeBytes: withDefault(int64, "0"),
    }),
  ),
});

const pagination = part(z.object({ nextToken: text }));

const warmPoolResponse = z.object({ warmPool });
const prebuildResponse = z.object({ prebuild });
const emptyResponse = z.object({});

export const responses = {
  CreateWarmPool: warmPoolResponse,
  GetWarmPool: warmPoolResponse,
  UpdateWarmPool: warmPoolResponse,
  DeleteWarmPool: emptyResponse,
  ListWarmPools: z.object({ pagination, warmPools: withDefault(z.array(warmPool), []) }),
  CreatePrebuild: prebuildResponse,
  GetPrebuild: prebuildResponse,
  CancelPrebuild: prebuildResponse,
  DeletePrebuild: emptyResponse,
  ListPrebuilds: z.object({ pagination, prebuilds: withDefault(z.array(prebuild), []) }),
  CreatePrebuildLogsToken: z.object({ accessToken: z.string().check(z.minLength(1)) }),
} as const;

/** An RPC of `gitpod.v1.PrebuildService`. */
export type Rpc = keyof typeof responses;

export type ResponseOf<R extends Rpc> = z.output<(typeof responses)[R]>;

export type WarmPoolMessage = z.output<typeof warmPool>;

export type PrebuildMessage = z.output<typeof prebuild>;

const connectErrorDetail = z.object({ type: text, value: text });

/** A detail of a Connect error: the type's full name and the message in base64, padded or not. */
export type ConnectErrorDetail = z.output<typeof connectErrorDetail>;

/** An error body of the Connect protocol. */
export const connectError = z.object({
  code: z.string(),
  message: text,
  // An unknown form of detail must not hide the error that carries it.
  details: withDefault(z.array(z.catch(connectErrorDetail, { type: "", value: "" })), []),
});
