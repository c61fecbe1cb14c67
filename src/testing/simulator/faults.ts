/** The faults that calls can get, and which call gets which fault. */
import { z } from "zod";
import { codeNames, type CodeName } from "./connect-codes.js";
import { rpcNames, type RPC } from "./rpc-names.js";
import { seededRandom } from "./seeded-random.js";

/** The name of the log URL, which is not an RPC but can fail like one. */
export const logUrl = "PrebuildLogs";

/** Before or after the call takes effect. */
type Moment = "before" | "after";

/** A Connect error as the response. */
interface ErrorFault {
  /** Any Connect code. */
  code: CodeName;
  message?: string | undefined;
  /** The delay in a google.rpc.RetryInfo detail. 0 or less means that a retry doesn't help. */
  retryInfoSeconds?: number | undefined;
  /** The `RateLimit-RetryAfter` header, in seconds. */
  rateLimitRetryAfter?: number | string | undefined;
  /** A gitpod.v1.ActionableErrorDetails detail. */
  actionable?:
    | {
        errorCode?: string | undefined;
        userMessage?: string | undefined;
        actions?: { label: string; externalUrl: string }[] | undefined;
      }
    | undefined;
  /** Details as they appear on the wire, with the value in base64. */
  details?: { type: string; value: string }[] | undefined;
  /** Whether the call fails before or after it takes effect. Default: before. */
  when?: Moment | undefined;
}

interface TokenBucket {
  /** How many calls are allowed at once. */
  capacity: number;
  /** How many calls become available again in each second of the simulator's time. */
  refillPerSecond: number;
  /** How the response says when to retry. Default: retryInfo. */
  hint?: "retryInfo" | "header" | "none" | undefined;
}

/** What can go wrong. A fault has exactly one of these. */
interface FaultEffects {
  /** A Connect error. */
  error: ErrorFault;
  /** The HTML page of a proxy, with this status. */
  html: { status: number; body?: string | undefined };
  /** A redirect to another address. */
  redirect: { to: string; status?: 307 | 308 | undefined };
  /** The connection is reset before or after the call takes effect. */
  reset: Moment;
  /** There is no response, before or after the call takes effect. */
  hang: Moment;
  /** The body arrives in pieces over that many real milliseconds. */
  slow: number;
  /** The connection ends in the middle of the body. */
  truncated: true;
  /** The response is 200 with a body that is not JSON. */
  invalidJson: true;
  /** List returns the page token of the request. */
  repeatedPageToken: true;
  /** The response has fields that the contract does not define. */
  unknownFields: true;
  /** Phases have a value that the contract does not define. */
  unknownEnum: true;
  /** A rate limit. */
  tokenBucket: TokenBucket;
}

const moment = z.enum(["before", "after"]);
/** What a header may contain. */
const headerText = z.string().regex(/^[\x20-\x7e]*$/, "must be printable ASCII");
/** The range of google.protobuf.Duration, in seconds. */
const maxSeconds = 315_576_000_000;

const errorShape = z.strictObject({
  code: z.enum(codeNames),
  message: z.string().optional(),
  retryInfoSeconds: z.number().min(-maxSeconds).max(maxSeconds).optional(),
  rateLimitRetryAfter: z.union([z.number(), headerText]).optional(),
  actionable: z
    .strictObject({
      errorCode: z.string().optional(),
      userMessage: z.string().optional(),
      actions: z.array(z.strictObject({ label: z.string(), externalUrl: z.string() })).optional(),
    })
    .optional(),
  details: z.array(z.strictObject({ type: z.string(), value: z.string() })).optional(),
  when: moment.optional(),
});

const bucketShape = z.strictObject({
  capacity: z.number().positive().max(1e6),
  refillPerSecond: z.number().min(1e-6).max(1e6),
  hint: z.enum(["retryInfo", "header", "none"]).optional(),
});

const kinds = {
  error: errorShape,
  html: z.strictObject({ status: z.int().min(200).max(599), body: z.string().optional() }),
  redirect: z.strictObject({
    to: headerText.refine(isUrl, "must be a URL or a path"),
    status: z.union([z.literal(307), z.literal(308)]).optional(),
  }),
  reset: moment,
  hang: moment,
  slow: z.number().positive().max(3_600_000),
  truncated: z.literal(true),
  invalidJson: z.literal(true),
  repeatedPageToken: z.literal(true),
  unknownFields: z.literal(true),
  unknownEnum: z.literal(true),
  tokenBucket: bucketShape,
} satisfies { [Kind in FaultKind]: z.ZodType<FaultEffects[Kind], FaultEffects[Kind]> };

/** A fault that a test or a lever adds. */
export type Fault = {
  /** The RPC that gets the fault. `PrebuildLogs` is the log URL. Default: any RPC. */
  rpc?: RPC | typeof logUrl;
  /** The first matching call that gets the fault, counted from now. Default: 1. */
  nth?: number;
  /** How many calls get the fault. Default: 1, and all for a share, a token bucket, or a repeated page token. */
  times?: number | "always";
  /** The share of the calls that get the fault, from 0 to 1. The same calls in every run. */
  share?: number;
} & Partial<FaultEffects>;

/** The kind of a fault. */
export type FaultKind = keyof FaultEffects;

/** The faults of a log. The others concern messages or the rate of calls. */
const logFaults: ReadonlySet<FaultKind> = new Set(["error", "html", "redirect", "reset", "hang", "slow", "truncated"]);

