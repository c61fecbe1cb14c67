/**
 * What only Check gets, for later calls: names and URNs for messages, the inputs in state, and `ignoreChanges`.
 *
 * Later calls find it by the inputs or the id. The engine applies `ignoreChanges` to the inputs before Check, and the
 * dynamic host passes neither that option nor the inputs in state to Create and Update.
 */
import type { Properties } from "../../lifecycle/contract.js";
import { isUnknown } from "../../lifecycle/unknown.js";
import { type Declarer, identityOf } from "../declarations.js";

interface Declaration {
  /** The resources that declare it: several only where objects have no identity. */
  readonly names: Set<string>;
  /** Their URNs, as far as they are known. */
  readonly urns: Set<string>;
  context: DeclarationContext;
}

/** What Create and Update don't get. */
export interface DeclarationContext {
  /** The inputs in state. Undefined for an object to create. */
  readonly oldInputs?: Properties | undefined;
  /** The paths in the resource option of that name, as far as they are known. */
  readonly ignoreChanges?: readonly string[];
}

/** The declared resources of one kind. */
export class DeclaredNames {
  readonly #identity: readonly string[] | undefined;
  readonly #declared = new Map<string, Declaration>();
  readonly #nameById = new Map<string, string>();

  /** @param identity the properties that identify an object; undefined if several objects can have the same values */
  constructor(identity: readonly string[] | undefined) {
    this.#identity = identity;
  }

  /** Records what Check got with these inputs. */
  declare(inputs: Properties, { name, urn }: Declarer, context: DeclarationContext = {}): void {
    const key = this.#keyOf(inputs);
    if (key === undefined) return;
    const declaration = this.#declared.get(key) ?? { names: new Set(), urns: new Set(), context };
    this.#declared.set(key, declaration);
    declaration.context = context;
    if (urn !== undefined) declaration.urns.add(urn);
    if (name !== undefined && (this.#identity === undefined || declaration.names.size === 0))
      declaration.names.add(name);
  }

  /** What Check got with these inputs. Empty without identity: several resources can have the same inputs. */
  contextOf(inputs: Properties): DeclarationContext {
    if (this.#identity === undefined) return {};
    return this.#declared.get(this.#keyOf(inputs) ?? "")?.context ?? {};
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

  /** The identity, or else all inputs. */
  #keyOf(properties: Properties): string | undefined {
    return this.#identity === undefined ? stableJson(properties) : identityOf(this.#identity, properties);
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
