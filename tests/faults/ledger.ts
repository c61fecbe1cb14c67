/** What must hold after each step of a run, whatever went wrong in it. */
import type { LoggedRequest, Simulator, SimulatedPool } from "../../src/testing/simulator/index";
import type { ResourceState, Snapshot } from "../../src/testing/engine/state";
import { pairOf } from "./program";
import type { LocalStack, Outcome } from "./stack";

/** A promise was broken. */
export class Broken extends Error {
  override readonly name = "Broken";
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Says of a create, in an error, that a pool may have been made. */
const openOutcome =
  /provider process died while Create|Whether a warm pool was made is not known|was found afterwards, so none was made, or it is not listed yet/;

/** Keeps account of a run. */
export class Ledger {
  /** Pools that somebody else made, and the sizes that they have. */
  readonly #foreign = new Map<string, { minSize: number | undefined; maxSize: number | undefined }>();
  /** Pools that somebody else, or the server, has deleted. */
  readonly #takenAway = new Set<string>();
  /** Ids that errors have named. */
  readonly #named = new Set<string>();
  /** Pairs of which an error said that a pool may have been made. */
  readonly #open = new Set<string>();

  constructor(
    private readonly sim: Simulator,
    private readonly stack: LocalStack,
  ) {}

  /** Somebody else made a pool or changed its sizes. */
  foreign({ id, minSize, maxSize }: SimulatedPool): void {
    if (!this.#isClaimed(id)) this.#foreign.set(id, { minSize, maxSize });
  }

  /** Somebody else deleted it. */
  takenAway(id: string): void {
    this.#takenAway.add(id);
  }

  /** Looks at a step that has ended. */
  check(before: Snapshot, result: Outcome, calls: readonly LoggedRequest[]): void {
    this.#noteErrors(before, result);
    this.#nothingSecret(result);
    this.#nothingDropped(before);
    this.#nothingOrphaned();
    this.#foreignUntouched();
    if (result.outcome === "succeeded") this.#nothingClaimedIsGone(calls);
  }

  /** Whether a pool that is in nobody's state was announced, so that a person can deal with it. */
  isAnnounced(pool: SimulatedPool): boolean {
    return this.#named.has(pool.id) || this.#open.has(pairOf({ ...pool })) || this.#pending().has(pairOf({ ...pool }));
  }

  /** Whether somebody else made it and nobody took it over. */
  isForeign(id: string): boolean {
    return this.#foreign.has(id);
  }

  #noteErrors(before: Snapshot, { errors }: Outcome): void {
    const inputs = new Map<string, object>();
    for (const { urn, inputs: had } of before.resources) inputs.set(urn, had);
    for (const { name, args } of this.stack.declared) inputs.set(`::${name}`, args);
    for (const { message, urn } of errors) {
      for (const [id] of message.matchAll(uuids)) this.#named.add(id);
      if (!openOutcome.test(message)) continue;
      const declared = inputs.get(`::${urn?.split("::").at(-1) ?? ""}`);
      if (declared !== undefined) this.#open.add(pairOf({ ...declared }));
    }
  }

  #nothingSecret({ said }: Outcome): void {
    const kept = this.stack.snapshot.resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    for (const text of [...said, JSON.stringify(kept)]) {
      if (text.includes(this.sim.token)) throw new Broken(`the token is in: ${text}`);
    }
  }

  #nothingDropped(before: Snapshot): void {
    for (const { id, urn, custom } of before.resources) {
      if (!custom || !this.#known(id) || this.#isClaimed(id)) continue;
      const { phase } = this.sim.pool(id);
      if (phase !== "DELETED") throw new Broken(`${urn} has left state, and its pool ${id} is ${phase}`);
    }
  }

  #nothingOrphaned(): void {
    for (const pool of this.#alive()) {
      if (this.#foreign.has(pool.id) || this.#isClaimed(pool.id) || this.isAnnounced(pool)) continue;
      throw new Broken(`the pool ${pool.id} (${pool.phase}) is in nobody's state, and no error said so`);
    }
  }

  #foreignUntouched(): void {
    for (const [id, sizes] of this.#foreign) {
      if (this.#isClaimed(id)) {
        const claimant = this.#claimants(id)[0];
        if (claimant?.inputs["adoptExisting"] !== true) throw new Broken(`${claimant?.urn} took over ${id} unasked`);
        this.#foreign.delete(id);
        continue;
      }
      const { phase, minSize, maxSize } = this.sim.pool(id);
      if ((phase === "DELETING" || phase === "DELETED") && !this.#takenAway.has(id))
        throw new Broken(`the foreign pool ${id} was deleted`);
      if (minSize !== sizes.minSize || maxSize !== sizes.maxSize)
        throw new Broken(`the foreign pool ${id} was resized`);
    }
  }

  #nothingClaimedIsGone(calls: readonly LoggedRequest[]): void {
    const deleted = new Set(
      calls
        .filter(({ rpc, status }) => rpc === "DeleteWarmPool" && status === 200)
        .map(({ body }) => (typeof body === "object" && body !== null && "warmPoolId" in body ? body.warmPoolId : "")),
    );
    for (const { id, urn, delete: leaving, pendingReplacement } of this.stack.state) {
      if (leaving || pendingReplacement || !deleted.has(id)) continue;
      throw new Broken(`the pool ${id} was deleted although ${urn} has it`);
    }
  }

  #alive(): SimulatedPool[] {
    return this.sim.pools.filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  }

  #known(id: string): boolean {
    return this.sim.pools.some((pool) => pool.id === id);
  }

  #claimants(id: string): ResourceState[] {
    return this.stack.state.filter((state) => state.id === id);
  }

  #isClaimed(id: string): boolean {
    return this.#claimants(id).length > 0;
  }

  #pending(): Set<string> {
    return new Set(
      this.stack.snapshot.pending
        .filter(({ type }) => type === "creating")
        .map(({ resource }) => pairOf({ ...resource.inputs })),
    );
  }
}
