/** Serves one resource over its contract. In properties, unknown values are {@link unknown} and unset ones absent. */
import type {
  AccountSession,
  CreateResult,
  DiffResult,
  Lifecycle,
  Properties,
  ReadResult,
  Reporter,
  Resource,
  ResourceTraits,
} from "../lifecycle/contract.js";
import { ResourceFailure } from "../lifecycle/failures.js";
import { requireKnownState } from "../lifecycle/state.js";
import type { CheckFailure, CheckResult } from "../lifecycle/validation.js";
import { normalizeId } from "../util/uuid.js";
import { type DeclarationContext, Declarations } from "./declarations.js";
import type { Session } from "./session.js";

/** Runs a create so that it learns when the process is told to exit. */
export type RunInterruptible = <T>(create: (interrupt: AbortSignal) => Promise<T>) => Promise<T>;

/** An id in state may be in upper case, if someone edited it. */
export class ResourceHost {
  readonly declarations: Declarations;
  readonly #traits: ResourceTraits;
  readonly #load: () => Promise<Resource>;
  readonly #session: Session;
  #loading: Promise<Resource> | undefined;

  constructor(traits: ResourceTraits, load: () => Promise<Resource>, session: Session) {
    this.declarations = new Declarations(traits.identity);
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
   * @param name the resource's name, if known
   * @param settings the names of the settings in the stack's config
   */
  async check(
    news: Properties,
    name: string | undefined,
    context: DeclarationContext,
    settings: readonly string[],
  ): Promise<CheckResult> {
    const { inputs, failures: refused } = (await this.resource()).check(news);
    const failures = [...refused];
    const undelivered = this.#session.describeUndelivered(settings);
    if (undelivered !== undefined) failures.push({ property: "", reason: undelivered });
    else if (!refused.some(({ property }) => property === "connection"))
      failures.push(...this.#checkConnection(inputs));
    const other = this.declarations.declare(inputs, name, context);
    if (other !== undefined) {
      const { kind, identity = [] } = this.#traits;
      const reason = `${other} and ${name} declare a ${kind} with the same ${identity.join(" and ")}: only one can exist`;
      failures.push({ property: identity.at(-1) ?? "", reason });
    }
    return { inputs, failures };
  }

  /** Reports in a preview what the create of checked inputs would find, if only the API knows that. Never fails. */
  async lookAhead(inputs: Properties, reporter: Reporter): Promise<void> {
    const lookAhead = async () => {
      if (!(await this.resource()).looksAhead?.(inputs)) return;
      const { ignoreChanges } = this.declarations.contextOf(inputs);
      await (await this.#lifecycle(inputs, reporter)).lookAhead?.(inputs, ignoreChanges);
    };
    const warn = async () => {
      for (const problem of await this.#findProblems(inputs))
        reporter.warn(`\`pulumi up\` will probably fail: ${problem}`);
    };
    await Promise.all([warn(), lookAhead()]);
  }

  async diff(
    id: string,
    state: Properties,
    inputs: Properties,
    reporter: Reporter,
  ): Promise<DiffResult & { readonly deleteBeforeReplace: boolean }> {
    requireKnownState(state);
    const resource = await this.resource();
    const result = resource.diff(state, inputs);
    const { replaces, warning, note } = result;
    if (warning !== undefined) reporter.warn(warning);
    if (note !== undefined) reporter.progress(note, id);
    if (replaces.includes("connection")) this.#warnOfOldConnection(state, reporter);
    if (replaces.length === 0) this.declarations.keep(inputs, normalizeId(id));
    return { ...result, deleteBeforeReplace: resource.deleteBeforeReplace && replaces.length > 0 };
  }

  async create(inputs: Properties, reporter: Reporter, run: RunInterruptible): Promise<CreateResult> {
    const lifecycle = await this.#lifecycle(inputs, reporter);
    const { ignoreChanges } = this.declarations.contextOf(inputs);
    return run(async (interrupt) => {
      try {
        return await lifecycle.create(inputs, interrupt, ignoreChanges);
      } catch (error) {
        if (interrupt.aborted) throw error;
        const { explainRefusal } = await import("../lifecycle/preflight.js");
        throw await explainRefusal(error, () => this.#findProblems(inputs));
      }
    });
  }

  /** @param settings the names of the settings in the stack's config, if the program reads the resource */
  async read(id: string, state: Properties, reporter: Reporter, settings: readonly string[]): Promise<ReadResult> {
    const undelivered = this.#session.describeUndelivered(settings);
    if (undelivered !== undefined) throw new ResourceFailure(`${undelivered}.`);
    return (await this.#lifecycle(state, reporter, state)).read(normalizeId(id), state);
  }

  async update(id: string, state: Properties, inputs: Properties, reporter: Reporter): Promise<object> {
    const { oldInputs } = this.declarations.contextOf(inputs);
    return (await this.#lifecycle(inputs, reporter, state)).update(normalizeId(id), state, inputs, oldInputs);
  }

  async delete(id: string, state: Properties, reporter: Reporter): Promise<void> {
    if (this.declarations.isKept(normalizeId(id))) {
      reporter.progress("it is not deleted with the old resource, because another resource of this stack has it", id);
      return;
    }
    await (await this.#lifecycle(state, reporter, state)).delete(normalizeId(id), state);
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
