/**
 * The messages of the API on the wire (protobuf JSON mapping), and the types that they are parsed into.
 *
 * Zero values are missing on the wire and filled in here. `null` equals missing. Unknown fields are dropped and unknown
 * enum values kept as strings, so that a newer API does not break a read. 64-bit integers stay exact as decimal
 * strings, times as the RFC 3339 string sent. Every text is cleaned, and every number and list is bounded: the result
 * is safe to print and to store.
 */
import * as z from "zod/mini";
import { maxSecretLength } from "../util/text.js";
import { normalizeId } from "../util/uuid.js";

/** Makes a text printable, without secrets, and truncates it. */
export type Clean = (text: string, maxLength?: number) => string;

/** How many objects a page may have. We ask for 100 (`PaginationRequest.page_size`). */
const maxPageLength = 1_000;
/** The details of an error that are read. */
const maxDetails = 100;
/** The length of ids, times and names, in characters. */
const maxLabelLength = 200;
const maxUrlLength = 4_096;
const maxPageTokenLength = 16_384;

// A string, or a number that is so long that it may lose digits.
const stringOrLongNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g;

/** Parses JSON, with long integers as strings so that they lose no digits. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Not with a reviver, which takes half a minute and gigabytes for the largest body. The pattern takes as long on a
  // string that does not end, which the first parse has refused.
  return /\d{16}/.test(text)
    ? JSON.parse(text.replace(stringOrLongNumber, (part) => (/^-?\d+$/.test(part) ? `"${part}"` : part)))
    : value;
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
/** Missing fields that are optional in protobuf, and empty strings. */
const emptyToUndefined = z.transform((value: string) => value || undefined);

/** A number or its text, or an issue that says what it should be. */
const numeric = <T>(what: string, parse: (value: unknown) => T | undefined) =>
  z.pipe(
    z.unknown(),
    z.transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: "custom", message: `not ${what}`, input: value });
      return z.NEVER;
    }),
  );

function parseInt32(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  // Adding 0 turns -0 into 0.
  return typeof number === "number" && (number | 0) === number ? number + 0 : undefined;
}

const flag = withDefault(z.boolean(), false);
const int32 = numeric("a whole number of 32 bits", parseInt32);
const count = withDefault(int32, 0);

const int64 = numeric("a whole number of 64 bits", (value) => {
  const digits = Number.isSafeInteger(value) ? String(value) : value;
  // Bounded first: BigInt takes long on millions of digits.
  return typeof digits === "string" && /^-?\d{1,20}$/.test(digits) ? BigInt(digits).toString() : undefined;
});

/** The names of an enum, without their common prefix. */
const named = <const Name extends string>(prefix: string, names: Readonly<Record<number, Name>>) => ({ prefix, names });

const warmPoolPhase = named("WARM_POOL_PHASE_", {
  0: "UNSPECIFIED",
  10: "PENDING",
  20: "READY",
  30: "DEGRADED",
  40: "DELETING",
  50: "DELETED",
});

