/** A scripted fake of the client's methods, and the context that a lifecycle needs. */
import type { OnaErrorFacts } from "../../src/client/errors.js";
import { type ConnectCode, OnaError } from "../../src/client/index.js";
import { PartialFailure, ResourceFailure } from "../../src/lifecycle/failures.js";
import type { LifecycleContext } from "../../src/lifecycle/contract.js";
import { epoch, FakeClock } from "./fake-clock.js";

/** The response to a call. A function gets the time and the call's signal. */
export type Answer<T> = T | Error | ((at: number, signal: AbortSignal) => T | Error | Promise<T | Error>);

/** Converts our time to the server's time. */
export type ServerTime = (moment: number) => number | undefined;

/** A recorded call. */
export interface Call<Method extends string> {
  readonly rpc: Method;
  readonly at: number;
  readonly sent: unknown;
}

/** The recorded calls and messages. */
export interface Played<Method extends string> {
  readonly clock: FakeClock;
  readonly calls: readonly Call<Method>[];
  /** The names of the called methods, in order. */
  readonly rpcs: () => string[];
  /** The requests to a method. */
  readonly sent: (rpc: Method) => unknown[];
  /** The reported lines, whether they stay or not. */
  readonly progress: string[];
  readonly warnings: string[];
}

/** The scripted surroundings of a lifecycle. */
export interface Stage<Method extends string> extends Played<Method> {
  /** Answers calls in turn. The last response repeats. A method without responses must not be called. */
  readonly answer: <T>(
    rpc: Method,
    answers: readonly Answer<T>[] | undefined,
    sent: unknown,
    signal?: AbortSignal,
  ) => Promise<T>;
  /** The common part of every context. */
  readonly context: LifecycleContext & { readonly clock: FakeClock };
}

export function stage<Method extends string>(): Stage<Method> {
  const clock = new FakeClock();
  const calls: Call<Method>[] = [];
  const progress: string[] = [];
  const warnings: string[] = [];
  const never = new AbortController().signal;
  const record = (line: string, id?: string) => progress.push(id === undefined ? line : `${id}: ${line}`);
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
      onInterrupt: "undo",
      progress: record,
      note: record,
      warn: (line, id) => warnings.push(id === undefined ? line : `${id}: ${line}`),
      tokenOrganization: async () => undefined,
    },
    clock,
    calls,
    rpcs: () => calls.map(({ rpc }) => rpc),
    sent: (rpc) => calls.filter((call) => call.rpc === rpc).map(({ sent }) => sent),
    progress,
    warnings,
  };
}

/** A server whose clock agrees with ours by default. */
export const sameTime: ServerTime = (moment) => epoch + moment;

/** An error response of the API. */
export function refusal(code: ConnectCode, overrides: Partial<OnaErrorFacts> = {}): OnaError {
  return new OnaError({ rpc: "Rpc", code, origin: "api", detail: "said the API", ...overrides });
}

/** The API's `not_found`. */
export const missing = refusal("not_found");

/** Every failure after which it is unknown whether the request took effect. */
export const unknownOutcomes: readonly (readonly [string, OnaError])[] = [
  ...(["canceled", "unknown", "deadline_exceeded", "internal", "unavailable", "data_loss", "aborted"] as const).map(
    (code) => [code, refusal(code)] as const,
  ),
  ["a lost connection", refusal("unavailable", { origin: "network", sent: true })],
  ["a time-out", refusal("deadline_exceeded", { origin: "timeout" })],
  ["an unreadable body", refusal("internal", { origin: "unreadable" })],
  ["a proxy's 502", refusal("unavailable", { origin: "http", httpStatus: 502 })],
];

/** Responses that mean that a request had no effect. */
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

/** Responses to a read that do not show whether the object exists. */
export const unsaying: readonly OnaError[] = [
  refusal("unavailable"),
  refusal("internal"),
  refusal("permission_denied"),
  refusal("unauthenticated"),
  refusal("not_found", { origin: "http", httpStatus: 404 }),
  refusal("unimplemented", { origin: "http", httpStatus: 404 }),
  refusal("invalid_argument"),
];

/** Never responds until the call is aborted. */
export function hangs<T>(): Answer<T> {
  return (_at, signal) =>
    new Promise<T>((_resolve, reject) => signal.addEventListener("abort", () => reject(stopped(signal))));
}

/** Responds after some time, unless the call is aborted first. */
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

/** Returns the failure of an operation that must fail with an expected error. */
export async function failureOf(clock: FakeClock, operation: Promise<unknown>): Promise<Error> {
  const error: unknown = await clock.run(operation).then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(clock.pending).toEqual([]);
  if (!(error instanceof ResourceFailure || error instanceof OnaError)) throw error;
  return error;
}

/** Returns the properties that the engine stores after a partial failure. */
export function keptOf(error: Error, id: string): { readonly [name: string]: unknown } {
  if (!(error instanceof PartialFailure)) throw error;
  expect(error.id).toBe(id);
  return { ...error.state };
}

/**
 * Interrupts a create after some time and expects it to fail.
 * @returns milliseconds from the interrupt to the completion of the create; the engine kills the process after 5,000
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
