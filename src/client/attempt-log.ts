/** Reports each attempt of a request: what was called, how it ended and how long it took. */
import type { Clock } from "../util/clock.js";
import { type ConnectCode, type ErrorOrigin, OnaError } from "./errors.js";

/** One attempt of a request. It has no body, header or message of the server, so it cannot contain a secret. */
export interface Attempt {
  readonly rpc: string;
  readonly code: ConnectCode | "ok";
  readonly origin?: ErrorOrigin | undefined;
  readonly httpStatus?: number | undefined;
  readonly durationMs: number;
  /** 1 for the first attempt of a call. */
  readonly number: number;
}

/** Receives each attempt when it has ended. */
export type AttemptListener = (attempt: Attempt) => void;

/** Starts an attempt. The function returned ends and reports it, unless the request could not even be made. */
export function startAttempt(listener: AttemptListener | undefined, clock: Clock, rpc: string, number = 1) {
  const startedAt = clock.monotonic();
  return (error?: unknown) => {
    // Every error of a request is an OnaError.
    if (error !== undefined && !(error instanceof OnaError)) return;
    const { code = "ok" as const, origin, httpStatus } = error ?? {};
    listener?.({ rpc, code, origin, httpStatus, durationMs: clock.monotonic() - startedAt, number });
  };
}
