// The faults that a call can be given, and which call gets which.
import { z } from "zod";
import { codeNames } from "./connect-codes.js";
import { rpcNames, type RPC } from "./rpc-names.js";

/** The log URL, which is not an RPC but can fail like one. */
export const logUrl = "PrebuildLogs";

const moment = z.enum(["before", "after"]);
const positive = z.number().positive();

const errorShape = z.strictObject({
  /** Any Connect code. */
  code: z.enum(codeNames),
  message: z.string().optional(),
  /** The delay of a google.rpc.RetryInfo detail; 0 or less says that a second try does not help. */
  retryInfoSeconds: z.number().optional(),
  /** The header RateLimit-RetryAfter, in seconds. */
  rateLimitRetryAfter: z.union([z.number(), z.string()]).optional(),
  /** A gitpod.v1.ActionableErrorDetails detail. */
  actionable: z
    .strictObject({
      errorCode: z.string().optional(),
      userMessage: z.string().optional(),
      actions: z.array(z.strictObject({ label: z.string(), externalUrl: z.string() })).optional(),
    })
    .optional(),
  /** Details as they are on the wire; the value in base64. */
  details: z.array(z.strictObject({ type: z.string(), value: z.string() })).optional(),
  /** Whether the call has done its work before it fails. Default before. */
  when: moment.optional(),
});

const bucketShape = z.strictObject({
  /** Calls that can be made at once. */
  capacity: positive,
  /** Calls that become possible again in each second of the simulator's time. */
  refillPerSecond: positive,
  /** How the answer says when to come back. Default retryInfo. */
  hint: z.enum(["retryInfo", "header", "none"]).optional(),
});

/** What can go wrong; a fault has exactly one of these. */
const kinds = {
  /** A Connect error. */
  error: errorShape,
  /** A proxy's HTML page with this status. */
  html: z.strictObject({ status: z.int().min(200).max(599), body: z.string().optional() }),
  /** A redirect to another address. */
  redirect: z.strictObject({ to: z.string(), status: z.union([z.literal(307), z.literal(308)]).optional() }),
  /** The connection is reset before the call has done its work, or after. */
  reset: moment,
  /** No answer ever, before the call has done its work or after. */
  hang: moment,
  /** The body comes in pieces over so many real milliseconds. */
  slow: positive,
  /** The connection ends in the middle of the body. */
  truncated: z.literal(true),
  /** The answer is 200 with a body that is not JSON. */
  invalidJson: z.literal(true),
  /** List answers with the page token that it was asked with. */
  repeatedPageToken: z.literal(true),
  /** The answer has fields that the contract does not know. */
  unknownFields: z.literal(true),
  /** Phases have a value that the contract does not know. */
  unknownEnum: z.literal(true),
  /** A rate limit. */
  tokenBucket: bucketShape,
} as const;

/** A fault, as levers and tests give it. */
export type Fault = {
  /** The call that it is for; left out: any. `PrebuildLogs` is the log URL. */
  rpc?: RPC | typeof logUrl;
  /** The first of the matching calls that gets it, counted from now. Default 1. */
  nth?: number;
  /** How many calls get it. Default 1; all, for a share, a token bucket and a repeated page token. */
  times?: number | "always";
  /** Only this share of the calls, between 0 and 1; the same calls in every run. */
  share?: number;
} & { [Kind in FaultKind]?: z.input<(typeof kinds)[Kind]> };

/** The kinds of faults by name. */
export type FaultKind = keyof typeof kinds;

/** What can happen to a text that is read. The others are about messages, or about a rate of calls. */
const forLogs: ReadonlySet<FaultKind> = new Set(["error", "html", "redirect", "reset", "hang", "slow", "truncated"]);

const faultShape = z
  .strictObject({
    rpc: z.enum([...rpcNames, logUrl]).optional(),
    nth: z.int().positive().optional(),
    times: z.union([z.int().positive(), z.literal("always")]).optional(),
    share: z.number().min(0).max(1).optional(),
    ...z.strictObject(kinds).partial().shape,
  })
  .refine((fault) => kindsOf(fault).length === 1, {
    error: `give exactly one of ${Object.keys(kinds).join(", ")}`,
  })
  .refine((fault) => fault.rpc !== logUrl || kindsOf(fault).every((kind) => forLogs.has(kind)), {
    error: `${logUrl} is a text that is read: it can be given ${[...forLogs].join(", ")} only`,
  })
  .refine((fault) => fault.rpc !== logUrl || fault.error?.when !== "after", {
    error: `an error of ${logUrl} comes instead of the text: there is no "after"`,
  });

