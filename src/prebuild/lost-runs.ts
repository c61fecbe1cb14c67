/**
 * Finds the run that a CreatePrebuild request has started although its response was lost.
 *
 * CreatePrebuild takes no idempotency key. Repeating the request could start a second run that users pay for, and
 * giving up could leave a run that no state knows. So the manual runs of the project are listed and compared with the
 * request. A run is ours if:
 * 1. it has the project, class and timeout of the request, and no response has named it,
 * 2. the owner of our token created it, by the server's clock after the request was sent and before it timed out. If
 * owner or creator is unknown, the run must be at most 10 s younger than the request,
 * 3. no more runs qualify than requests are lost, and no lost request with other inputs may have started it. Otherwise
 * the user decides.
 */
import type { IdentityMessage } from "../client/index.js";
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

/** How much younger than its request a run may be if its creator doesn't prove that it is ours. */
const maxStartDelayMs = 10_000;

/** The principals that the API shows as creators of what their tokens create. */
const creators: ReadonlySet<string> = new Set(["USER", "SERVICE_ACCOUNT"]);

/** Which run a lost request has started. */
export type Verdict =
  | { readonly kind: "ours"; readonly prebuild: PrebuildDetails }
  | { readonly kind: "undecided"; readonly candidates: readonly PrebuildDetails[] }
  | { readonly kind: "none" };

/** The requests of a process. Its accounts share them, since two of them may be the same account. */
export class LostRuns {
  /** The ids of runs that a response has named, or a lost request was found to have started. */
  readonly #claimed = new Set<string>();
  readonly #lost = new Set<RunRequest>();
  /** The requests without a response yet, by project. */
  readonly #inFlight = new Map<string, Set<Promise<unknown>>>();

  /** Sends a request and records its response, or that it is lost. */
  async send(
    request: RunRequest,
    send: () => Promise<PrebuildDetails>,
    isLost: (error: unknown) => boolean,
  ): Promise<PrebuildDetails> {
    const response = send().then(
      (prebuild) => {
        this.#claimed.add(prebuild.id);
        return prebuild;
      },
      (error: unknown) => {
        if (isLost(error)) this.#lost.add(request);
        throw error;
      },
    );
    const requests = this.#inFlight.get(request.projectId) ?? new Set();
    this.#inFlight.set(request.projectId, requests.add(response));
    return response.finally(() => requests.delete(response));
  }

  /**
   * Waits until no request of the project is in flight: otherwise its run would look unclaimed.
   * @throws the signal's reason once it is aborted
   */
  async waitForResponses(projectId: string, signal: AbortSignal): Promise<void> {
    await orAborted(Promise.allSettled([...(this.#inFlight.get(projectId) ?? [])]), signal);
  }

  /** A lost request has started no run. Until then it may have started each that matches. */
  close(request: RunRequest): void {
    this.#lost.delete(request);
  }

  /** Finds the run of a lost request, and claims it. */
  identify(
    request: RunRequest,
    runs: readonly PrebuildDetails[],
    owner: IdentityMessage["subject"] | undefined,
    server: ServerTime,
  ): Verdict {
    const unclaimed = runs.filter(({ id }) => !this.#claimed.has(id));
    const ownerId = owner !== undefined && creators.has(owner.principal) ? owner.id : undefined;
    const verdict = identifyRun(request, unclaimed, [...this.#lost], ownerId, server);
    if (verdict.kind === "ours") {
      this.#claimed.add(verdict.prebuild.id);
      this.close(request);
    }
    return verdict;
  }
}

/** The lost runs of a provider process. */
export const lostRunsOf = perOwner((_process: object) => new LostRuns());

/**
 * Finds the run of a lost request among those that no response has named. A pure function.
 * @param lost all requests whose responses are lost
 */
export function identifyRun(
  request: RunRequest,
  unclaimed: readonly PrebuildDetails[],
  lost: readonly RunRequest[],
  ownerId: string | undefined,
  server: ServerTime,
): Verdict {
  // NaN if either time is unknown: the run may then be ours or anyone else's.
  const delay = ({ createdAt }: PrebuildDetails, { sentAt }: RunRequest) =>
    Date.parse(createdAt ?? "") - (server.serverTimeAt(sentAt) ?? NaN);
  const mayHaveStarted = (other: RunRequest, prebuild: PrebuildDetails) =>
    matches(prebuild, other) && !(delay(prebuild, other) < 0);
  const window = creationWindow(server, request.sentAt, request.sentAt) ?? { from: NaN, to: NaN };
  const hasProof = ({ creatorId }: PrebuildDetails) => ownerId !== undefined && creatorId !== undefined;
  const isCloseEnough = (prebuild: PrebuildDetails) => {
    const createdAt = Date.parse(prebuild.createdAt ?? "");
    return createdAt >= window.from && createdAt <= (hasProof(prebuild) ? window.to : window.from + maxStartDelayMs);
  };

  const candidates = unclaimed.filter(
    (prebuild) => mayHaveStarted(request, prebuild) && (!hasProof(prebuild) || prebuild.creatorId === ownerId),
  );
  if (candidates.length === 0) return { kind: "none" };
  const ours = candidates.filter(isCloseEnough);
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
