/** The API calls of an operation, as a simulator has noted them. The engine knows of a simulator no more than this. */

/** What a stack takes of a simulator; `startSimulator` starts one. */
export interface StackSimulator {
  /** What program and provider need in their environment to use it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its clock: waits take no time, the clock goes ahead instead. */
  readonly clock: { readonly url: string };
  /** The requests that it received, oldest first; a request stays the same object. */
  readonly requests: readonly ApiCall[];
}

/** A request to the API, and how it was answered. */
export interface ApiCall {
  readonly rpc: string;
  /** The request in JSON; undefined when it could not be read. */
  readonly body: unknown;
  /** The HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** The Connect code of the answer, when it is an error. */
  readonly code: string | undefined;
}

/** Notes the calls from now on; the returned function gives them. */
export function noteCalls(simulator: StackSimulator | undefined): () => ApiCall[] {
  const last = simulator?.requests.at(-1);
  return () => {
    const requests = simulator?.requests ?? [];
    // Where the last one is no longer there, the requests were cleared, and all of them are new.
    const begin = last === undefined ? 0 : requests.lastIndexOf(last) + 1;
    return requests.slice(begin).map(({ rpc, body, status, code }) => ({ rpc, body, status, code }));
  };
}
