/** A scripted stand-in for the client's methods, whatever the resource, and what a lifecycle needs around it. */
import type { OnaErrorFacts } from "../../src/client/errors.js";
import { type ConnectCode, OnaError } from "../../src/client/index.js";
import { PartialFailure, ResourceFailure } from "../../src/lifecycle/failures.js";
import type { LifecycleContext } from "../../src/lifecycle/contract.js";
import { epoch, FakeClock } from "./fake-clock.js";

/** What a call is answered with; a function learns the time and the call's signal. */
export type Answer<T> = T | Error | ((at: number, signal: AbortSignal) => T | Error | Promise<T | Error>);

/** The server's clock at a moment of ours. */
export type ServerTime = (moment: number) => number | undefined;

/** A call that was made. */
export interface Call<Method extends string> {
  readonly rpc: Method;
  readonly at: number;
  readonly sent: unknown;
}

/** What was called and said. */
export interface Played<Method extends string> {
  readonly clock: FakeClock;
  readonly calls: readonly Call<Method>[];
  /** The names of the methods that were called, in order. */
  readonly rpcs: () => string[];
  /** What was sent to a method. */
  readonly sent: (rpc: Method) => unknown[];
  /** Lines for people. */
  readonly progress: string[];
  readonly warnings: string[];
}

/** Where a lifecycle is played. */
export interface Stage<Method extends string> extends Played<Method> {
  /** Answers a call in its turn; the last answer stands for all that follow. A method without answers must not be called. */
  readonly answer: <T>(
    rpc: Method,
    answers: readonly Answer<T>[] | undefined,
    sent: unknown,
    signal?: AbortSignal,
  ) => Promise<T>;
  /** What every context has. */
  readonly context: LifecycleContext & { readonly clock: FakeClock };
}

export function stage<Method extends string>(): Stage<Method> {
  const clock = new FakeClock();
  const calls: Call<Method>[] = [];
  const progress: string[] = [];
  const warnings: string[] = [];
  const never = new AbortController().signal;
  return {
    async answer<T>(rpc: Method, answers: readonly Answer<T>[] = [], sent: unknown, signal = never) {
      if (signal.aborted) throw stopped(signal);
      const turn = calls.filter((call) => call.rpc === rpc).length;
      calls.push({ rpc, at: clock.monotonic(), sent });
      const scripted = answers[Math.min(turn, answers.length - 1)];
      if (scripted === undefined && answers.length === 0) throw new Error(`${rpc} must not be called`);
      const given = scripted instanceof Function ? await scripted(clock.monotonic(), signal) : scripted;
      if (given instanceof Error) throw given;
      return given as T;
    },
    context: {
      clock,
      progress: (line, id) => progress.push(id === undefined ? line : `${id}: ${line}`),
      warn: (line, id) => warnings.push(id === undefined ? line : `${id}: ${line}`),
      organizations: { otherThan: async () => undefined },
    },
    clock,
    calls,
    rpcs: () => calls.map(({ rpc }) => rpc),
    sent: (rpc) => calls.filter((call) => call.rpc === rpc).map(({ sent }) => sent),
    progress,
    warnings,
  };
}

/** A server whose clock agrees with ours, as far as a script says nothing else. */
export const sameTime: ServerTime = (moment) => epoch + moment;

/** An answer of the API that is an error. */
export function refusal(code: ConnectCode, overrides: Partial<OnaErrorFacts> = {}): OnaError {
  return new OnaError({ rpc: "Rpc", code, origin: "api", detail: "said the API", ...overrides });
}

/** The API's word that there is no such object. */
export const missing = refusal("not_found");

/** Every way in which it stays unknown whether a request had its effect. */
export const unknownOutcomes: readonly (readonly [string, OnaError])[] = [
  ...(["canceled", "unknown", "deadline_exceeded", "internal", "unavailable", "data_loss", "aborted"] as const).map(
    (code) => [code, refusal(code)] as const,
  ),
  ["a lost connection", refusal("unavailable", { origin: "network", sent: true })],
  ["a time-out", refusal("deadline_exceeded", { origin: "timeout" })],
  ["an unreadable body", refusal("internal", { origin: "unreadable" })],
  ["a proxy's 502", refusal("unavailable", { origin: "http", httpStatus: 502 })],
];

/** Answers that mean that a request had no effect. */
export const refusals: readonly OnaError[] = [
  refusal("invalid_argument"),
  missing,
  refusal("permission_denied"),
  refusal("resource_exhausted"),
  refusal("out_of_range"),
  refusal("unimplemented"),
  refusal("unauthenticated"),
  refusal("unimplemented", { origin: "redirect" }),
  refusal("unavailable", { origin: "network", sent: false }),
  refusal("unimplemented", { origin: "http", httpStatus: 404 }),
];

/** Answers to a read that say nothing about whether the object exists. */
export const unsaying: readonly OnaError[] = [
  refusal("unavailable"),
  refusal("internal"),
  refusal("permission_denied"),
  refusal("unauthenticated"),
  refusal("not_found", { origin: "http", httpStatus: 404 }),
  refusal("unimplemented", { origin: "http", httpStatus: 404 }),
  refusal("invalid_argument"),
];

/** No answer until the call is stopped. */
export function hangs<T>(): Answer<T> {
  return (_at, signal) =>
    new Promise<T>((_resolve, reject) => signal.addEventListener("abort", () => reject(stopped(signal))));
}

/** An answer after some time, unless the call is stopped before. */
export function late<T>(clock: () => FakeClock, milliseconds: number, given: T | Error): Answer<T> {
  return async (_at, signal) => {
    await clock()
      .sleep(milliseconds, signal)
      .catch(() => {
        throw stopped(signal);
      });
    return given;
  };
}

/** The failure that an operation is expected to end with, of a kind that people are expected to meet. */
export async function failureOf(clock: FakeClock, operation: Promise<unknown>): Promise<Error> {
  const error: unknown = await clock.run(operation).then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(clock.pending).toEqual([]);
  if (!(error instanceof ResourceFailure || error instanceof OnaError)) throw error;
  return error;
}

/** The properties that the engine keeps of a partial failure. */
export function keptOf(error: Error, id: string): { readonly [name: string]: unknown } {
  if (!(error instanceof PartialFailure)) throw error;
  expect(error.id).toBe(id);
  return { ...error.state };
}

/**
 * Interrupts a create after some time, and sees it fail.
 * @returns milliseconds from the interrupt to the end of the create; the engine kills the process after 5,000
 */
export async function interruptAfter(
  clock: FakeClock,
  milliseconds: number,
  create: (interrupt: AbortSignal) => Promise<unknown>,
): Promise<number> {
  const interrupt = new AbortController();
  const outcome = create(interrupt.signal).then(
    () => "finished",
    () => "failed",
  );
  await clock.advance(milliseconds);
  interrupt.abort(new Error("the process was told to end"));
  await expect(clock.run(outcome)).resolves.toBe("failed");
  expect(clock.pending).toEqual([]);
  return clock.monotonic() - milliseconds;
}

function stopped(signal: AbortSignal): OnaError {
  const detail = signal.reason instanceof Error ? signal.reason.message : "";
  return new OnaError({ rpc: "Rpc", code: "canceled", origin: "cancelled", detail });
}
