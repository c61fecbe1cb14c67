/** A scripted stand-in for the client's methods, and what a lifecycle needs around it. */
import { type ConnectCode, OnaError } from "../../src/client/index.js";
import type { OnaErrorFacts } from "../../src/client/errors.js";
import type { WarmPoolMessage } from "../../src/client/index.js";
import type { WarmPoolContext } from "../../src/warm-pool/steps.js";
import { FakeClock } from "./fake-clock.js";
import { epoch } from "./pools.js";

/** What a call is answered with; a function learns the time and the call's signal. */
export type Answer<T> = T | Error | ((at: number, signal: AbortSignal) => T | Error | Promise<T>);

/** The answers of each method in turn; the last one stands for all that follow. A method without answers must not be called. */
export interface Script {
  readonly create?: readonly Answer<WarmPoolMessage>[];
  readonly get?: readonly Answer<WarmPoolMessage>[];
  readonly update?: readonly Answer<WarmPoolMessage>[];
  readonly delete?: readonly Answer<undefined>[];
  readonly list?: readonly Answer<readonly WarmPoolMessage[]>[];
  /** The server's clock at a moment of ours; by default both begin at {@link epoch}. */
  readonly serverTimeAt?: (moment: number) => number | undefined;
}

/** A call that was made. */
export interface Call {
  readonly rpc: keyof Script;
  readonly at: number;
  readonly sent: unknown;
}

export interface Bench {
  readonly context: WarmPoolContext;
  readonly clock: FakeClock;
  readonly calls: readonly Call[];
  /** The names of the methods that were called, in order. */
  readonly rpcs: () => string[];
  /** What was sent to a method. */
  readonly sent: (rpc: keyof Script) => unknown[];
  /** Lines for people. */
  readonly progress: string[];
  readonly warnings: string[];
}

export function bench(script: Script): Bench {
  const clock = new FakeClock();
  const calls: Call[] = [];
  const progress: string[] = [];
  const warnings: string[] = [];
  const never = new AbortController().signal;

  const answer = async <T>(rpc: keyof Script, answers: readonly Answer<T>[] = [], sent: unknown, signal = never) => {
    if (signal.aborted) throw stopped(signal);
    const turn = calls.filter((call) => call.rpc === rpc).length;
    calls.push({ rpc, at: clock.monotonic(), sent });
    const scripted = answers[Math.min(turn, answers.length - 1)];
    if (scripted === undefined && answers.length === 0) throw new Error(`${rpc} must not be called`);
    const given = scripted instanceof Function ? await scripted(clock.monotonic(), signal) : scripted;
    if (given instanceof Error) throw given;
    return given as T;
  };

  const context: WarmPoolContext = {
    client: {
      createWarmPool: (request, options) => answer("create", script.create, request, options?.signal),
      getWarmPool: (id, options) => answer("get", script.get, id, options?.signal),
      updateWarmPool: (id, sizes, options) => answer("update", script.update, { id, ...sizes }, options?.signal),
      deleteWarmPool: (id, options) => answer<undefined>("delete", script.delete, id, options?.signal),
      async *listWarmPools(filter, options) {
        yield* await answer("list", script.list, filter, options?.signal);
      },
      serverTimeAt: script.serverTimeAt ?? ((moment) => epoch + moment),
    },
    clock,
    progress: (line, id) => progress.push(id === undefined ? line : `${id}: ${line}`),
    warn: (line, id) => warnings.push(id === undefined ? line : `${id}: ${line}`),
    adopted: new Set(),
  };
  return {
    context,
    clock,
    calls,
    rpcs: () => calls.map(({ rpc }) => rpc),
    sent: (rpc) => calls.filter((call) => call.rpc === rpc).map(({ sent }) => sent),
    progress,
    warnings,
  };
}

/** An answer of the API that is an error. */
export function refusal(code: ConnectCode, overrides: Partial<OnaErrorFacts> = {}): OnaError {
  return new OnaError({ rpc: "Rpc", code, origin: "api", detail: "said the API", ...overrides });
}

/** No answer until the call is stopped. */
export function hangs<T>(): Answer<T> {
  return (_at, signal) =>
    new Promise<T>((_resolve, reject) => signal.addEventListener("abort", () => reject(stopped(signal))));
}

function stopped(signal: AbortSignal): OnaError {
  const detail = signal.reason instanceof Error ? signal.reason.message : "";
  return new OnaError({ rpc: "Rpc", code: "canceled", origin: "cancelled", detail });
}
