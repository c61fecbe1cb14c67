/**
 * Finds what is wrong with the project and the environment class of a resource to create. A preview warns about it, and
 * the error of a create that the API refused repeats it.
 */
import {
  type EnvironmentClassMessage,
  ignoreNotFound,
  type OnaClient,
  OnaError,
  type ProjectMessage,
} from "../client/index.js";
import type { Clock } from "../util/clock.js";
import { perOwner } from "../util/per-owner.js";
import { joinWithOr } from "../util/text.js";
import { ResourceFailure } from "./failures.js";
import { identityOf } from "./identity.js";
import { type Deadline, orAborted, startDeadline } from "./wait.js";

/** The inputs that are checked. */
export interface CheckedInputs {
  readonly projectId: string;
  /** Undefined if it is unknown, or left to the API. */
  readonly environmentClassId: string | undefined;
}

/** What the API reports about them. */
export interface Findings {
  /** Undefined if the token cannot read it. */
  readonly project: ProjectMessage | undefined;
  /** By id. Empty if they weren't needed or can't be read. */
  readonly classes: ReadonlyMap<string, EnvironmentClassMessage>;
  /** The token's organization, if it was needed and is known. */
  readonly organizationId?: string | undefined;
}

/** How many environment classes a message names. */
const maxShownClasses = 5;

/** Describes each problem in sentences without a period at the end. Names are as the client has cleaned them. */
export function describeProblems(
  { projectId, environmentClassId: classId }: CheckedInputs,
  { project, classes, organizationId }: Findings,
): readonly string[] {
  if (project === undefined) {
    const whose =
      organizationId === undefined
        ? "Check the id, and which organization the token belongs to"
        : `The token belongs to organization ${organizationId}`;
    return [`projectId is ${projectId}, but the token cannot read that project. ${whose}`];
  }
  const which = `project ${project.metadata.name} (${project.id})`;
  if (project.desiredPhase === "DELETED") return [`projectId is ${which}, which is being deleted. Use another one`];
  const { enabled, environmentClassIds: ids } = project.prebuildConfiguration;
  const environmentClassIds: readonly string[] = ids;
  const problems: string[] = [];
  if (!enabled) problems.push(`projectId is ${which}, which has prebuilds disabled. Enable them in its settings`);
  if (classId === undefined) return problems;

  const runnerOf = (id: string) => classes.get(id)?.runnerId;
  const nameOf = (id: string) => {
    const name = classes.get(id)?.displayName;
    return name ? `${name} (${id})` : id;
  };
  const subject = `environmentClassId is ${nameOf(classId)}, which is`;
  if (!environmentClassIds.includes(classId)) {
    const runners = environmentClassIds.flatMap((id) => runnerOf(id) ?? []);
    const runner = runnerOf(classId);
    const isElsewhere = runner !== undefined && runners.length > 0 && !runners.includes(runner);
    const elsewhere = isElsewhere ? " and on a different runner than the classes there" : "";
    const usable = environmentClassIds.filter((id) => classes.get(id)?.enabled !== false);
    const others = usable.slice(0, maxShownClasses).map(nameOf);
    if (usable.length > others.length) others.push(`one of ${usable.length - others.length} more`);
    const instead = others.length === 0 ? "" : `, or use ${joinWithOr(others)}`;
    problems.push(`${subject} not in the prebuild configuration of ${which}${elsewhere}. Add it${instead}`);
  }
  if (classes.get(classId)?.enabled === false)
    problems.push(`${subject} disabled. Enable it on its runner, or use another class of ${which}`);
  return problems;
}

/** How long the checks of a process may take together, in milliseconds. Time in which several run counts once. */
const totalTimeoutMs = 3_000;

/** How many projects are listed at most: a page. */
const maxListedProjects = 100;

type PreflightClient = Pick<OnaClient, "getProject" | "listProjects" | "listEnvironmentClasses" | "getIdentity">;

