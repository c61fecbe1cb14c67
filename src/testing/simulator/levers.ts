/**
 * Everything that the server, other users, or the network can do, as methods. lever-server.ts serves them over HTTP.
 */
import type { AccessControl, Plan, Scope } from "./access-control.js";
import type { ArmedFault, Fault, Faults } from "./faults.js";
import { refusal } from "./connect-codes.js";
import { isId } from "./ids.js";
import { checkWhole, maxInt64 } from "./lever-numbers.js";
import type { NewPool, Pools, Sizes } from "./pools.js";
import type { NewPrebuild, Prebuilds, RunOptions } from "./prebuilds.js";
import type { LoggedRequest, RequestLog } from "./request-log.js";
import { plausible, type Unknowns } from "./unknowns.js";
import { live, viewOfPool, viewOfPrebuild, type SimulatedPool, type SimulatedPrebuild } from "./simulated-objects.js";
import type { World } from "./world.js";

/** The largest pool that a lever makes. The API itself allows 20. */
const maxPoolSize = 1_000;

/** The state that the levers change. @internal */
export interface LeverState {
  world: World;
  pools: Pools;
  prebuilds: Prebuilds;
  access: AccessControl;
  faults: Faults;
  requests: RequestLog;
}

/** A change of a project's prebuild configuration, or its deletion. */
export interface ProjectChange {
  prebuildsEnabled?: boolean | undefined;
  /** Whether someone is deleting the project. */
  isBeingDeleted?: boolean | undefined;
  /** The classes of the new configuration, out of those that the project started with. */
  environmentClassIds?: string[] | undefined;
}

/** A project with the classes in its prebuild configuration. */
export interface SimulatedProject {
  readonly id: string;
  readonly name: string;
  readonly prebuildsEnabled: boolean;
  readonly environmentClassIds: string[];
  readonly environmentClasses: { readonly id: string; readonly name: string }[];
}

/** The levers of a simulator. */
export class Levers {
  readonly #state: LeverState;

  /** @internal */
  constructor(state: LeverState) {
    this.#state = state;
  }

  /** Every pool there has been, deleted ones included. */
  get pools(): SimulatedPool[] {
    return this.#current()
      .pools.all()
      .map(({ id }) => this.pool(id));
  }

  /** Every prebuild there has been, seeded, expired, and deleted ones included. */
  get prebuilds(): SimulatedPrebuild[] {
    return this.#current()
      .prebuilds.all()
      .map(({ id }) => this.prebuild(id));
  }

