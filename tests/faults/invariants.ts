/** What must hold after each step of a run, whatever went wrong in it. */
import type { LoggedRequest, SimulatedPool, SimulatedPrebuild, Simulator } from "../../src/testing/simulator/index.js";
import type { ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { pairOf } from "./program-edits.js";
import type { CampaignStack, Outcome } from "./campaign-stack.js";

/** A promise was broken. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** A pool or a prebuild as the simulator has it. */
type Remote = SimulatedPool | SimulatedPrebuild;

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What the simulator's tokens for logs begin with. */
const logTokens = "ona_sim_logs";

/** Says of a create, in an error, that something may have been made of which no id is known. */
const openOutcome =
  /provider process died while Create|Whether a (?:warm pool was made|prebuild was started) is not known|or it is not listed yet|Whether this started a prebuild cannot be told/;

/** Names, in an error, the ids of what is or may be in nobody's state. An error that only mentions an id, to say that it is kept, does not count. */
const naming = /already have a warm pool: |these runs of the project may have appeared: /;

/** Keeps account of a run. */
export class Ledger {
  /** What somebody else made; of pools, the sizes that they have. */
  readonly #foreign = new Map<string, string>();
  /** What somebody else, or the server, has deleted. */
  readonly #takenAway = new Set<string>();
  /** What has been looked at already, and what of it is in nobody's state because an error said so at the time. */
  readonly #known = new Set<string>();
  readonly #announced = new Set<string>();

  constructor(
    private readonly sim: Simulator,
    private readonly stack: CampaignStack,
  ) {
    for (const each of this.#all()) this.foreign(each);
  }

  /** Somebody else made it or changed its sizes. */
  foreign(remote: Remote): void {
    if (!this.#isClaimed(remote.id)) this.#foreign.set(remote.id, sizesOf(remote));
  }

  /** Somebody else deleted it. */
  takenAway(id: string): void {
    this.#takenAway.add(id);
  }

  /** Looks at a step that has ended. */
  check(before: Snapshot, result: Outcome, calls: readonly LoggedRequest[]): void {
    this.#nothingSecret(result);
    this.#nothingDropped(before, calls);
    this.#nothingDoubled();
    this.#nothingOrphaned(before, result);
    this.#foreignUntouched();
    if (result.outcome === "succeeded") this.#nothingClaimedIsGone(calls);
  }

  /** Whether something that is in nobody's state was announced when it was made, so that a person can deal with it. */
  isAnnounced({ id }: Remote): boolean {
    return this.#announced.has(id);
  }

  /** Whether somebody else made it and nobody took it over. */
  isForeign(id: string): boolean {
    return this.#foreign.has(id);
  }

  /** What is there and not on its way out. */
  alive(): Remote[] {
    return this.#all().filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  }

  #all(): Remote[] {
    return [...this.sim.pools, ...this.sim.prebuilds];
  }

  /** Errors say of what was made, by its id or by what it is for, that it is in nobody's state; or the engine does, by a pending operation. */
  #announcements(before: Snapshot, { errors }: Outcome): (remote: Remote) => boolean {
    const keys = new Map<string, string>();
    for (const { urn, type, inputs } of before.resources) keys.set(urn.split("::").at(-1) ?? "", keyOf(type, inputs));
    for (const { name, kind, args } of this.stack.declared) keys.set(name, keyOf(kind, args));
    const ids = new Set<string>();
    const open = this.#pending();
    for (const { message, urn } of errors) {
      if (naming.test(message)) for (const [id] of message.matchAll(uuids)) ids.add(id);
      const key = keys.get(urn?.split("::").at(-1) ?? "");
      if (key !== undefined && openOutcome.test(message)) open.add(key);
    }
    return (remote) => ids.has(remote.id) || open.has(keyOfRemote(remote));
  }

  #nothingSecret({ said }: Outcome): void {
    const kept = this.stack.snapshot.resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    for (const text of [...said, JSON.stringify(kept), JSON.stringify(this.stack.snapshot.pending)]) {
      if (text.includes(this.sim.token)) throw new Broken(`the token is in: ${text}`);
      if (text.includes(logTokens)) throw new Broken(`a log's token is in: ${text}`);
    }
  }

  #nothingDropped(before: Snapshot, calls: readonly LoggedRequest[]): void {
    const all = new Map(this.#all().map((remote) => [remote.id, remote]));
    for (const { id, urn, custom, outputs, pendingReplacement } of before.resources) {
      const remote = all.get(id);
      if (!custom || remote === undefined || this.#isClaimed(id)) continue;
      if (remote.phase !== "DELETED") throw new Broken(`${urn} has left state, and its ${id} is ${remote.phase}`);
      // What an earlier step has been told.
      if (outputs?.["expired"] === true || pendingReplacement) continue;
      if (!calls.some((call) => saysGone(call, id)))
        throw new Broken(`${urn} has left state, and no answer said that its ${id} is gone`);
    }
  }

  /** In one operation each resource of the program makes one object at most. */
  #nothingDoubled(): void {
    const declared = Map.groupBy(this.stack.declared, ({ kind, args }) => keyOf(kind, args));
    const made = this.#all().filter(({ id }) => !this.#known.has(id) && !this.#foreign.has(id));
    for (const [key, objects] of Map.groupBy(made, keyOfRemote)) {
      const most = declared.get(key)?.length ?? 0;
      if (objects.length > most)
        throw new Broken(`${objects.length} objects were made of ${key} for ${most} resources`);
    }
  }

  #nothingOrphaned(before: Snapshot, result: Outcome): void {
    const isAnnounced = this.#announcements(before, result);
    for (const remote of this.#all()) {
      const { id, phase } = remote;
      const isNew = !this.#known.has(id);
      this.#known.add(id);
      if (phase === "DELETED" || phase === "DELETING" || this.#foreign.has(id) || this.#isClaimed(id)) continue;
      if (isNew && isAnnounced(remote)) this.#announced.add(id);
      if (!this.#announced.has(id)) throw new Broken(`${id} (${phase}) is in nobody's state, and no error said so`);
    }
  }

  #foreignUntouched(): void {
    const all = new Map(this.#all().map((remote) => [remote.id, remote]));
    for (const [id, sizes] of this.#foreign) {
      const remote = all.get(id);
      if (remote === undefined) continue;
      const [claimant] = this.#claimants(id);
      if (claimant !== undefined) {
        if (claimant.inputs["adoptExisting"] !== true) throw new Broken(`${claimant.urn} took over ${id} unasked`);
        this.#foreign.delete(id);
        continue;
      }
      if (
        (remote.phase === "DELETING" || remote.phase === "DELETED") &&
        !this.#takenAway.has(id) &&
        !hasExpired(remote, this.sim)
      )
        throw new Broken(`the foreign ${id} was deleted`);
      if (sizesOf(remote) === sizes) continue;
      // An adoption that was cut off may have come as far as that.
      if (!this.#isWanted(remote)) throw new Broken(`the foreign pool ${id} was resized`);
      this.#foreign.set(id, sizesOf(remote));
    }
  }

  #nothingClaimedIsGone(calls: readonly LoggedRequest[]): void {
    const deleted = new Set(
      calls.flatMap(({ rpc, status, body }): unknown[] =>
        rpc.startsWith("Delete") && status === 200 && typeof body === "object" && body !== null
          ? Object.values(body)
          : [],
      ),
    );
    for (const { id, urn, delete: leaving, pendingReplacement } of this.stack.state) {
      if (leaving || pendingReplacement || !deleted.has(id)) continue;
      throw new Broken(`${id} was deleted although ${urn} has it`);
    }
  }

  #claimants(id: string): ResourceState[] {
    return this.stack.state.filter((state) => state.id === id);
  }

  /** Whether a resource of the program asks to take it over. */
  #isWanted(remote: Remote): boolean {
    return this.stack.declared.some(
      ({ kind, args }) =>
        kind === "warmPool" && args["adoptExisting"] === true && keyOfRemote(remote) === keyOf(kind, args),
    );
  }

  #isClaimed(id: string): boolean {
    return this.#claimants(id).length > 0;
  }

  #pending(): Set<string> {
    return new Set(
      this.stack.snapshot.pending
        .filter(({ type }) => type === "creating")
        .map(({ resource }) => keyOf(resource.type, resource.inputs)),
    );
  }
}

/** What a create of a resource can have made. */
function keyOf(kind: string, inputs: Readonly<Record<string, unknown>>): string {
  return /warmpool/i.test(kind) ? pairOf(inputs) : `prebuild ${String(inputs["projectId"])}`;
}

function keyOfRemote(remote: Remote): string {
  return "minSize" in remote ? pairOf({ ...remote }) : `prebuild ${remote.projectId}`;
}

/** Whether an answer said that an object is gone: `not_found`, or a read that the API answered, of what it has by then. */
function saysGone({ rpc, body, status, code }: LoggedRequest, id: string): boolean {
  return JSON.stringify(body ?? "").includes(id) && (code === "not_found" || (rpc.startsWith("Get") && status === 200));
}

function sizesOf(remote: Remote): string {
  return "minSize" in remote ? `${remote.minSize}-${remote.maxSize}` : "";
}

/** The server removes each prebuild by itself after seven days. */
function hasExpired(remote: Remote, sim: Simulator): boolean {
  return !("minSize" in remote) && sim.clock.now() - Date.parse(remote.createdAt) >= 7 * 24 * 3_600_000;
}
