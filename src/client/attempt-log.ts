/** Telling of each attempt of a request: what was asked, how it ended and how long it took, and nothing of what was said. */
import type { Clock } from "../util/clock.js";
import { type ConnectCode, type ErrorOrigin, OnaError } from "./errors.js";

/** One attempt of a request. It has neither bodies nor headers nor words of the server, so that no secret can be in it. */
export interface Attempt {
  readonly rpc: string;
  readonly code: ConnectCode | "ok";
  /** Who produced the error. */
  readonly origin?: ErrorOrigin;
  readonly httpStatus?: number;
  /** How long it took. */
  readonly milliseconds: number;
  /** 1 for the first one of a call. */
  readonly number: number;
}

/** Hears of attempts once they have ended. */
export type AttemptListener = (attempt: Attempt) => void;

/**
 * `send`, with a word to the listener after each attempt. What failed before a request could be made is no attempt.
 * @param send sends once
 */
export function telling<Args extends readonly unknown[], T>(
  listener: AttemptListener | undefined,
  clock: Clock,
  rpc: string,
  send: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  if (listener === undefined) return send;
  let number = 0;
  return async (...args) => {
    const startedAt = clock.monotonic();
    number++;
    const facts = () => ({ rpc, milliseconds: clock.monotonic() - startedAt, number });
    try {
      const result = await send(...args);
      listener({ ...facts(), code: "ok" });
      return result;
    } catch (error) {
      if (error instanceof OnaError) listener({ ...facts(), ...failure(error) });
      throw error;
    }
  };
}

/** All that `open` gives, by one attempt that ends with it. Where the reader leaves early, the attempt was cancelled. */
export async function* tellingOfAll<T>(
  listener: AttemptListener | undefined,
  clock: Clock,
  rpc: string,
  open: () => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const startedAt = clock.monotonic();
  let outcome: Pick<Attempt, "code" | "origin" | "httpStatus"> | undefined = { code: "canceled", origin: "cancelled" };
  try {
    yield* open();
    outcome = { code: "ok" };
  } catch (error) {
    outcome = error instanceof OnaError ? failure(error) : undefined;
    throw error;
  } finally {
    if (outcome) listener?.({ rpc, milliseconds: clock.monotonic() - startedAt, number: 1, ...outcome });
  }
}

function failure({ code, origin, httpStatus }: OnaError): Pick<Attempt, "code" | "origin" | "httpStatus"> {
  return { code, origin, ...(httpStatus === undefined ? {} : { httpStatus }) };
}
