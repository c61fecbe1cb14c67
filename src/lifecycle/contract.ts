/**
 * The contract between a resource, which implements {@link Resource}, and its host, which implements
 * {@link AccountSession} and {@link Reporter}. Types only, so that any file can import it.
 */
import type { OnaClient } from "../client/index.js";
import type { Clock } from "../util/clock.js";
import type { PropertyTable } from "./properties.js";
import type { CheckResult } from "./validation.js";

/** Inputs or outputs as they travel between engine and provider. */
export type Properties = Readonly<Record<string, unknown>>;

/** The result of comparing state with the program. */
export interface DiffResult {
  /**
   * `false`: nothing to do. `true`: something to do that no input shows. `undefined`: the engine compares the inputs
   * itself, so that it names the changed properties and honors `replaceOnChanges`.
   */
  readonly changes: boolean | undefined;
  /** The properties whose change requires a replacement. An unknown value counts as a change. */
  readonly replaces: readonly string[];
  /** Why the update would fail. */
  readonly warning?: string | undefined;
  /** Why there is something to do that no input shows. */
  readonly note?: string | undefined;
}

export interface CreateResult {
  readonly id: string;
  readonly state: object;
}

/** The result of a read: the live inputs of what is managed, and the state to keep. */
export type ReadResult =
  { readonly found: false } | { readonly found: true; readonly state: object; readonly inputs: object };

/** Reports to the user about one resource, and about its object with the given id if there is one. */
export interface Reporter {
  /** The resource's name in the program, if known. */
  readonly name: string | undefined;
  /** The resource's URN, if known. */
  readonly urn?: string | undefined;
  /** Shows what an operation is waiting for. The next line replaces it, if the host can do that. */
  progress(line: string, id?: string): void;
  /** Shows something that stays in the output. */
  note(line: string, id?: string): void;
  warn(line: string, id?: string): void;
  /** Shows a line of a prebuild's log. */
  log(line: string, id?: string): void;
}

/** What each host does and advises in its own way. */
export interface HostPolicy {
  /**
   * What an interrupted create does with the object that it has made. `undo`: delete it, because the host can't store
   * an id any more. `keep`: fail with its id, so that the next `up` continues.
   */
  readonly onInterrupt: "undo" | "keep";
  /** Returns the command that imports a warm pool. @param name the resource's name in the program, if known */
  readonly importCommand: (id: string, name: string | undefined, connection: string | undefined) => string;
}

/** What a provider process knows about one account. */
export interface AccountSession extends HostPolicy {
  readonly clock: Clock;
  /** Identifies the provider process. Two accounts may be the same, so what must not happen twice is recorded here. */
  readonly process: object;
  /**
   * Says which config a refresh or destroy uses, for advice to change token or address. Empty if neither is in config.
   */
  readonly describeConfigUse: () => readonly string[];
  /** The API client, created on first use: a preview without changes loads neither undici nor zod. */
  client(): Promise<OnaClient>;
}

/** What a host knows about an operation besides inputs and state. */
export interface OperationOptions {
  /** How long it may take. Default: the resource's timeout. */
  readonly timeoutMs?: number | undefined;
  /** Aborted when the operation has to end. Default: never. */
  readonly interrupt?: AbortSignal | undefined;
}

export interface CreateOptions extends OperationOptions {
  /** The paths in the resource option of that name, as far as they are known. */
  readonly ignoreChanges?: readonly string[] | undefined;
}

export interface UpdateOptions extends OperationOptions {
  /** The inputs in state, if known. Where `ignoreChanges` applies, the new inputs have the same values. */
  readonly oldInputs?: Properties | undefined;
}

/** The calls of a resource that reach the API. */
export interface Lifecycle {
  create(inputs: Properties, options: CreateOptions): Promise<CreateResult>;
  read(id: string, state: Properties): Promise<ReadResult>;
  /** @returns the state to keep */
  update(id: string, state: Properties, inputs: Properties, options: UpdateOptions): Promise<object>;
  delete(id: string, state: Properties, options: OperationOptions): Promise<void>;
  /** Reports in a preview what a create would find. Never fails. */
  lookAhead?(inputs: Properties, ignoreChanges?: readonly string[]): Promise<void>;
}

/** What is known about a resource before its code is loaded. */
export interface ResourceTraits {
  /** What messages call the object: `warm pool`. */
  readonly kind: string;
  /**
   * The properties that identify an object, in inputs and state. Left out where several objects can have the same
   * values.
   */
  readonly identity?: readonly string[];
  /** The type token of its dynamic resource. */
  readonly type: string;
  /** The name of its provider among the exports of `pulumi-ona/provider`. */
  readonly exportName: string;
}

export interface Resource {
  /** Whether a replacement deletes the old object first. */
  readonly deleteBeforeReplace: boolean;
  /** The names of its outputs. */
  readonly properties: Pick<PropertyTable, "allNames" | "inputNames" | "managedNames" | "readOnlyNames" | "rows">;
  check(news: Properties): CheckResult;
  diff(state: Properties, news: Properties): DiffResult;
  /** Whether {@link Lifecycle.lookAhead} has something to report for these inputs. */
  looksAhead?(inputs: Properties): boolean;
  /** Loads the code that calls the API. A preview without changes never needs it. */
  lifecycle(account: AccountSession, reporter: Reporter): Promise<Lifecycle>;
}

/** What the functions of a lifecycle work with. */
export interface LifecycleContext extends Pick<Reporter, "progress" | "note" | "warn"> {
  readonly name?: string | undefined;
  readonly urn?: string | undefined;
  readonly clock: Clock;
  readonly onInterrupt: AccountSession["onInterrupt"];
  /** Returns the token's organization, or undefined if it can't be found out. Never fails. */
  readonly tokenOrganization: () => Promise<string | undefined>;
  /** Default: nothing to say. */
  readonly describeConfigUse?: AccountSession["describeConfigUse"];
}
