/**
 * Finds the run that a CreatePrebuild request has started although its response was lost.
 *
 * CreatePrebuild takes no idempotency key. Repeating the request could start a second run that users pay for, and
 * giving up could leave a run that no state knows. So the manual runs of the project are listed and compared with the
 * request. A run is ours if:
 * 1. it has the project, class and timeout of the request, and by the server's clock it isn't older than the request,
 * 2. no response has named it, and it wasn't listed before our first request for the project,
 * 3. our own user created it, before the request timed out. Until a response has told who our user is, it must be at
 * most 10 s younger than the request,
 * 4. no more runs qualify than requests are lost, and no lost request with other inputs may have started it. Otherwise
 * the user decides.
 */
import { creationWindow, type ServerTime } from "../lifecycle/lost-create.js";
import { orAborted } from "../lifecycle/wait.js";
import { perOwner } from "../util/per-owner.js";
import type { PrebuildDetails } from "./outputs.js";

/** A request that starts a run. */
export interface RunRequest {
  readonly projectId: string;
  readonly environmentClassId?: string | undefined;
  readonly timeout?: string | undefined;
  /** When it was last sent, by `clock.monotonic()`; Infinity until then. */
  readonly sentAt: number;
}

/** How much younger than its request a run may be while our own user is unknown. */
const maxStartDelayMs = 10_000;

/** Which run a lost request has started. */
export type Verdict =
  | { readonly kind: "ours"; readonly prebuild: PrebuildDetails }
  | { readonly kind: "undecided"; readonly candidates: readonly PrebuildDetails[] }
  | { readonly kind: "none" };

/** What is known besides the request and the runs. */
export interface Evidence {
  /** All requests whose responses are lost. */
  readonly lost: readonly RunRequest[];
  /** The ids of our own users, from responses. */
  readonly creators: ReadonlySet<string>;
  /** Whether the runs of the project were listed before the first request. */
  readonly listed: boolean;
  /** The ids of runs that may belong to another lost request. */
  readonly disputed: ReadonlySet<string>;
}

/** What all accounts of a process share: two of them may be the same account. */
export class ProcessRuns {
  /** The ids of runs that a response has named, or a lost request was found to have started. */
  readonly claimed = new Set<string>();
  readonly disputed = new Set<string>();
  readonly lost = new Set<RunRequest>();
  /** The requests without a response yet, by project. */
  readonly inFlight = new Map<string, Set<Promise<unknown>>>();
}

/** The requests of one account. */
export class LostRuns {
  readonly #process: ProcessRuns;
  readonly #creators = new Set<string>();
  /** The list of each project's runs before its first request. */
  readonly #lists = new Map<string, Promise<readonly PrebuildDetails[]>>();
  /** The ids in those lists that succeeded. */
  readonly #earlier = new Map<string, ReadonlySet<string>>();

  constructor(processRuns = new ProcessRuns()) {
    this.#process = processRuns;
  }