  get projects(): SimulatedProject[] {
    return this.#current().world.projects.map(({ id, name, prebuildsEnabled, environmentClasses }) => ({
      id,
      name,
      prebuildsEnabled,
      environmentClassIds: environmentClasses.map((environmentClass) => environmentClass.id),
      environmentClasses: environmentClasses.map((environmentClass) => ({
        id: environmentClass.id,
        name: environmentClass.name,
      })),
    }));
  }

  /** The requests received, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return [...this.#state.requests.all()];
  }

  /** Clears the list of requests. */
  clearRequests(): void {
    this.#state.requests.clear();
  }

  /** The pool with that id, deleted or not. Its values stay up to date. */
  pool(id: string): SimulatedPool {
    return live(() => viewOfPool(known(this.#current().pools.find(id), `warm pool ${id}`)));
  }

  /** The prebuild with that id, deleted or not. Its values stay up to date. */
  prebuild(id: string): SimulatedPrebuild {
    return live(() => viewOfPrebuild(known(this.#current().prebuilds.find(id), `prebuild ${id}`)));
  }

  /** Someone else creates a pool. With only `desiredSize`, it has only the deprecated size. */
  createPool(input: NewPool): SimulatedPool {
    const { pools } = this.#current();
    const { desiredSize, minSize, maxSize } = input;
    checkWhole({ minSize, maxSize, desiredSize }, 0, maxPoolSize);
    const isOld = desiredSize !== undefined && minSize === undefined && maxSize === undefined;
    return this.pool((isOld ? pools.createOld({ ...input, desiredSize }) : pools.create(input)).id);
  }

  /** Someone else resizes a pool. */
  resize(id: string, sizes: Sizes): SimulatedPool {
    const { minSize, maxSize, desiredSize } = sizes;
    checkWhole({ minSize, maxSize, desiredSize }, 0, maxPoolSize);
    return this.pool(this.#current().pools.update(id, sizes).id);
  }

  /** The runner reports a problem, and the pool becomes DEGRADED. */
  degrade(id: string, message = "the runner could not start instances"): SimulatedPool {
    return this.pool(this.#current().pools.degrade(id, message).id);
  }

  /** The runner reports that the problem is solved. */
  recover(id: string): SimulatedPool {
    return this.pool(this.#current().pools.recover(id).id);
  }

  /** The autoscaler requests another size, limited to the minimum and maximum. */
  scale(id: string, size: number): SimulatedPool {
    checkWhole({ size }, 0, maxPoolSize);
    return this.pool(this.#current().pools.scale(id, size).id);
  }

  /** The server starts to drain a pool or to delete a prebuild. */
  drain(id: string): void {
    const { pools, prebuilds } = this.#current();
    if (pools.find(id) !== undefined) pools.delete(id);
    else prebuilds.delete(id);
  }

  /** A pool or a prebuild is deleted immediately. */
  remove(id: string): void {
    const { pools, prebuilds } = this.#current();
    if (pools.find(id) !== undefined) pools.remove(id);
    else prebuilds.remove(id);
  }

  /** A prebuild is deleted as if it had expired. Its age does not change. */
  expire(id: string): void {
    this.#current().prebuilds.remove(id);
  }

  /** A scheduled prebuild of the pool's project and class completes, and the pool gets its snapshot. */
  rotate(poolId: string): SimulatedPrebuild {
    const { projectId, environmentClassId } = this.pool(poolId);
    return this.completePrebuild(projectId, environmentClassId);
  }

  /** A scheduled prebuild of a project and class completes now. */
  completePrebuild(projectId: string, environmentClassId: string): SimulatedPrebuild {
    return this.prebuild(this.#current().prebuilds.complete(projectId, environmentClassId).id);
  }

  /** Someone else starts a prebuild. */
  createPrebuild(input: NewPrebuild): SimulatedPrebuild {
    const { creatorId, timeoutSeconds } = input;
    checkWhole({ timeoutSeconds }, 1, 7 * 24 * 3600);
    if (creatorId !== undefined && !isId(creatorId))
      throw new TypeError(`creatorId must be a UUID: got "${creatorId}"`);
    return this.prebuild(this.#current().prebuilds.create(input).id);
  }

  /** Sets the end, message, and log of the next prebuild that is created. Several calls queue up. */
  nextPrebuild(run: RunOptions): void {
    checkWhole({ snapshotSizeBytes: run.snapshotSizeBytes }, 0, maxInt64);
    this.#current().prebuilds.prepare(run);
  }

  /** A running prebuild fails now. */
  failPrebuild(id: string, message = "the prebuild task failed", log?: string): SimulatedPrebuild {
    return this.prebuild(this.#current().prebuilds.fail(id, message, log).id);
  }

  /** Someone else cancels a prebuild. */
  cancelPrebuild(id: string): SimulatedPrebuild {
    return this.prebuild(this.#current().prebuilds.cancel(id).id);
  }

  /** Changes a project's prebuild configuration, or deletes it. Pools that it no longer allows are drained. */
  configureProject(id: string, change: ProjectChange): void {
    const { world, pools } = this.#current();
    const project = known(
      world.projects.find((candidate) => candidate.id === id),
      `project ${id}`,
    );
    project.prebuildsEnabled = change.prebuildsEnabled ?? project.prebuildsEnabled;
    project.isBeingDeleted = change.isBeingDeleted ?? project.isBeingDeleted;
    const { environmentClassIds } = change;
    if (environmentClassIds !== undefined) {
      project.environmentClasses = environmentClassIds.map((wanted) =>
        known(
          project.classes.find((environmentClass) => environmentClass.id === wanted),
          `environment class ${wanted}`,
        ),
      );
    }
    pools.enforceConfiguration();
  }

  /** Adds a fault to calls: the next one of an RPC, the n-th, several, or a share. */
  fault(fault: Fault): ArmedFault {
    const { faults, world } = this.#current();
    return faults.add(fault, world.events.now);
  }

  /** Removes all faults. */
  clearFaults(): void {
    this.#state.faults.clear();
  }

  /** The answers to what the API's documentation leaves open. */
  get unknowns(): Readonly<Unknowns> {
    return this.#state.world.unknowns;
  }

  /** Switches the answers to what the API's documentation leaves open. */
  setUnknowns(change: Partial<Unknowns>): void {
    const known = new Map<string, readonly string[]>(Object.entries(plausible));
    for (const [point, answer] of Object.entries(change)) {
      if (known.get(point)?.includes(answer)) continue;
      throw new TypeError(describeWrongAnswer(point, answer, known.get(point)));
    }
    const { world } = this.#current();
    world.unknowns = { ...world.unknowns, ...change };
  }

  /** Issues a token. Default scope: full. */
  issueToken(scope: Scope = "full"): string {
    return this.#state.access.issue(scope);
  }

  /** Makes a token invalid. */
  revokeToken(token: string): void {
    this.#state.access.revoke(token);
  }

  /** Changes the organization's plan. Only Enterprise includes warm pools. */
  setPlan(plan: Plan): void {
    this.#state.access.plan = plan;
  }

  #current(): LeverState {
    this.#state.world.catchUp();
    return this.#state;
  }
}

function describeWrongAnswer(point: string, answer: string, plausibleAnswers?: readonly string[]): string {
  if (plausibleAnswers === undefined) return `${point} is not one of ${Object.keys(plausible).join(", ")}`;
  return `${point} must be one of ${plausibleAnswers.join(", ")}: got "${answer}"`;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw refusal("not_found", `the simulator has no ${what}`);
  return value;
}
