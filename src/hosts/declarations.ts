/**
 * What the program declares of one kind of resource: each object once, and the objects that its resources keep.
 *
 * Kept objects must not be deleted. Two resources in state can have the same object: one adopted it, and the update
 * ended before the other one was removed. For each resource of the program the engine calls Check, then Diff with the
 * id if the resource is in state, and Check again if it is replaced. Deletions of removed resources come last.
 */
import type { Properties } from "../lifecycle/contract.js";

/** A resource of the program, as far as the host knows it. */
export interface Declarer {
  readonly name?: string | undefined;
  /** Without it, the identity of the object stands for the resource. */
  readonly urn?: string | undefined;
}

/** The declarations of one kind of resource. */
export class Declarations {
  readonly #identity: readonly string[] | undefined;
  /** The resources by the identity of their objects. */
  readonly #declarers = new Map<string, Declarer>();
  /** The ids of the objects that stay, by resource. Undefined until Diff has given it. */
  readonly #kept = new Map<string, string | undefined>();

  /** @param identity the properties that identify an object; undefined if several objects can have the same values */
  constructor(identity: readonly string[] | undefined) {
    this.#identity = identity;
  }

  /**
   * Records that a resource declares an object with these inputs, for the first time or to have it replaced.
   * @returns the name of another resource that declares the same object, where there can be only one
   */
  declare(inputs: Properties, { name, urn }: Declarer): string | undefined {
    const identity = identityOf(this.#identity, inputs);
    const key = urn ?? identity;
    if (key !== undefined) this.#kept.set(key, undefined);
    if (identity === undefined || name === undefined) return undefined;
    const first = this.#declarers.get(identity) ?? { name, urn };
    this.#declarers.set(identity, first);
    return first.name === name && first.urn === urn ? undefined : first.name;
  }

  /** Records that the object with this id stays. Ignored in a refresh, where Diff runs without a program. */
  keep(inputs: Properties, id: string, urn?: string): void {
    const key = urn ?? identityOf(this.#identity, inputs);
    if (key !== undefined && this.#kept.has(key)) this.#kept.set(key, id);
  }

  /**
   * Whether a resource of the program keeps the object. A resource that is to be replaced keeps none, so it can be the
   * one to which the object to delete once belonged.
   */
  isKept(id: string): boolean {
    return [...this.#kept.values()].includes(id);
  }
}

/** What identifies an object without an id. Undefined while that is unknown, and without identity. */
export function identityOf(identity: readonly string[] | undefined, properties: Properties): string | undefined {
  if (identity === undefined) return undefined;
  // Each connection is an account of its own.
  const values = [...identity.map((name) => properties[name]), properties["connection"] ?? ""];
  return values.every((value) => typeof value === "string") ? values.join("/") : undefined;
}