  /** Lists the manual runs of a project before its first request, unless our own user is known. Ignores a failure. */
  async listEarlier(projectId: string, list: () => Promise<PrebuildDetails[]>): Promise<readonly PrebuildDetails[]> {
    const pending = this.#lists.get(projectId);
    if (this.#earlier.has(projectId) || (this.#creators.size > 0 && pending === undefined)) return [];
    if (pending !== undefined) return pending;
    const listing = list().then(
      (prebuilds) => {
        this.#earlier.set(projectId, new Set(prebuilds.map(({ id }) => id)));
        return prebuilds;
      },
      () => [],
    );
    this.#lists.set(projectId, listing);
    return listing;
  }

  /** Sends a request and records its response, or that it is lost. {@link close} a lost request in the end. */
  async send(
    request: RunRequest,
    send: () => Promise<PrebuildDetails>,
    isLost: (error: unknown) => boolean,
  ): Promise<PrebuildDetails> {
    const { claimed, lost, inFlight } = this.#process;
    const response = send().then(
      (prebuild) => {
        claimed.add(prebuild.id);
        if (prebuild.creatorId !== undefined) this.#creators.add(prebuild.creatorId);
        return prebuild;
      },
      (error: unknown) => {
        if (isLost(error)) lost.add(request);
        throw error;
      },
    );
    const requests = inFlight.get(request.projectId) ?? new Set();
    inFlight.set(request.projectId, requests.add(response));
    return response.finally(() => requests.delete(response));
  }

  /** Waits until no request of the project is in flight: otherwise its run would look unclaimed. */
  async waitForResponses(projectId: string, signal: AbortSignal): Promise<void> {
    const requests = [...(this.#process.inFlight.get(projectId) ?? [])];
    if (requests.length > 0) await orAborted(Promise.allSettled(requests), signal);
  }

  /** The outcome of a lost request is known, or the user has been told that it isn't. */
  close(request: RunRequest): void {
    this.#process.lost.delete(request);
  }

  /** Finds the run of a lost request, and claims it. If that is undecided, no other request claims a candidate. */
  identify(request: RunRequest, runs: readonly PrebuildDetails[], server: ServerTime): Verdict {
    const { claimed, disputed, lost } = this.#process;
    const earlier = this.#earlier.get(request.projectId);
    const unclaimed = runs.filter(({ id }) => !claimed.has(id) && !earlier?.has(id));
    const evidence = { lost: [...lost], creators: this.#creators, listed: earlier !== undefined, disputed };
    const verdict = identifyRun(request, unclaimed, evidence, server);
    if (verdict.kind === "ours") claimed.add(verdict.prebuild.id);
    if (verdict.kind === "undecided") for (const { id } of verdict.candidates) disputed.add(id);
    return verdict;
  }
}

const processRunsOf = perOwner((_process: object) => new ProcessRuns());

/** The lost runs of a client in a provider process. */
export const lostRunsOf = perOwner((_client: object, process: object) => new LostRuns(processRunsOf(process)));

/** Finds the run of a lost request among those that no response has named. A pure function. */
export function identifyRun(
  request: RunRequest,
  unclaimed: readonly PrebuildDetails[],
  { lost, creators, listed, disputed }: Evidence,
  server: ServerTime,
): Verdict {
  // NaN if either time is unknown: the run may then be ours or anyone else's.
  const delay = ({ createdAt }: PrebuildDetails, { sentAt }: RunRequest) =>
    Date.parse(createdAt ?? "") - (server.serverTimeAt(sentAt) ?? NaN);
  const mayHaveStarted = (other: RunRequest, prebuild: PrebuildDetails) =>
    matches(prebuild, other) && !(delay(prebuild, other) < 0);
  const window = creationWindow(server, request.sentAt, request.sentAt) ?? { from: NaN, to: NaN };
  const isCloseEnough = (prebuild: PrebuildDetails) => {
    const createdAt = Date.parse(prebuild.createdAt ?? "");
    return creators.size > 0
      ? createdAt >= window.from && createdAt <= window.to
      : listed && delay(prebuild, request) <= maxStartDelayMs;
  };

  const candidates = unclaimed.filter(
    (prebuild) => mayHaveStarted(request, prebuild) && (creators.size === 0 || creators.has(prebuild.creatorId ?? "")),
  );
  if (candidates.length === 0) return { kind: "none" };
  const ours = candidates.filter((prebuild) => isCloseEnough(prebuild) && !disputed.has(prebuild.id));
  const rivals = lost.filter((other) => ours.some((prebuild) => mayHaveStarted(other, prebuild)));
  const names = ["projectId", "environmentClassId", "timeout"] as const;
  const identicalRequests = rivals.filter((other) => names.every((name) => other[name] === request[name]));
  const [first] = ours.toSorted((a, b) => delay(a, request) - delay(b, request));
  // Identical requests may swap their runs. It makes no difference.
  const isDecided = ours.length <= identicalRequests.length && rivals.length === identicalRequests.length;
  return first !== undefined && isDecided ? { kind: "ours", prebuild: first } : { kind: "undecided", candidates };
}

/** Whether a run is what the request asks for. */
function matches(prebuild: PrebuildDetails, { projectId, environmentClassId, timeout }: RunRequest): boolean {
  return (
    prebuild.projectId === projectId &&
    (environmentClassId === undefined || prebuild.environmentClassId === environmentClassId) &&
    (timeout === undefined || prebuild.timeout === undefined || prebuild.timeout === timeout) &&
    prebuild.triggeredBy === "MANUAL"
  );
}
