/**
 * Which prebuilds this process has started: CreatePrebuild has no key to find its run by, so after a lost answer it has to be recognised among those that the API lists.
 *
 * A run is ours when it is of the project, class and timeout that we asked for, manual, by our own creator, not older than the request by the server's clock, and in no answer seen
 * before. Who our own creator is, only the answer to another create has told. Until there is one, the project's runs are listed before a request is sent, and what a lost one has started
 * is no more than a few seconds younger than the request. Where more runs fit than answers were lost, nothing can be told.
 */
import { perOwner } from "../util/per-owner.js";
import type { PrebuildDetails } from "./outputs.js";

/** A request that starts a prebuild. */
export interface StartRequest {
  readonly projectId: string;
  readonly environmentClassId?: string | undefined;
  readonly timeout?: string | undefined;
  /** When it was last sent, in milliseconds of `clock.monotonic()`; Infinity until then. */
  readonly sentAt: number;
}

/** The server's clock at a moment of `clock.monotonic()`: milliseconds since 1970, never late; undefined where it is not known. */
export type ServerClock = (moment: number) => number | undefined;

/** How much later than it was sent a request may have started a run of which the creator says nothing, in milliseconds. */
const nearby = 10_000;

/** What can be told of a request whose answer was lost. */
export type Verdict =
  | { readonly kind: "ours"; readonly prebuild: PrebuildDetails }
  | { readonly kind: "undecided"; readonly candidates: readonly PrebuildDetails[] }
  | { readonly kind: "none" };

/** What a process knows of the prebuilds that it has started, besides a lost request itself. */
export interface Knowledge {
  /** All requests whose answers were lost. */
  readonly lost: readonly StartRequest[];
  /** Who our own creator is, by other answers; empty where that is not known. */
  readonly creators: ReadonlySet<string>;
  /** Whether the project's runs were listed before the request was sent, so that what was there already counts as seen. */
  readonly listed: boolean;
  /** Ids of runs of which another lost request could not tell whether they are its own. */
  readonly disputed: ReadonlySet<string>;
}

/** What a process knows of runs, whichever connection they were asked for over: two connections may lead to one account. */
export class KnownRuns {
  /** Ids that an answer has told. */
  readonly seen = new Set<string>();
  readonly disputed = new Set<string>();
  readonly lost = new Set<StartRequest>();
  /** Requests that have no answer yet, by project. */
  readonly underWay = new Map<string, Set<Promise<unknown>>>();
}

/** What a process knows of the prebuilds that it has started over a connection. */
export class Ownership {
  readonly #creators = new Set<string>();
  /** The lists of projects' runs before the first request, and the projects of which they succeeded. */
  readonly #lists = new Map<string, Promise<readonly PrebuildDetails[]>>();
  readonly #listed = new Set<string>();
  /** Ids that those lists have shown. */
  readonly #before = new Set<string>();

  constructor(private readonly runs = new KnownRuns()) {}

  /**
   * To be awaited before a request of a project is sent, so that later its run can be told from those that are there already.
   * @param list gives the manual runs of the project. It is called once a project, and only while it is not known who our own creator is; that it fails hinders nothing
   * @returns what it has just given
   */
  async prepare(
    projectId: string,
    list: () => Promise<readonly PrebuildDetails[]>,
  ): Promise<readonly PrebuildDetails[]> {
    if (this.#listed.has(projectId) || (this.#creators.size > 0 && !this.#lists.has(projectId))) return [];
    const listing =
      this.#lists.get(projectId) ??
      list().then(
        (prebuilds) => {
          for (const { id } of prebuilds) this.#before.add(id);
          this.#listed.add(projectId);
          return prebuilds;
        },
        () => [],
      );
    this.#lists.set(projectId, listing);
    return listing;
  }

  /**
   * Sends a request and takes note of its answer, or that it was lost, before any other request of its project judges.
   * @param isLost whether an error leaves it open if a run was started; call {@link settled} once that is known
   */
  async starting(
    request: StartRequest,
    send: () => Promise<PrebuildDetails>,
    isLost: (error: unknown) => boolean,
  ): Promise<PrebuildDetails> {
    const answer = send().then(
      (prebuild) => {
        this.runs.seen.add(prebuild.id);
        if (prebuild.creatorId !== undefined) this.#creators.add(prebuild.creatorId);
        return prebuild;
      },
      (error: unknown) => {
        if (isLost(error)) this.runs.lost.add(request);
        throw error;
      },
    );
    const underWay = this.runs.underWay.get(request.projectId) ?? new Set();
    this.runs.underWay.set(request.projectId, underWay.add(answer));
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  }

  /**
   * Waits until every request of a project that is under way now has its answer, or has lost it: until then its run would seem to be anybody's.
   * @param signal ends the wait with its reason
   */
  async answered(projectId: string, signal: AbortSignal): Promise<void> {
    const underWay = [...(this.runs.underWay.get(projectId) ?? [])];
    if (underWay.length === 0) return;
    const ended = new AbortController();
    const stopped = new Promise<never>((_resolve, reject) => {
      const stop = () => reject(signal.reason as Error);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { signal: ended.signal });
    });
    try {
      await Promise.race([Promise.allSettled(underWay), stopped]);
    } finally {
      ended.abort();
    }
  }

