/**
 * What the program declares of one kind of resource: the names of its resources, and the objects that they keep.
 *
 * Names are for messages. Only Check gets them, so later calls find the name by the inputs or the id.
 *
 * The engine applies `ignoreChanges` to the inputs before Check, and the dynamic host passes neither that option nor
 * the inputs in state to Create and Update. So Check records both.
 *
 * Kept objects must not be deleted. Two resources in state can have the same object: one adopted it, and the update
 * ended before the other one was removed. For each resource of the program the engine calls Check, then Diff with the
 * id if the resource is in state, and Check again if it is replaced. Deletions of removed resources come last.
 */
import type { Properties } from "../lifecycle/contract.js";
import { isUnknown } from "../lifecycle/unknown.js";

interface Declaration {
  /** The resources that declare it: several only where objects have no identity. */
  readonly names: Set<string>;
  /** Their URNs, as far as they are known. */
  readonly urns: Set<string>;
  /** The id of the object that stays; undefined until Diff has given it. */
  id: string | undefined;
  context: DeclarationContext;
}

/** What only Check gets. */
export interface DeclarationContext {
  /** The inputs in state. Undefined for an object to create. */
  readonly oldInputs?: Properties | undefined;
  /** The paths in the resource option of that name, as far as they are known. */
  readonly ignoreChanges?: readonly string[];
  /** The resource's URN, if known. */
  readonly urn?: string | undefined;
}

/** The declarations of one kind of resource. */
export class Declarations {
  readonly #identity: readonly string[] | undefined;
  readonly #declared = new Map<string, Declaration>();
  readonly #nameById = new Map<string, string>();

  /** @param identity the properties that identify an object; undefined if several objects can have the same values */
  constructor(identity: readonly string[] | undefined) {
    this.#identity = identity;
  }

  /**
   * Records that the program declares an object with these inputs, for the first time or to have it replaced.
   * @param name the resource's name, if known
   * @returns the name of another resource that declares the same object, where there can be only one
   */
  declare(inputs: Properties, name: string | undefined, context: DeclarationContext = {}): string | undefined {
    const key = this.#keyOf(inputs);
    if (key === undefined) return undefined;
    const declaration = this.#declared.get(key) ?? { names: new Set(), urns: new Set(), id: undefined, context };
    this.#declared.set(key, declaration);
    declaration.id = undefined;
    declaration.context = context;
    if (context.urn !== undefined) declaration.urns.add(context.urn);
    if (name === undefined) return undefined;
    const [first = name] = declaration.names;
    if (this.#identity !== undefined && first !== name) return first;
    declaration.names.add(name);
    return undefined;
  }

  /** What Check got with these inputs. Empty without identity: several resources can have the same inputs. */
  contextOf(inputs: Properties): DeclarationContext {
    if (this.#identity === undefined) return {};
    return this.#declared.get(this.#keyOf(inputs) ?? "")?.context ?? {};
  }

  /** Records that the object with this id stays. Ignored in a refresh, where Diff runs without a program. */
  keep(inputs: Properties, id: string): void {
    const key = this.#keyOf(inputs);
    const declaration = key === undefined ? undefined : this.#declared.get(key);
    if (declaration !== undefined) declaration.id = id;
  }

  /** Whether a resource of the program keeps the object. Never without identity: such an object can't be adopted. */
  isKept(id: string): boolean {
    return this.#identity !== undefined && [...this.#declared.values()].some((declaration) => declaration.id === id);
  }

  /** The name of the resource with these inputs and this id, if known. */
  nameOf(inputs: Properties, id?: string): string | undefined {
    const { names } = this.#declared.get(this.#keyOf(inputs) ?? "") ?? {};
    const [declared] = names?.size === 1 ? names : [];
    const name = declared ?? (id === undefined ? undefined : this.#nameById.get(id));
    if (name !== undefined && id !== undefined) this.#nameById.set(id, name);
    return name;
  }

  /** The URN of the resource with these inputs, if known. */
  urnOf(inputs: Properties): string | undefined {
    const { urns } = this.#declared.get(this.#keyOf(inputs) ?? "") ?? {};
    const [urn] = urns?.size === 1 ? urns : [];
    return urn;
  }

  /** The name of the resource with this state. The id wins: another resource may now declare what it describes. */
  nameOfState(state: Properties, id: string): string | undefined {
    return this.#nameById.get(id) ?? this.nameOf(state, id);
  }

  /** What identifies an object without an id: its identity, or else all inputs. Undefined while that is unknown. */
  #keyOf(properties: Properties): string | undefined {
    if (this.#identity === undefined) return stableJson(properties);
    // Each connection is an account of its own.
    const values = [...this.#identity.map((name) => properties[name]), properties["connection"] ?? ""];
    return values.every((value) => typeof value === "string") ? values.join("/") : undefined;
  }
}

/** JSON with the properties of objects in alphabetical order. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (isUnknown(part)) return "<unknown>";
    return typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  });
}
