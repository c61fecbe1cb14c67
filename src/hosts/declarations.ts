/** The names that a program gives its resources: the host tells a provider neither URN nor name, so the program side does, with the inputs to check. */
import type { Properties } from "../lifecycle/contract.js";
import { isMarker } from "./dynamic/unknown-markers.js";

/** What is known of the names of one kind of resource. */
export class Names {
  /** By what identifies an object before it has an id; undefined where several resources declare the same. */
  readonly #declared = new Map<string, string | undefined>();
  readonly #byId = new Map<string, string>();

  /** @param identity the properties that tell one object of this kind from all others; where there are none, all inputs together stand for them */
  constructor(private readonly identity: readonly string[] | undefined) {}

  /**
   * A resource of that name declares these inputs.
   * @returns another resource that declares the same object, where there can be only one
   */
  declare(inputs: Properties, name: string): string | undefined {
    const key = this.#keyOf(inputs);
    if (key === undefined) return undefined;
    const known = this.#declared.has(key);
    const other = this.#declared.get(key);
    if (!known) this.#declared.set(key, name);
    if (!known || other === name) return undefined;
    if (this.identity !== undefined) return other;
    this.#declared.set(key, undefined);
    return undefined;
  }

  /** The name of the resource with this state and this id, as far as it is known. The id counts first: what the state is of may be another resource's by now. */
  ofState(state: Properties, id: string): string | undefined {
    return this.#byId.get(id) ?? this.of(state, id);
  }

  /** The name of the resource with these inputs and this id, as far as it is known. */
  of(properties: Properties, id?: string): string | undefined {
    const name =
      this.#declared.get(this.#keyOf(properties) ?? "") ?? (id === undefined ? undefined : this.#byId.get(id));
    if (name !== undefined && id !== undefined) this.#byId.set(id, name);
    return name;
  }

  #keyOf(properties: Properties): string | undefined {
    if (this.identity === undefined) return stableText(properties);
    return identityOf(this.identity, properties);
  }
}

/** What tells an object from all others of its kind, as one text; undefined while that is not known. An account is told from others by its connection, which may be left out. */
export function identityOf(identity: readonly string[], properties: Properties): string | undefined {
  const values = [...identity.map((name) => properties[name]), properties["connection"] ?? ""];
  return values.every((value) => typeof value === "string" && !isMarker(value)) ? values.join("/") : undefined;
}

/** JSON whose objects have their properties in order. */
function stableText(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