  /** What became of a lost request is known, or has been said not to be. */
  settled(request: StartRequest): void {
    this.runs.lost.delete(request);
  }

  /**
   * What can be told of a lost request from the prebuilds that are listed. A run that is ours is claimed, so that no other request takes it; where nothing can be told, no other
   * request takes one of the candidates either.
   */
  recognise(request: StartRequest, runs: readonly PrebuildDetails[], serverTimeAt: ServerClock): Verdict {
    const listed = this.#listed.has(request.projectId);
    const unclaimed = runs.filter(({ id }) => !this.runs.seen.has(id) && !this.#before.has(id));
    const knowledge = { lost: [...this.runs.lost], creators: this.#creators, listed, disputed: this.runs.disputed };
    const verdict = recognise(request, unclaimed, knowledge, serverTimeAt);
    if (verdict.kind === "ours") this.runs.seen.add(verdict.prebuild.id);
    if (verdict.kind === "undecided") for (const { id } of verdict.candidates) this.runs.disputed.add(id);
    return verdict;
  }
}

const knownRunsOf = perOwner((_process: object) => new KnownRuns());

/** What a provider process knows of the prebuilds that it has started through a client. */
export const ownershipOf = perOwner((_client: object, process: object) => new Ownership(knownRunsOf(process)));

/**
 * What can be told of a lost request: pure.
 * @param unclaimed listed prebuilds that are in no answer seen before
 */
export function recognise(
  request: StartRequest,
  unclaimed: readonly PrebuildDetails[],
  { lost, creators, listed, disputed }: Knowledge,
  serverTimeAt: ServerClock,
): Verdict {
  // NaN where either end is not known: the run may then be ours, and may be any other.
  const delay = ({ createdAt }: PrebuildDetails, { sentAt }: StartRequest) =>
    Date.parse(createdAt ?? "") - (serverTimeAt(sentAt) ?? NaN);
  const mayBe = (prebuild: PrebuildDetails, other: StartRequest) =>
    fits(prebuild, other) && !(delay(prebuild, other) < 0);
  const isNear = (prebuild: PrebuildDetails) =>
    creators.size > 0 ? delay(prebuild, request) >= 0 : listed && delay(prebuild, request) <= nearby;

  const candidates = unclaimed.filter(
    (prebuild) => mayBe(prebuild, request) && (creators.size === 0 || creators.has(prebuild.creatorId ?? "")),
  );
  if (candidates.length === 0) return { kind: "none" };
  const ours = candidates.filter((prebuild) => isNear(prebuild) && !disputed.has(prebuild.id));
  const rivals = lost.filter((other) => ours.some((prebuild) => mayBe(prebuild, other)));
  const alike = rivals.filter((other) => sameRequest(other, request));
  const [first] = ours.toSorted((a, b) => delay(a, request) - delay(b, request));
  // Lost requests for the same thing may take each other's runs; nobody can tell, and nothing depends on it.
  if (first === undefined || ours.length > alike.length || alike.length < rivals.length) {
    return { kind: "undecided", candidates };
  }
  return { kind: "ours", prebuild: first };
}

/** Whether a prebuild is what a request has asked for. */
function fits(prebuild: PrebuildDetails, { projectId, environmentClassId, timeout }: StartRequest): boolean {
  return (
    prebuild.projectId === projectId &&
    (environmentClassId === undefined || prebuild.environmentClassId === environmentClassId) &&
    (timeout === undefined || prebuild.timeout === undefined || prebuild.timeout === timeout) &&
    prebuild.triggeredBy === "MANUAL"
  );
}

function sameRequest(a: StartRequest, b: StartRequest): boolean {
  return a.projectId === b.projectId && a.environmentClassId === b.environmentClassId && a.timeout === b.timeout;
}