const faultShape = z
  .strictObject({
    rpc: z.enum([...rpcNames, logUrl]).optional(),
    nth: z.int().positive().optional(),
    times: z.union([z.int().positive(), z.literal("always")]).optional(),
    share: z.number().min(0).max(1).optional(),
    ...z.strictObject(kinds).partial().shape,
  })
  .refine((fault) => kindsOf(fault).length === 1, {
    error: `set exactly one of ${Object.keys(kinds).join(", ")}`,
  })
  .refine((fault) => fault.rpc !== logUrl || kindsOf(fault).every((kind) => logFaults.has(kind)), {
    error: `${logUrl} is plain text: use one of ${[...logFaults].join(", ")}`,
  })
  .refine((fault) => fault.rpc !== logUrl || fault.error?.when !== "after", {
    error: `an error of ${logUrl} replaces the text: "after" is not possible`,
  });

type CheckedFault = z.output<typeof faultShape>;

/** A fault that one call gets. @internal */
export type Strike = { kind: FaultKind } & CheckedFault;

interface Armed {
  readonly id: number;
  readonly fault: CheckedFault;
  readonly kind: FaultKind;
  seen: number;
  struck: number;
  /** The level of the token bucket at a moment. */
  level: number;
  levelAt: number;
}

/** A fault that waits for calls. */
export interface ArmedFault {
  readonly id: number;
  /** How many calls have got the fault. */
  readonly struck: number;
  remove(): void;
}

/** The faults that wait for calls. @internal */
export class Faults {
  #armed: Armed[] = [];
  #nextId = 1;
  readonly #random = seededRandom(1);

  /**
   * Adds a fault.
   * @throws TypeError with the reason if the fault makes no sense
   */
  add(fault: unknown, now: number): ArmedFault {
    const parsed = faultShape.safeParse(fault);
    if (!parsed.success) throw new TypeError(`invalid fault: ${z.prettifyError(parsed.error)}`);
    const kind = kindsOf(parsed.data)[0] ?? "error";
    const level = parsed.data.tokenBucket?.capacity ?? 0;
    const armed: Armed = { id: this.#nextId++, fault: parsed.data, kind, seen: 0, struck: 0, level, levelAt: now };
    this.#armed.push(armed);
    return {
      id: armed.id,
      get struck() {
        return armed.struck;
      },
      remove: () => this.remove(armed.id),
    };
  }

  remove(id: number): void {
    this.#armed = this.#armed.filter((armed) => armed.id !== id);
  }

  clear(): void {
    this.#armed = [];
  }

  /** The faults as they were added, with their ids and counts. */
  all(): object[] {
    return this.#armed.map(({ id, fault, struck }) => ({ id, struck, ...fault }));
  }

  /** The fault that a call gets: the first one that applies. */
  next(rpc: RPC | typeof logUrl, now: number): Strike | undefined {
    if (this.#armed.length === 0) return undefined;
    const applies = this.#armed.map((armed) => this.#applies(armed, rpc, now));
    const first = this.#armed[applies.indexOf(true)];
    if (first === undefined) return undefined;
    first.struck++;
    const left = timesOf(first.fault, first.kind) - first.struck;
    if (left <= 0) this.remove(first.id);
    const strike: Strike = { ...first.fault, kind: first.kind };
    if (strike.tokenBucket !== undefined) strike.error = overLimit(strike.tokenBucket, first.level);
    return strike;
  }

  #applies(armed: Armed, rpc: string, now: number): boolean {
    const { fault } = armed;
    if (fault.rpc !== undefined && fault.rpc !== rpc) return false;
    if (fault.rpc === undefined && rpc === logUrl) return false;
    armed.seen++;
    if (armed.seen < (fault.nth ?? 1)) return false;
    if (fault.share !== undefined) return this.#random() < fault.share;
    return fault.tokenBucket === undefined || !takeToken(armed, fault.tokenBucket, now);
  }
}

function isUrl(text: string): boolean {
  return URL.canParse(text, "http://simulator");
}

function kindsOf(fault: object): FaultKind[] {
  const given = new Map(Object.entries(fault));
  const isKind = (name: string): name is FaultKind => Object.hasOwn(kinds, name);
  return Object.keys(kinds)
    .filter(isKind)
    .filter((kind) => given.get(kind) !== undefined);
}

function timesOf(fault: CheckedFault, kind: FaultKind): number {
  const lasts = fault.share !== undefined || kind === "tokenBucket" || kind === "repeatedPageToken";
  const times = fault.times ?? (lasts ? "always" : 1);
  return times === "always" ? Infinity : times;
}

function takeToken(armed: Armed, bucket: TokenBucket, now: number): boolean {
  const refilled = armed.level + ((now - armed.levelAt) / 1000) * bucket.refillPerSecond;
  armed.level = Math.min(bucket.capacity, refilled);
  armed.levelAt = now;
  if (armed.level < 1) return false;
  armed.level--;
  return true;
}

function overLimit(bucket: TokenBucket, level: number): ErrorFault {
  // Whole milliseconds like the clock, and never 0, which would mean that a retry doesn't help.
  const seconds = Math.ceil(((1 - level) / bucket.refillPerSecond) * 1000) / 1000;
  const hint = bucket.hint ?? "retryInfo";
  return {
    code: "resource_exhausted",
    message: "too many requests",
    ...(hint === "retryInfo" ? { retryInfoSeconds: seconds } : {}),
    ...(hint === "header" ? { rateLimitRetryAfter: Math.ceil(seconds) } : {}),
  };
}
