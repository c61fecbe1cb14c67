/** The API calls of an operation, from a simulator. This is all that the engine knows about simulators. */

/** The parts of a simulator that a stack uses. `startSimulator` starts a simulator. */
export interface StackSimulator {
  /** The environment variables that lead program and provider to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its clock. Waits take no time: they advance the clock instead. */
  readonly clock: { readonly url: string };
  /** The requests that it received, oldest first. A request stays the same object when its response is added. */
  readonly requests: readonly ApiCall[];
}

/** A request to the API and its response. */
export interface ApiCall {
  readonly rpc: string;
  /** The request as JSON. Undefined if it was unreadable. */
  readonly body: unknown;
  /** The HTTP status of the response. Undefined without a response. */
  readonly status: number | undefined;
  /** The Connect code of an error response. */
  readonly code: string | undefined;
}

/** Starts collecting calls. The returned function returns the calls since then. */
export function collectCalls(simulator: StackSimulator | undefined): () => ApiCall[] {
  const last = simulator?.requests.at(-1);
  return () => {
    const requests = simulator?.requests ?? [];
    // If the last known request is gone, the requests were cleared and all of them are new.
    const start = last === undefined ? 0 : requests.lastIndexOf(last) + 1;
    return requests.slice(start).map(({ rpc, body, status, code }) => ({ rpc, body, status, code }));
  };
}
