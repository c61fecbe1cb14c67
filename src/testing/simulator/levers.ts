// Everything that the server, its people or its network can do by themselves, as methods. The same levers are served
// over HTTP by lever-server.ts.
import type { Gate, Plan, Scope } from "./access-control.js";
import type { ArmedFault, Fault, Faults } from "./faults.js";
import { refusal } from "./connect-codes.js";
import { isId } from "./ids.js";
import type { NewPool, Pools, Sizes } from "./pools.js";
import type { NewPrebuild, Prebuilds, RunOptions } from "./prebuilds.js";
import type { LoggedRequest, RequestLog } from "./request-log.js";
import type { Project } from "./seed-projects.js";
import { plausible, type Unknowns } from "./unknowns.js";
import { live, viewOfPool, viewOfPrebuild, type SimulatedPool, type SimulatedPrebuild } from "./simulated-objects.js";
import type { World } from "./world.js";

/** What the levers move. */
export interface LeverState {
  world: World;
  pools: Pools;
  prebuilds: Prebuilds;
  gate: Gate;
  faults: Faults;
  requests: RequestLog;
}

/** What of a project's configuration can change. */
export interface ProjectChange {
  prebuildsEnabled?: boolean | undefined;
  /** The classes that stay in the prebuild configuration, or come back to it. */
  environmentClassIds?: string[] | undefined;
}

/** A seeded project with the classes in its prebuild configuration. */
export interface SimulatedProject {
  readonly id: string;
  readonly name: string;
  readonly prebuildsEnabled: boolean;
  readonly environmentClassIds: string[];
  readonly environmentClasses: { readonly id: string; readonly name: string }[];
}

export class Levers {
  private readonly seededClasses: Map<string, Project["environmentClasses"]>;

  constructor(private readonly state: LeverState) {
    this.seededClasses = new Map(state.world.projects.map((project) => [project.id, project.environmentClasses]));
  }

  /** Every pool there has been, the deleted ones too. */
  get pools(): SimulatedPool[] {
    return this.settled()
      .pools.all()
      .map(({ id }) => this.pool(id));
  }

  /** Every prebuild there has been, the seeded, expired and deleted ones too. */
  get prebuilds(): SimulatedPrebuild[] {
    return this.settled()
      .prebuilds.all()
      .map(({ id }) => this.prebuild(id));
  }

