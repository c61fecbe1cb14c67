/** What warm pools and prebuilds have in common: objects by id in the order of creation, deleted ones included. */
import { refusal } from "./connect-codes.js";
import type { World } from "./world.js";

/** An object of the API. */
interface ApiObject {
  readonly id: string;
  readonly status: { readonly phase: number };
}

/** An object with what the simulator knows about it. */
export interface StoredObject<T> {
  /** The position in the order of creation. */
  readonly order: number;
  /** Replaced on every change and never modified, so that a response in progress keeps its values. */
  object: T;
}

/** How the objects of a store differ from those of others. */
export interface ObjectKind {
  readonly name: "warm pool" | "prebuild";
  readonly deletedPhase: number;
  /** The open point that decides what Get returns for a deleted object. */
  readonly whenDeleted: "deletedPool" | "deletedPrebuild";
}

/** The objects of one kind. */
export abstract class ObjectStore<T extends ApiObject, E extends StoredObject<T>> {
  protected readonly world: World;
  readonly #kind: ObjectKind;
  readonly #entries = new Map<string, E>();

  constructor(world: World, kind: ObjectKind) {
    this.world = world;
    this.#kind = kind;
  }

  /** Every object there has been, deleted ones included, in the order of creation. */
  all(): T[] {
    return [...this.#entries.values()].map(({ object }) => object);
  }

  /** An object's position in the order of creation. */
  order({ id }: T): number {
    return this.#entries.get(id)?.order ?? -1;
  }

  /** The object with that id, deleted or not. */
  find(id: string): T | undefined {
    return this.#entries.get(id)?.object;
  }

  /** What Get returns. */
  get(id: string): T {
    const { object } = this.entry(id);
    const { deletedPhase, whenDeleted } = this.#kind;
    if (object.status.phase === deletedPhase && this.world.unknowns[whenDeleted] === "not_found")
      throw this.#notFound(id);
    return object;
  }

  /** The position of the next object that is added. */
  protected get nextOrder(): number {
    return this.#entries.size;
  }

  protected add(entry: E): void {
    this.#entries.set(entry.object.id, entry);
  }

  /** The entry of an object, deleted or not. */
  protected entry(id: string): E {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw this.#notFound(id);
    return entry;
  }

  /** The entry of an object that is not deleted. */
  protected present(id: string): E {
    const entry = this.entry(id);
    if (entry.object.status.phase === this.#kind.deletedPhase) throw this.#notFound(id);
    return entry;
  }

  #notFound(id: string): Error {
    return refusal("not_found", `${this.#kind.name} ${id} not found`);
  }
}
