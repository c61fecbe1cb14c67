/** Serves one resource over its contract. In properties, unknown values are {@link unknown} and unset ones absent. */
import type {
  AccountSession,
  CreateOptions,
  CreateResult,
  DiffResult,
  Lifecycle,
  OperationOptions,
  Properties,
  ReadResult,
  Reporter,
  Resource,
  ResourceTraits,
  UpdateOptions,
} from "../lifecycle/contract.js";
import { isManagedState, requireKnownState } from "../lifecycle/state.js";
import type { CheckFailure, CheckResult } from "../lifecycle/validation.js";
import { fillWithNull } from "../util/nullish.js";
import { normalizeId } from "../util/uuid.js";
import { Declarations, type Declarer } from "./declarations.js";
import type { Session } from "./session.js";

/** The operations of one resource. Ids in state may be in upper case, if someone edited them. */
export class ResourceHost {
  readonly #declarations: Declarations;
  readonly #traits: ResourceTraits;
  readonly #load: () => Promise<Resource>;
  readonly #session: Session;
  #loading: Promise<Resource> | undefined;

  constructor(traits: ResourceTraits, load: () => Promise<Resource>, session: Session) {
    this.#declarations = new Declarations(traits.identity);
    this.#traits = traits;
    this.#load = load;
    this.#session = session;
  }

  /** The resource, loaded on first use: a process loads the code of the resources that its stack has. */
  resource(): Promise<Resource> {
    return (this.#loading ??= this.#load());
  }

  /**
   * Validates inputs and their connection, and that no other resource of the program declares the same object.
   * @param declarer without URN in hosts that give later calls none
   */
  async check(news: Properties, declarer: Declarer): Promise<CheckResult> {
    const { inputs, failures: refused } = (await this.resource()).check(news);
    const failures = [...refused];
    if (!refused.some(({ property }) => property === "connection")) failures.push(...this.#checkConnection(inputs));
    const other = this.#declarations.declare(inputs, declarer);
    if (other !== undefined) {
      const { kind, identity = [] } = this.#traits;
      const reason = `${other} and ${declarer.name} declare a ${kind} with the same ${identity.join(" and ")}: only one can exist`;
      failures.push({ property: identity.at(-1) ?? "", reason });
    }
    return { inputs, failures };
  }

  /** Reports in a preview what the create of checked inputs would find, if only the API knows that. Never fails. */
  async lookAhead(inputs: Properties, reporter: Reporter, ignoreChanges?: readonly string[]): Promise<void> {
    const lookAhead = async () => {
      if (!(await this.resource()).looksAhead?.(inputs)) return;
      await (await this.#lifecycle(inputs, reporter)).lookAhead?.(inputs, ignoreChanges);
    };
    const warn = async () => {
      for (const problem of await this.#findProblems(inputs))
        reporter.warn(`\`pulumi up\` will probably fail: ${problem}`);
    };
    await Promise.all([warn(), lookAhead()]);
  }

  /** @param urn as in {@link check} */
  async diff(
    id: string,
    state: Properties,
    inputs: Properties,
    reporter: Reporter,
    urn?: string,
  ): Promise<DiffResult & { readonly deleteBeforeReplace: boolean }> {
    requireKnownState(state);
    const resource = await this.resource();
    const result = resource.diff(state, inputs);
    const { replaces, warning, note } = result;
    if (warning !== undefined) reporter.warn(warning);
    if (note !== undefined) reporter.note(note, id);
    if (replaces.includes("connection")) this.#warnOfOldConnection(state, reporter);
    if (replaces.length === 0) this.#declarations.keep(inputs, normalizeId(id), urn);
    return { ...result, deleteBeforeReplace: resource.deleteBeforeReplace && replaces.length > 0 };
  }

  async create(inputs: Properties, reporter: Reporter, options: CreateOptions): Promise<CreateResult> {
    const lifecycle = await this.#lifecycle(inputs, reporter);
    try {
      return await lifecycle.create(inputs, options);
    } catch (error) {
      if (options.interrupt?.aborted) throw error;
      const { explainRefusal } = await import("../lifecycle/preflight.js");
      throw await explainRefusal(error, () => this.#findProblems(inputs));
    }
  }

  /** Resolves to the result, and to the id as the API shows it. */
  async read(id: string, state: Properties, reporter: Reporter): Promise<ReadResult & { readonly id: string }> {
    const lifecycle = await this.#lifecycle(state, reporter, state);
    const known = normalizeId(id);
    return { id: known, ...(await lifecycle.read(known, state)) };
  }

  async update(
    id: string,
    state: Properties,
    inputs: Properties,
    reporter: Reporter,
    options: UpdateOptions,
  ): Promise<object> {
    return (await this.#lifecycle(inputs, reporter, state)).update(normalizeId(id), state, inputs, options);
  }

  async delete(id: string, state: Properties, reporter: Reporter, options: OperationOptions): Promise<void> {
    if (this.#declarations.isKept(normalizeId(id))) {
      reporter.note("it is not deleted with the old resource, because another resource of this stack has it", id);
      return;
    }
    await (await this.#lifecycle(state, reporter, state)).delete(normalizeId(id), state, options);
  }

  /** What is wrong with the project and the class of an object to create, as far as they are known. Never fails. */
  async #findProblems(inputs: Properties): Promise<readonly string[]> {
    const { projectId, environmentClassId, connection } = inputs;
    const isKnown = typeof projectId === "string" && (connection === undefined || typeof connection === "string");
    if (!isKnown || !this.#session.checksProjects(connection)) return [];
    const account = this.#accountOf(inputs);
    const { preflightOf } = await import("../lifecycle/preflight.js");
    return preflightOf(await account.client(), account.clock).findProblems({
      projectId,
      environmentClassId: typeof environmentClassId === "string" ? environmentClassId : undefined,
    });
  }

  /** @param properties name the connection */
  async #lifecycle(properties: Properties, reporter: Reporter, state: Properties = {}): Promise<Lifecycle> {
    const lifecycle = await (await this.resource()).lifecycle(this.#accountOf(properties), reporter);
    requireKnownState(state);
    return lifecycle;
  }

  #accountOf({ connection }: Properties): AccountSession {
    return this.#session.account(typeof connection === "string" ? connection : undefined);
  }

  /** A name that is still unknown, or was refused already, is not checked. */
  #checkConnection({ connection }: Properties): CheckFailure[] {
    if (connection !== undefined && typeof connection !== "string") return [];
    const reason = this.#session.check(connection);
    return reason === undefined ? [] : [{ property: "connection", reason }];
  }

  /** A replacement by another connection deletes the old object over the old one, whose settings may be gone. */
  #warnOfOldConnection({ connection }: Properties, reporter: Reporter): void {
    if (connection !== undefined && typeof connection !== "string") return;
    const missing = this.#session.describeMissingToken(connection);
    if (missing === undefined) return;
    reporter.warn(`\`pulumi up\` must delete it through its old connection, but cannot: ${missing}`);
  }
}

/** The outputs to store. Unset ones are null, or the SDK would take them for unknown in each preview. */
export function outputsOf({ properties: { allNames, readOnlyNames } }: Resource, state: object): object {
  return fillWithNull(state, isManagedState(state) ? allNames : readOnlyNames);
}