  get projects(): SimulatedProject[] {
    return this.settled().world.projects.map(({ id, name, prebuildsEnabled, environmentClasses }) => ({
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

  /** The requests that were received, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return [...this.state.requests.all()];
  }

  /** Forgets the requests that were received. */
  clearRequests(): void {
    this.state.requests.clear();
  }

  /** The pool with that id, deleted or not; its values stay up to date. */
  pool(id: string): SimulatedPool {
    return live(() => viewOfPool(known(this.settled().pools.find(id), `warm pool ${id}`)));
  }

  /** The prebuild with that id, deleted or not; its values stay up to date. */
  prebuild(id: string): SimulatedPrebuild {
    return live(() => viewOfPrebuild(known(this.settled().prebuilds.find(id), `prebuild ${id}`)));
  }

  /** Somebody else makes a pool. With desiredSize alone it is one of the old kind. */
  createPool(input: NewPool): SimulatedPool {
    const { pools } = this.settled();
    const { desiredSize, minSize, maxSize } = input;
    const isOld = desiredSize !== undefined && minSize === undefined && maxSize === undefined;
    return this.pool((isOld ? pools.createOld({ ...input, desiredSize }) : pools.create(input)).id);
  }

  /** Somebody else changes the sizes of a pool. */
  resize(id: string, sizes: Sizes): SimulatedPool {
    return this.pool(this.settled().pools.update(id, sizes).id);
  }

  /** The runner reports a problem: the pool becomes DEGRADED. */
  degrade(id: string, message = "the runner could not start instances"): SimulatedPool {
    return this.pool(this.settled().pools.degrade(id, message).id);
  }

  /** The runner reports that the problem is over. */
  recover(id: string): SimulatedPool {
    return this.pool(this.settled().pools.recover(id).id);
  }

  /** The autoscaler wants another size; it stays between minimum and maximum. */
  scale(id: string, size: number): SimulatedPool {
    return this.pool(this.settled().pools.scale(id, size).id);
  }

  /** The server begins to drain a pool, or to delete a prebuild, without being asked by its owner. */
  drain(id: string): void {
    const { pools, prebuilds } = this.settled();
    if (pools.find(id) !== undefined) pools.delete(id);
    else prebuilds.delete(id);
  }

  /** A pool or a prebuild is gone at once. */
  remove(id: string): void {
    const { pools, prebuilds } = this.settled();
    if (pools.find(id) !== undefined) pools.remove(id);
    else prebuilds.remove(id);
  }

  /** A prebuild is gone as after seven days; its age does not change. */
  expire(id: string): void {
    this.settled().prebuilds.remove(id);
  }

  /** A scheduled prebuild of the pool's project and class completes: the pool gets its snapshot. */
  rotate(poolId: string): SimulatedPrebuild {
    const { projectId, environmentClassId } = this.pool(poolId);
    return this.completePrebuild(projectId, environmentClassId);
  }

  /** A scheduled prebuild of the project and class completes now. */
  completePrebuild(projectId: string, environmentClassId: string): SimulatedPrebuild {
    return this.prebuild(this.settled().prebuilds.complete(projectId, environmentClassId).id);
  }

  /** Somebody else starts a prebuild. */
  createPrebuild(input: NewPrebuild): SimulatedPrebuild {
    const { creatorId } = input;
    if (creatorId !== undefined && !isId(creatorId)) throw new TypeError(`creatorId: ${creatorId} is not a UUID`);
    return this.prebuild(this.settled().prebuilds.create(input).id);
  }

  /** Says how the next prebuild will go: how it ends, with which message and which log. Several calls queue up. */
  nextPrebuild(run: RunOptions): void {
    this.settled().prebuilds.prepare(run);
  }

  /** A running prebuild fails now. */
  failPrebuild(id: string, message = "the prebuild task failed", log?: string): SimulatedPrebuild {
    return this.prebuild(this.settled().prebuilds.fail(id, message, log).id);
  }

  /** Somebody else cancels a prebuild. */
  cancelPrebuild(id: string): SimulatedPrebuild {
    return this.prebuild(this.settled().prebuilds.cancel(id).id);
  }

  /** Changes a project's prebuild configuration; pools that it no longer allows are drained. */
  configureProject(id: string, change: ProjectChange): void {
    const { world, pools } = this.settled();
    const project = known(
      world.projects.find((candidate) => candidate.id === id),
      `project ${id}`,
    );
    project.prebuildsEnabled = change.prebuildsEnabled ?? project.prebuildsEnabled;
    const { environmentClassIds } = change;
    if (environmentClassIds !== undefined) {
      const seeded = this.seededClasses.get(id) ?? [];
      project.environmentClasses = environmentClassIds.map((wanted) =>
        known(
          seeded.find((environmentClass) => environmentClass.id === wanted),
          `environment class ${wanted}`,
        ),
      );
    }
    pools.enforceConfiguration();
  }

  /** Gives calls a fault: the next one of an RPC, the n-th, several or a share. */
  fault(fault: Fault): ArmedFault {
    const { faults, world } = this.settled();
    return faults.add(fault, world.agenda.now);
  }

  /** No call gets a fault any more. */
  clearFaults(): void {
    this.state.faults.clear();
  }

  /** The answers on the points that the API's contract leaves open. */
  get unknowns(): Readonly<Unknowns> {
    return this.state.world.unknowns;
  }

  /** Switches answers on the points that the API's contract leaves open. */
  setUnknowns(change: Partial<Unknowns>): void {
    const known = new Map<string, readonly string[]>(Object.entries(plausible));
    for (const [point, answer] of Object.entries(change)) {
      if (known.get(point)?.includes(answer)) continue;
      throw new TypeError(`${point}: ${answer} is not one of ${known.get(point)?.join(", ") ?? "the open points"}`);
    }
    const { world } = this.settled();
    world.unknowns = { ...world.unknowns, ...change };
  }

  /** A new token that opens the API. */
  issueToken(scope: Scope = "full"): string {
    return this.state.gate.issue(scope);
  }

  /** The token opens nothing any more. */
  revokeToken(token: string): void {
    this.state.gate.revoke(token);
  }

  /** Puts the organisation on another plan; only Enterprise has warm pools. */
  setPlan(plan: Plan): void {
    this.state.gate.plan = plan;
  }

  private settled(): LeverState {
    this.state.world.settle();
    return this.state;
  }
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw refusal("not_found", `${what} is not known to the simulator`);
  return value;
}