/** The checks over one client. They share their reads and keep the results. */
class Preflight {
  readonly #client: PreflightClient;
  readonly #clock: Clock;
  readonly #projects = new Map<string, Promise<ProjectMessage | undefined>>();
  #listed: Promise<ReadonlyMap<string, ProjectMessage>> | undefined;
  #classes: Promise<ReadonlyMap<string, EnvironmentClassMessage>> | undefined;
  #leftMs = totalTimeoutMs;
  #period: { readonly startedAt: number; readonly deadline: Deadline; checks: number } | undefined;

  constructor(client: PreflightClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Returns the problems as {@link describeProblems}. None if a read fails or the time is up. */
  async findProblems(inputs: CheckedInputs): Promise<readonly string[]> {
    try {
      const findings = await this.#withTimeout((signal) => this.#read(inputs, signal));
      return findings === undefined ? [] : describeProblems(inputs, findings);
    } catch {
      return [];
    }
  }

  async #read({ projectId, environmentClassId }: CheckedInputs, signal: AbortSignal): Promise<Findings> {
    const [project, classes] = await Promise.all([
      this.#project(projectId, signal),
      environmentClassId === undefined
        ? new Map<string, EnvironmentClassMessage>()
        : (this.#classes ??= collect(this.#client.listEnvironmentClasses({ signal }))),
    ]);
    if (project !== undefined) return { project, classes };
    const identity = await identityOf(this.#client, this.#clock)(signal);
    return { project, classes, organizationId: identity?.organizationId };
  }

  /** Gets the first project. The engine checks resources in sequence, so a List is faster for several others. */
  #project(id: string, signal: AbortSignal): Promise<ProjectMessage | undefined> {
    const get = () => ignoreNotFound(this.#client.getProject(id, { signal }));
    const listOrGet = async () => {
      this.#listed ??= collect(this.#client.listProjects({}, { signal }), maxListedProjects);
      return (await this.#listed).get(id) ?? get();
    };
    const project = this.#projects.get(id) ?? (this.#projects.size === 0 ? get() : listOrGet());
    this.#projects.set(id, project);
    return project;
  }

  async #withTimeout<T>(read: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#leftMs <= 0) return undefined;
    const period = (this.#period ??= {
      startedAt: this.#clock.monotonic(),
      deadline: startDeadline(this.#clock, this.#leftMs),
      checks: 0,
    });
    period.checks++;
    const { signal } = period.deadline;
    try {
      return await orAborted(read(signal), signal);
    } finally {
      if (--period.checks === 0) {
        this.#leftMs -= this.#clock.monotonic() - period.startedAt;
        this.#period = undefined;
        period.deadline.end();
      }
    }
  }
}

/** The checks over a client, for all resources of a process. */
export const preflightOf = perOwner((client: PreflightClient, clock: Clock) => new Preflight(client, clock));

/** The codes with which the API may refuse a create because of the project or the class. */
const refusals: ReadonlySet<string> = new Set(["failed_precondition", "not_found"]);

/**
 * Adds the problems to the error of a create that the API refused, in place of general advice. Returns any other error
 * unchanged.
 */
export async function explainRefusal(error: unknown, find: () => Promise<readonly string[]>): Promise<unknown> {
  if (!(error instanceof OnaError) || error.origin !== "api" || !refusals.has(error.code)) return error;
  const problems = await find();
  if (problems.length === 0) return error;
  return new ResourceFailure(`${[error.summary, ...problems].join(". ")}.`, { cause: error });
}

/** Collects items by id, up to a number, or to the page that can't be read. */
async function collect<T extends { readonly id: string }>(
  items: AsyncIterable<T>,
  max = Infinity,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  try {
    for await (const item of items) if (found.set(item.id, item).size >= max) break;
  } catch {
    // What was listed is enough: projects are then read on their own, and classes shown by id.
  }
  return found;
}
