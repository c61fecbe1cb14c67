/**
 * The next step of a create that failed. A project and environment class (the pair) have at most one pool. So when
 * CreateWarmPool fails with a conflict, or its response is lost, the pool that the API lists for the pair decides.
 */
import { isOutcomeUnknown, OnaError } from "../client/index.js";
import type { CreationWindow } from "../lifecycle/lost-create.js";
import type { Sizes } from "./inputs.js";
import type { WarmPoolDetails } from "./outputs.js";

/** How long a conflict with a pool that isn't listed is retried: the old pool may be about to disappear. */
const unlistedConflictTimeoutMs = 60_000;

export interface Observation {
  /** Why CreateWarmPool failed. */
  readonly failure: unknown;
  /** The pool that the API lists for the pair. */
  readonly pool: WarmPoolDetails | undefined;
  /** Whether this process is deleting that pool, or has deleted it. */
  readonly isDeletedHere: boolean;
  /** The sizes in the request. */
  readonly sizes: Required<Sizes>;
  /** When lost requests can have made a pool. Undefined if none was lost, or the server's time is unknown. */
  readonly window: CreationWindow | undefined;
  /** How long conflicts with a pool that isn't listed have been observed. */
  readonly unlistedForMs: number;
  /** Whether the program allows adopting a pool that exists. */
  readonly adoptExisting: boolean;
}

export type NextStep =
  /** The lost request has made this pool. */
  | { readonly kind: "ours"; readonly pool: WarmPoolDetails }
  /** Someone, or this process, is deleting the pool: wait until it is gone, then create again. */
  | { readonly kind: "waitUntilGone"; readonly pool: WarmPoolDetails }
  | { readonly kind: "adopt"; readonly pool: WarmPoolDetails }
  | { readonly kind: "refuse"; readonly pool: WarmPoolDetails }
  /** The conflicting pool isn't listed, and may disappear soon. */
  | { readonly kind: "retry" }
  /** There is no pool. */
  | { readonly kind: "fail" };

export function decideNextStep(seen: Observation): NextStep {
  const { failure, pool } = seen;
  if (pool === undefined) {
    const mayPass = isPassingConflict(failure) && seen.unlistedForMs < unlistedConflictTimeoutMs;
    return { kind: mayPass ? "retry" : "fail" };
  }
  if (pool.phase === "DELETING" || seen.isDeletedHere) return { kind: "waitUntilGone", pool };
  if (isOurs(pool, seen)) return { kind: "ours", pool };
  return { kind: seen.adoptExisting ? "adopt" : "refuse", pool };
}

/** Whether a lost request made the pool, as far as one can tell: it has the requested sizes and the right age. */
function isOurs(pool: WarmPoolDetails, { sizes, window }: Observation): boolean {
  const createdAt = Date.parse(pool.createdAt ?? "");
  const isInTime = window !== undefined && createdAt >= window.from && createdAt <= window.to;
  return isInTime && pool.minSize === sizes.minSize && pool.maxSize === sizes.maxSize;
}

/** The codes that may report an existing pool. The API doesn't document which one it uses. */
const conflictCodes: ReadonlySet<string> = new Set(["already_exists", "failed_precondition", "aborted"]);

/** Whether the API may have refused the request because the pair has a pool. */
export function isConflict(error: unknown): error is OnaError {
  return error instanceof OnaError && error.origin === "api" && conflictCodes.has(error.code);
}

/** Whether the conflicting pool may be disappearing. `failed_precondition` more likely means missing configuration. */
function isPassingConflict(error: unknown): boolean {
  return isConflict(error) && error.code !== "failed_precondition";
}

/** Whether the pool of a failed request may still appear in the list. */
export function mayAppear(failure: unknown): boolean {
  return isOutcomeUnknown(failure) && !isConflict(failure);
}