const prebuildPhase = named("PREBUILD_PHASE_", {
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

const prebuildTrigger = named("PREBUILD_TRIGGER_", { 0: "UNSPECIFIED", 1: "MANUAL", 2: "SCHEDULED" });

const principal = named("PRINCIPAL_", {
  0: "UNSPECIFIED",
  1: "ACCOUNT",
  2: "USER",
  3: "RUNNER",
  4: "ENVIRONMENT",
  5: "SERVICE_ACCOUNT",
  6: "RUNNER_MANAGER",
});

const projectPhase = named("PROJECT_PHASE_", { 0: "UNSPECIFIED", 1: "ACTIVE", 2: "DELETED" });

/** A token of a log. It is sent in a header, and never printed. */
const accessToken = z.string().check(z.regex(/^[\x21-\x7e]+$/), z.maxLength(maxSecretLength, "too long"));

/** A page of objects. The number of objects is checked first, since each wrong one is an issue. */
const pageOf = <T extends z.ZodMiniType>(item: T) =>
  withDefault(
    z.pipe(z.array(z.unknown()).check(z.maxLength(maxPageLength, `more than ${maxPageLength} objects`)), z.array(item)),
    [],
  );

/** The responses of all RPCs. `clean` handles every text in them. */
export function createResponses(clean: Clean) {
  const cleanText = (maxLength?: number) =>
    z.pipe(
      text,
      z.transform((value: string) => clean(value, maxLength)),
    );
  const optionalText = z.pipe(cleanText(), emptyToUndefined);
  const optionalUrl = z.pipe(cleanText(maxUrlLength), emptyToUndefined);
  /** An id or a time. */
  const label = z.pipe(
    text,
    z.transform((value: string) => normalizeId(clean(value, maxLabelLength))),
  );
  const optionalLabel = z.pipe(label, emptyToUndefined);
  /** The id of an object, which must be there. */
  const id = label.check(z.minLength(1));
  /** An enum: its names without the common prefix. Known numbers become names. */
  const enumeration = <const Name extends string>({ prefix, names }: ReturnType<typeof named<Name>>) =>
    z.pipe(
      z.nullish(z.union([z.string(), int32])),
      z.transform((value): Name | (string & {}) => {
        if (value === null || value === undefined) return names[0] ?? "UNSPECIFIED";
        if (typeof value === "number") return names[value] ?? String(value);
        const name = clean(value.startsWith(prefix) ? value.slice(prefix.length) : value, maxLabelLength);
        return name || (names[0] ?? "UNSPECIFIED");
      }),
    );

  const subject = z.object({ id: optionalLabel, principal: enumeration(principal) });

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
        desiredPhase: enumeration(warmPoolPhase),
        minSize: optional(int32),
        maxSize: optional(int32),
      }),
    ),
    status: part(
      z.object({
        phase: enumeration(warmPoolPhase),
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
        triggeredBy: enumeration(prebuildTrigger),
        executor: optional(subject),
      }),
    ),
    spec: optional(
      z.object({
        specVersion: withDefault(int64, "0"),
        desiredPhase: enumeration(prebuildPhase),
        timeout: optionalLabel,
      }),
    ),
    status: optional(
      z.object({
        phase: enumeration(prebuildPhase),
        completionTime: optionalLabel,
        failureMessage: optionalText,
        logUrl: optionalUrl,
        environmentId: optionalLabel,
        statusVersion: withDefault(int64, "0"),
        warningMessage: optionalText,
        snapshotCompletionPercentage: count,
        snapshotSizeBytes: withDefault(int64, "0"),
      }),
    ),
  });

  const pagination = part(
    z.object({ nextToken: withDefault(z.string().check(z.maxLength(maxPageTokenLength, "too long")), "") }),
  );

  const ids = pageOf(id);
  const projectClass = z.object({ environmentClassId: optionalLabel });

  const project = z.object({
    id,
    metadata: part(
      z.object({
        organizationId: optionalLabel,
        name: cleanText(maxLabelLength),
        creator: optional(subject),
        createdAt: optionalLabel,
        updatedAt: optionalLabel,
      }),
    ),
    initializer: part(
      z.object({
        specs: pageOf(
          z.object({
            git: optional(z.object({ remoteUri: optionalUrl })),
            contextUrl: optional(z.object({ url: optionalUrl })),
          }),
        ),
      }),
    ),
    /** Deprecated by the API: the default class. */
    environmentClass: part(projectClass),
    environmentClasses: pageOf(projectClass),
    prebuildConfiguration: part(
      z.object({
        enabled: flag,
        environmentClassIds: ids,
        timeout: optionalLabel,
        trigger: optional(z.object({ dailySchedule: optional(z.object({ hourUtc: count })) })),
        executor: optional(subject),
      }),
    ),
    desiredPhase: enumeration(projectPhase),
  });

  const environmentClass = z.object({
    id,
    displayName: cleanText(maxLabelLength),
    description: cleanText(),
    configuration: pageOf(z.object({ key: cleanText(maxLabelLength), value: cleanText() })),
    runnerId: optionalLabel,
    enabled: flag,
  });

  const warmPoolResponse = z.object({ warmPool });
  const prebuildResponse = z.object({ prebuild });
  const emptyResponse = z.object({});

  return {
    CreateWarmPool: warmPoolResponse,
    GetWarmPool: warmPoolResponse,
    UpdateWarmPool: warmPoolResponse,
    DeleteWarmPool: emptyResponse,
    ListWarmPools: z.object({ pagination, warmPools: pageOf(warmPool) }),
    CreatePrebuild: prebuildResponse,
    GetPrebuild: prebuildResponse,
    CancelPrebuild: prebuildResponse,
    DeletePrebuild: emptyResponse,
    ListPrebuilds: z.object({ pagination, prebuilds: pageOf(prebuild) }),
    CreatePrebuildLogsToken: z.object({ accessToken }),
    GetAuthenticatedIdentity: z.object({
      subject: part(subject),
      organizationId: optionalLabel,
      organizationTier: optionalLabel,
    }),
    GetProject: z.object({ project }),
    ListProjects: z.object({ pagination, projects: pageOf(project) }),
    ListEnvironmentClasses: z.object({ pagination, environmentClasses: pageOf(environmentClass) }),
  };
}

/** How many issues an error names. */
const maxIssues = 3;

/** What is wrong with a response: the fields, and why if that is not about their type. */
export function describeMismatch(issues: readonly z.core.$ZodIssue[]): string {
  const named = issues.slice(0, maxIssues).map(({ path, code, message }) => {
    const why = code === "custom" || code === "too_big" ? ` (${message})` : "";
    return `${path.join(".") || "the body"}${why}`;
  });
  const more = issues.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

export type Responses = ReturnType<typeof createResponses>;

/** An RPC of the API. */
export type Rpc = keyof Responses;

export type ResponseOf<R extends Rpc> = z.output<Responses[R]>;

export type WarmPoolMessage = ResponseOf<"GetWarmPool">["warmPool"];

export type PrebuildMessage = ResponseOf<"GetPrebuild">["prebuild"];

export type IdentityMessage = ResponseOf<"GetAuthenticatedIdentity">;

export type ProjectMessage = ResponseOf<"GetProject">["project"];

export type EnvironmentClassMessage = ResponseOf<"ListEnvironmentClasses">["environmentClasses"][number];

const connectErrorDetail = z.object({ type: text, value: text });

/** A detail of a Connect error: the type's full name and the message in base64, padded or not. */
export type ConnectErrorDetail = z.output<typeof connectErrorDetail>;

/** An error body of the Connect protocol. */
export const connectError = z.object({
  code: z.string(),
  message: text,
  // An unknown form of detail must not hide the error that carries it.
  details: withDefault(
    z.pipe(
      z.pipe(
        z.array(z.unknown()),
        z.transform((details: unknown[]) => details.slice(0, maxDetails)),
      ),
      z.array(z.catch(connectErrorDetail, { type: "", value: "" })),
    ),
    [],
  ),
});
