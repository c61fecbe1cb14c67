/** What must hold after each step of a run, whatever went wrong in the step. */
import type { LoggedRequest, SimulatedPool, SimulatedPrebuild, Simulator } from "../../src/testing/simulator/index.js";
import type { ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { pairOf } from "./program-edits.js";
import type { CampaignStack, Outcome } from "./campaign-stack.js";

/** An invariant does not hold. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

/** A pool or a prebuild as the simulator has it. */
type Remote = SimulatedPool | SimulatedPrebuild;

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const logTokenPrefix = "ona_sim_logs";

/** The error of a create that may have made something whose id is unknown. */
const openOutcome =
  /provider process died while Create|could not determine whether (?:the warm pool was|the prebuild was|this started)|of the project was found afterwards|of this project and environment class was found afterwards/;

/** The errors that name the ids of objects in nobody's state. An error that says that an object stays in state does not count. */
const namesIds = /already have a warm pool: |These runs of the project may be it: /;

/** Knows who made what during a run and checks the invariants. */
export class Invariants {
  readonly #sim: Simulator;
  readonly #stack: CampaignStack;
  /** Objects that someone else made, with the sizes of the pools. */
  readonly #foreign = new Map<string, string>();
  /** Objects that someone else, or the server, deleted. */
  readonly #deletedOutside = new Set<string>();
  /** Objects seen by an earlier check. */
  readonly #known = new Set<string>();
  /** Objects in nobody's state that an error announced when they were made. */
  readonly #announced = new Set<string>();

  constructor(sim: Simulator, stack: CampaignStack) {
    this.#sim = sim;
    this.#stack = stack;
    for (const each of this.#all()) this.noteForeign(each);
  }

  /** Notes that someone else made the object or changed its sizes. */
  noteForeign(remote: Remote): void {
    if (!this.#isClaimed(remote.id)) this.#foreign.set(remote.id, sizesOf(remote));
  }

  /** Notes that someone else deleted the object. */
  noteDeletedOutside(id: string): void {
    this.#deletedOutside.add(id);
  }

  /** Checks a step that has ended. */
  check(before: Snapshot, result: Outcome, calls: readonly LoggedRequest[]): void {
    this.#expectNoSecret(result);
    this.#expectNothingDropped(before, calls);
    this.#expectNothingDoubled();
    this.#expectNothingOrphaned(before, result);
    this.#expectForeignUntouched();
    if (result.succeeded) this.#expectNothingClaimedDeleted(calls);
  }

  /** Whether an error announced the object when it was made, so that a user can deal with it. */
  isAnnounced({ id }: Remote): boolean {
    return this.#announced.has(id);
  }

  /** Whether someone else made the object and nobody adopted it. */
  isForeign(id: string): boolean {
    return this.#foreign.has(id);
  }

  /** The objects that exist and are not being deleted. */
  alive(): Remote[] {
    return this.#all().filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  }

  #all(): Remote[] {
    return [...this.#sim.pools, ...this.#sim.prebuilds];
  }

  /** Tells which objects an error announced by id or by pair, or the engine by a pending operation. */
  #announcements(before: Snapshot, { errors }: Outcome): (remote: Remote) => boolean {
    const keys = new Map<string, string>();
    for (const { urn, type, inputs } of before.resources) keys.set(urn.split("::").at(-1) ?? "", keyOf(type, inputs));
    for (const { name, kind, args } of this.#stack.declared) keys.set(name, keyOf(kind, args));
    const ids = new Set<string>();
    const open = this.#pending();
    for (const { message, urn } of errors) {
      if (namesIds.test(message)) for (const [id] of message.matchAll(uuids)) ids.add(id);
      const key = keys.get(urn?.split("::").at(-1) ?? "");
      if (key !== undefined && openOutcome.test(message)) open.add(key);
    }
    return (remote) => ids.has(remote.id) || open.has(keyOfRemote(remote));
  }

  #expectNoSecret({ output }: Outcome): void {
    const stored = this.#stack.snapshot.resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    for (const text of [...output, JSON.stringify(stored), JSON.stringify(this.#stack.snapshot.pending)]) {
      if (text.includes(this.#sim.token)) throw new BrokenInvariant(`the token is in this text: ${text}`);
      if (text.includes(logTokenPrefix)) throw new BrokenInvariant(`a log token is in this text: ${text}`);
    }
  }

  #expectNothingDropped(before: Snapshot, calls: readonly LoggedRequest[]): void {
    const all = new Map(this.#all().map((remote) => [remote.id, remote]));
    for (const { id, urn, custom, outputs, pendingReplacement } of before.resources) {
      const remote = all.get(id);
      if (!custom || remote === undefined || this.#isClaimed(id)) continue;
      if (remote.phase !== "DELETED") throw new BrokenInvariant(`${urn} left state although ${id} is ${remote.phase}`);
      // An earlier step already knew.
      if (outputs?.["expired"] === true || pendingReplacement) continue;
      if (!calls.some((call) => saysGone(call, id)))
        throw new BrokenInvariant(`${urn} left state although no response said that ${id} is gone`);
    }
  }

  /** In one operation, each resource makes at most one object. */
  #expectNothingDoubled(): void {
    const declared = Map.groupBy(this.#stack.declared, ({ kind, args }) => keyOf(kind, args));
    const made = this.#all().filter(({ id }) => !this.#known.has(id) && !this.#foreign.has(id));
    for (const [key, objects] of Map.groupBy(made, keyOfRemote)) {
      const maxObjects = declared.get(key)?.length ?? 0;
      if (objects.length > maxObjects)
        throw new BrokenInvariant(`${objects.length} objects were made for ${maxObjects} resources of ${key}`);
    }
  }

  #expectNothingOrphaned(before: Snapshot, result: Outcome): void {
    const isAnnounced = this.#announcements(before, result);
    for (const remote of this.#all()) {
      const { id, phase } = remote;
      const isNew = !this.#known.has(id);
      this.#known.add(id);
      if (phase === "DELETED" || phase === "DELETING" || this.#foreign.has(id) || this.#isClaimed(id)) continue;
      if (isNew && isAnnounced(remote)) this.#announced.add(id);
      if (!this.#announced.has(id))
        throw new BrokenInvariant(`${id} (${phase}) is in nobody's state, and no error said so`);
    }
  }

  #expectForeignUntouched(): void {
    const all = new Map(this.#all().map((remote) => [remote.id, remote]));
    for (const [id, sizes] of this.#foreign) {
      const remote = all.get(id);
      if (remote === undefined) continue;
      const [claimant] = this.#claimants(id);
      if (claimant !== undefined) {
        if (claimant.inputs["adoptExisting"] !== true)
          throw new BrokenInvariant(`${claimant.urn} adopted ${id} without adoptExisting`);
        this.#foreign.delete(id);
        continue;
      }
      if (
        (remote.phase === "DELETING" || remote.phase === "DELETED") &&
        !this.#deletedOutside.has(id) &&
        !hasExpired(remote, this.#sim)
      )
        throw new BrokenInvariant(`the foreign ${id} was deleted`);
      if (sizesOf(remote) === sizes) continue;
      // An interrupted adoption may have resized the pool.
      if (!this.#isWanted(remote)) throw new BrokenInvariant(`the foreign pool ${id} was resized`);
      this.#foreign.set(id, sizesOf(remote));
    }
  }

  #expectNothingClaimedDeleted(calls: readonly LoggedRequest[]): void {
    const deleted = new Set(
      calls.flatMap(({ rpc, status, body }): unknown[] =>
        rpc.startsWith("Delete") && status === 200 && typeof body === "object" && body !== null
          ? Object.values(body)
          : [],
      ),
    );
    for (const { id, urn, delete: isPendingDelete, pendingReplacement } of this.#stack.state) {
      if (isPendingDelete || pendingReplacement || !deleted.has(id)) continue;
      throw new BrokenInvariant(`${id} was deleted although it belongs to ${urn}`);
    }
  }

  #claimants(id: string): ResourceState[] {
    return this.#stack.state.filter((state) => state.id === id);
  }

  /** Whether a resource of the program wants to adopt the object. */
  #isWanted(remote: Remote): boolean {
    return this.#stack.declared.some(
      ({ kind, args }) =>
        kind === "warmPool" && args["adoptExisting"] === true && keyOfRemote(remote) === keyOf(kind, args),
    );
  }

  #isClaimed(id: string): boolean {
    return this.#claimants(id).length > 0;
  }

  #pending(): Set<string> {
    return new Set(
      this.#stack.snapshot.pending
        .filter(({ type }) => type === "creating")
        .map(({ resource }) => keyOf(resource.type, resource.inputs)),
    );
  }
}

/** What the objects that a resource creates have in common. */
function keyOf(kind: string, inputs: Readonly<Record<string, unknown>>): string {
  return /warmpool/i.test(kind) ? pairOf(inputs) : `prebuild ${String(inputs["projectId"])}`;
}

function keyOfRemote(remote: Remote): string {
  return "minSize" in remote ? pairOf({ ...remote }) : `prebuild ${remote.projectId}`;
}

/** Whether a response said that an object is gone: `not_found`, or a successful Get that shows its phase. */
function saysGone({ rpc, body, status, code }: LoggedRequest, id: string): boolean {
  return JSON.stringify(body ?? "").includes(id) && (code === "not_found" || (rpc.startsWith("Get") && status === 200));
}

function sizesOf(remote: Remote): string {
  return "minSize" in remote ? `${remote.minSize}-${remote.maxSize}` : "";
}

/** The server removes each prebuild after seven days. */
function hasExpired(remote: Remote, sim: Simulator): boolean {
  return !("minSize" in remote) && sim.clock.now() - Date.parse(remote.createdAt) >= 7 * 24 * 3_600_000;
}
