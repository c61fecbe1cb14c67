/** Reports each attempt of a request: what was called, how it ended and how long it took. */
import type { Clock } from "../util/clock.js";
import { type ConnectCode, type ErrorOrigin, OnaError } from "./errors.js";

/** One attempt of a request. It has no body, header or message of the server, so it cannot contain a secret. */
export interface Attempt {
  readonly rpc: string;
  readonly code: ConnectCode | "ok";
  /** Where the error comes from. */
  readonly origin?: ErrorOrigin | undefined;
  readonly httpStatus?: number | undefined;
  readonly durationMs: number;
  /** 1 for the first attempt of a call. */
  readonly number: number;
}

/** Receives each attempt when it has ended. */
export type AttemptListener = (attempt: Attempt) => void;

type Outcome = Pick<Attempt, "code" | "origin" | "httpStatus">;

/** Returns the function that ends and reports the attempt that starts now. */
function startAttempt(listener: AttemptListener | undefined, clock: Clock, rpc: string, number = 1) {
  const startedAt = clock.monotonic();
  return ({ code, origin, httpStatus }: Outcome) => {
    const durationMs = clock.monotonic() - startedAt;
    listener?.({ rpc, code, origin, httpStatus, durationMs, number });
  };
}

/**
 * Returns `send`, reporting each of its attempts. If the request could not even be made, there is no attempt to report.
 */
export function logAttempts<Arg, T>(
  listener: AttemptListener | undefined,
  clock: Clock,
  rpc: string,
  send: (arg: Arg) => Promise<T>,
): (arg: Arg) => Promise<T> {
  let number = 0;
  return async (arg) => {
    const end = startAttempt(listener, clock, rpc, ++number);
    try {
      const result = await send(arg);
      end({ code: "ok" });
      return result;
    } catch (error) {
      if (error instanceof OnaError) end(error);
      throw error;
    }
  };
}

/** Yields all that `chunks` yields and reports it as one attempt, a cancelled one if the reader stops early. */
export async function* logStream<T>(
  listener: AttemptListener | undefined,
  clock: Clock,
  rpc: string,
  chunks: AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const end = startAttempt(listener, clock, rpc);
  let outcome: Outcome | undefined = { code: "canceled", origin: "cancelled" };
  try {
    yield* chunks;
    outcome = { code: "ok" };
  } catch (error) {
    outcome = error instanceof OnaError ? error : undefined;
    throw error;
  } finally {
    if (outcome) end(outcome);
  }
}