type CheckedFault = z.output<typeof faultShape>;

/** A fault that is to be given to one call. */
export type Strike = { kind: FaultKind } & CheckedFault;

interface Armed {
  readonly id: number;
  readonly fault: CheckedFault;
  readonly kind: FaultKind;
  seen: number;
  struck: number;
  level: number;
  levelAt: number;
}

/** A fault that waits for its calls. */
export interface ArmedFault {
  readonly id: number;
  /** How many calls have got it. */
  readonly struck: number;
  remove(): void;
}

export class Faults {
  private armed: Armed[] = [];
  private nextId = 1;
  private random = 1;

  /** Arms a fault; one that makes no sense is refused with the reason. */
  add(fault: unknown, now: number): ArmedFault {
    const parsed = faultShape.safeParse(fault);
    if (!parsed.success) throw new TypeError(`not a fault: ${z.prettifyError(parsed.error)}`);
    const kind = kindsOf(parsed.data)[0] ?? "error";
    const level = parsed.data.tokenBucket?.capacity ?? 0;
    const armed: Armed = { id: this.nextId++, fault: parsed.data, kind, seen: 0, struck: 0, level, levelAt: now };
    this.armed.push(armed);
    return {
      id: armed.id,
      get struck() {
        return armed.struck;
      },
      remove: () => this.remove(armed.id),
    };
  }

  remove(id: number): void {
    this.armed = this.armed.filter((armed) => armed.id !== id);
  }

  clear(): void {
    this.armed = [];
  }

  /** The armed faults, as they were given, with what they have done. */
  all(): object[] {
    return this.armed.map(({ id, fault, struck }) => ({ id, struck, ...fault }));
  }

  /** The fault that a call gets, if any: the first armed one that applies. */
  next(rpc: RPC | typeof logUrl, now: number): Strike | undefined {
    if (this.armed.length === 0) return undefined;
    const applies = this.armed.map((armed) => this.applies(armed, rpc, now));
    const first = this.armed[applies.indexOf(true)];
    if (first === undefined) return undefined;
    first.struck++;
    const left = timesOf(first.fault, first.kind) - first.struck;
    if (left <= 0) this.remove(first.id);
    const strike: Strike = { ...first.fault, kind: first.kind };
    if (strike.tokenBucket !== undefined) strike.error = overLimit(strike.tokenBucket, first.level);
    return strike;
  }

  private applies(armed: Armed, rpc: string, now: number): boolean {
    const { fault } = armed;
    if (fault.rpc !== undefined && fault.rpc !== rpc) return false;
    if (fault.rpc === undefined && rpc === logUrl) return false;
    armed.seen++;
    if (armed.seen < (fault.nth ?? 1)) return false;
    if (fault.share !== undefined) return this.draw() < fault.share;
    return fault.tokenBucket === undefined || !takeToken(armed, fault.tokenBucket, now);
  }

  /** A fixed sequence of numbers between 0 and 1 (mulberry32). */
  private draw(): number {
    this.random = (this.random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.random ^ (this.random >>> 15), 1 | this.random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
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

function takeToken(armed: Armed, bucket: z.output<typeof bucketShape>, now: number): boolean {
  const refilled = armed.level + ((now - armed.levelAt) / 1000) * bucket.refillPerSecond;
  armed.level = Math.min(bucket.capacity, refilled);
  armed.levelAt = now;
  if (armed.level < 1) return false;
  armed.level--;
  return true;
}

function overLimit(bucket: z.output<typeof bucketShape>, level: number): z.output<typeof errorShape> {
  // Whole milliseconds, as the clock has them, and never 0: that would say that a second try does not help.
  const seconds = Math.ceil(((1 - level) / bucket.refillPerSecond) * 1000) / 1000;
  const hint = bucket.hint ?? "retryInfo";
  return {
    code: "resource_exhausted",
    message: "too many requests",
    ...(hint === "retryInfo" ? { retryInfoSeconds: seconds } : {}),
    ...(hint === "header" ? { rateLimitRetryAfter: Math.ceil(seconds) } : {}),
  };
}
