/**
 * Which objects the resources of a program have, so that none is deleted for a resource that has left the program while another one still has it.
 *
 * Two resources in state can have the same object: one took it over from the other (adoptExisting, import), and the update ended before the other one left. What took it
 * over in the same process is known anyway; afterwards only the order of calls tells. For each resource of the program the engine calls Check, then Diff with the id if the
 * resource is in state, and Check again where it is replaced after all (`replaceOnChanges` is the engine's own decision). Deletions of what has left come last.
 */
import type { Properties } from "../lifecycle/contract.js";
import { identityOf } from "./declarations.js";

/** The claims of a program on one kind of object. */
export class Claims {
  /** The id that a declared object has and keeps, by what identifies it; undefined until Diff has said so. */
  readonly #ids = new Map<string, string | undefined>();

  /** @param identity the properties that tell one object of this kind from all others; where there are none, nothing is claimed, since nothing can be taken over */
  constructor(private readonly identity: readonly string[] | undefined) {}

  /** The program declares an object with these inputs, for the first time or to have it replaced. */
  declare(inputs: Properties): void {
    const key = this.#keyOf(inputs);
    if (key !== undefined) this.#ids.set(key, undefined);
  }

  /** The resource in state with this id stays. Counts only for what the program declares: a refresh asks for differences too, before any program runs. */
  keep(inputs: Properties, id: string): void {
    const key = this.#keyOf(inputs);
    if (key !== undefined && this.#ids.has(key)) this.#ids.set(key, id);
  }

  /** Whether a resource of the program has the object. */
  has(id: string): boolean {
    return [...this.#ids.values()].includes(id);
  }

  #keyOf(properties: Properties): string | undefined {
    return this.identity === undefined ? undefined : identityOf(this.identity, properties);
  }
}
