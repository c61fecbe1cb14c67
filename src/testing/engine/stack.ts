/** A stack for tests: preview, up, refresh and destroy, with results to check. */
import { cpus } from "node:os";
import { collectCalls, type StackSimulator } from "./host/api-calls.js";
import { readDeployment, needsCrypter, saltOf, hasSecrets, writeDeployment } from "./state/deployment-format.js";
import type { DeploymentEnvelope, UntypedDeployment } from "./state/deployment-format.js";
import type { EngineEvent } from "./run/engine-events.js";
import { Display } from "./show/text-display.js";
import type { ImportFile } from "./state/import-file.js";
import { runOperation } from "./run/operation.js";
import type { Environment, OperationOptions } from "./run/operation-context.js";
import { plain, Recorder, type OperationSummary, type OutputValue } from "./show/operation-summary.js";
import { crypterFor } from "./state/secret-encryption.js";
import type { ConfigEntry } from "./host/stack-config.js";
import type { ResourceState, Snapshot } from "./state/resource-state.js";
import { isRootStack } from "./state/urn.js";
import { Secret } from "./state/property-values.js";

/** @internal */
export interface StackSettings extends Omit<Environment, "parallel" | "cancel" | "terminate" | "emit"> {
  readonly passphrase: string;
  readonly config: Map<string, ConfigEntry>;
  readonly parallel: number | undefined;
  readonly simulator: StackSimulator | undefined;
  readonly onOutput: ((text: string) => void) | undefined;
  /** Runs when the stack is closed. */
  readonly cleanUp: () => void;
  /** Runs an operation. A test replaces it to host the program and the provider in its own process. */
  readonly operate?: typeof runOperation;
}

/** Options of every operation. */
export interface CommonOptions {
  /** Only these URNs. `*` matches anything but a colon, `**` matches anything. */
  readonly target?: readonly string[];
  /** Include the resources that depend on a target. */
  readonly targetDependents?: boolean;
  /** Receives the text of the operation while it runs. */
  readonly onOutput?: (text: string) => void;
}

/** Options of a preview. */
export interface PreviewOptions extends CommonOptions {
  /** Refresh the state first, like `--refresh`. */
  readonly refresh?: boolean;
  /** Fail with exit code 7 if there are changes. */
  readonly expectNoChanges?: boolean;
  /** Replace these URNs even if the provider finds no change. */
  readonly replace?: readonly string[];
  /** Replace these URNs and target only them. */
  readonly targetReplace?: readonly string[];
}

/** Options of an update. */
export type UpOptions = PreviewOptions;

/** Options of a refresh. */
export interface RefreshOptions extends CommonOptions {
  /** Only report changes, like `--preview-only`. */
  readonly previewOnly?: boolean;
  /** Fail with exit code 7 if there are changes. */
  readonly expectNoChanges?: boolean;
  /** Run the program, so that it sets the provider's configuration. */
  readonly runProgram?: boolean;
  /** Forget creates of which nobody knows the result, like `--clear-pending-creates`. */
  readonly clearPendingCreates?: boolean;
}

export interface DestroyOptions extends CommonOptions {
  readonly previewOnly?: boolean;
  readonly refresh?: boolean;
  readonly runProgram?: boolean;
}

type Operation = Partial<OperationOptions> & Pick<OperationOptions, "kind" | "dryRun"> & { expectNoChanges?: boolean };

const cutOff =
  "The stack was closed during an operation, which ended it. If the test timed out first, raise `testTimeout` in the " +
  "configuration of jest or vitest, for example to 30000.";

/** A stack. Its operations run one at a time. */
export class Stack {
  #snapshot: Snapshot = { resources: [], pending: [] };
  #envelope: DeploymentEnvelope = { other: {} };
  #running: Promise<unknown> = Promise.resolve();
  #interrupts: (() => void)[] = [];
  #closed = false;

  readonly #settings: StackSettings;

  /** @internal */
  constructor(settings: StackSettings) {
    this.#settings = settings;
  }

  get name(): string {
    return this.#settings.stack;
  }

  get projectName(): string {
    return this.#settings.project.name;
  }

  /** The resources in the state, with readable secrets. */
  get state(): readonly ResourceState[] {
    return this.#snapshot.resources;
  }

  /** Reports what `up` would do. */
  preview(options: PreviewOptions = {}): Promise<OperationSummary> {
    return this.#run({ kind: "update", dryRun: true, ...updateOptions(options) }, options);
  }

  /** Updates the resources to match the program. */
  up(options: UpOptions = {}): Promise<OperationSummary> {
    return this.#run({ kind: "update", dryRun: false, ...updateOptions(options) }, options);
  }

  /** Updates the state to match the resources. With `previewOnly`, only reports the differences. */
  refresh(options: RefreshOptions = {}): Promise<OperationSummary> {
    const { previewOnly = false, runProgram = false, expectNoChanges = false, clearPendingCreates = false } = options;
    return this.#run(
      { kind: "refresh", dryRun: previewOnly, runProgram, expectNoChanges, clearPendingCreates },
      options,
    );
  }

  /** Deletes all resources in the state. */
  destroy(options: DestroyOptions = {}): Promise<OperationSummary> {
    const { previewOnly = false, refresh = false, runProgram = false } = options;
    return this.#run({ kind: "destroy", dryRun: previewOnly, refreshFirst: refresh, runProgram }, options);
  }

  /** Imports existing resources, like `pulumi import --file`. */
  import(file: ImportFile, options: CommonOptions = {}): Promise<OperationSummary> {
    return this.#run({ kind: "import", dryRun: false, imports: file.resources }, options);
  }

  /** Interrupts the running operation like Ctrl+C. The second call ends it immediately. */
  cancel(): void {
    this.#interrupts.shift()?.();
  }

  /** The state in Pulumi's format, with encrypted secrets. */
  async exportDeployment(): Promise<UntypedDeployment> {
    const needed = needsCrypter(this.#snapshot);
    const crypter = needed ? await crypterFor(this.#settings.passphrase, this.#envelope.salt) : undefined;
    return writeDeployment(this.#snapshot, this.#envelope, crypter);
  }

  /**
   * Replaces the state.
   * @throws Error if the deployment can't be read or has another passphrase
   */
  async importDeployment(deployment: UntypedDeployment): Promise<void> {
    const salt = saltOf(deployment);
    const needed = hasSecrets(deployment) && salt !== undefined;
    const crypter = needed ? await crypterFor(this.#settings.passphrase, salt) : undefined;
    const { snapshot, envelope } = readDeployment(deployment, crypter);
    this.#snapshot = snapshot;
    this.#envelope = envelope;
  }

  /** The outputs of the stack after its last update. */
  outputs(): Record<string, OutputValue> {
    return outputsOf(this.#snapshot);
  }

  /**
   * Sets a config value.
   * @throws TypeError unless the arguments are a key and `{ value, secret }`
   */
  setConfig(key: string, entry: ConfigEntry): void {
    const isEntry = typeof entry === "object" && entry !== null && typeof entry.value === "string";
    if (typeof key !== "string" || !isEntry) throw new TypeError("setConfig takes a key and { value, secret }");
    this.#settings.config.set(key, entry);
  }

  /**
   * Sets an environment variable of program and provider. Undefined removes it.
   * @throws TypeError unless the arguments are a name and a string
   */
  setEnv(name: string, value: string | undefined): void {
    const isValue = value === undefined || typeof value === "string";
    if (typeof name !== "string" || !isValue)
      throw new TypeError("setEnv takes the name of one variable and its value");
    this.#settings.env[name] = value;
  }

  /** Ends the running operation and removes temporary files. Warns if there is one that nothing has interrupted. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The failure of a test that has timed out does not show the result of its operation.
    if (this.#interrupts.length === 2) console.warn(cutOff);
    this.cancel();
    this.cancel();
    await this.#running;
    this.#settings.cleanUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #run(operation: Operation, options: CommonOptions): Promise<OperationSummary> {
    const result = this.#running.then(() => {
      if (this.#closed) throw new Error("the stack is closed");
      return this.#runNow(operation, options);
    });
    this.#running = result.catch(() => undefined);
    return result;
  }

  async #runNow(operation: Operation, options: CommonOptions): Promise<OperationSummary> {
    const settings = this.#settings;
    const cancel = new AbortController();
    const terminate = new AbortController();
    const calls = collectCalls(settings.simulator);
    const chunks: string[] = [];
    const write = (text: string): void => {
      chunks.push(text);
      (options.onOutput ?? settings.onOutput)?.(text);
    };
    this.#interrupts = [
      () => {
        write(
          "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n" +
            "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n",
        );
        cancel.abort();
      },
      () => {
        write("^C received; terminating\n");
        terminate.abort();
      },
    ];
    const { kind, dryRun } = operation;
    const display = new Display({ stack: settings.stack, kind, dryRun, write });
    const recorder = new Recorder();
    const emit = (event: EngineEvent): void => {
      recorder.on(event);
      display.on(event);
    };
    const environment = {
      ...settings,
      parallel: settings.parallel ?? cpus().length * 4,
      cancel: cancel.signal,
      terminate: terminate.signal,
      emit,
    };
    const { operate = runOperation } = settings;
    const { snapshot, outcome } = await operate(environment, fullOptions(operation, options), this.#snapshot);
    this.#interrupts = [];
    display.summary();
    if (!dryRun) this.#snapshot = snapshot;
    if (outcome === "terminated") write("error: update failed\nerror: update cancelled\n");
    if (outcome === "terminated" && this.#closed) write(`error: ${cutOff}\n`);
    const changeSummary = display.changeSummary();
    const changed = Object.entries(changeSummary).some(([op, count]) => op !== "same" && op !== "read" && count > 0);
    let exitCode: OperationSummary["exitCode"] = outcome === "succeeded" ? 0 : outcome === "terminated" ? 8 : 1;
    if (exitCode === 0 && operation.expectNoChanges === true && changed) {
      exitCode = 7;
      const noun = kind === "refresh" ? "refresh" : dryRun ? "preview" : "update";
      const message = `no changes were expected for ${noun} but changes were ${dryRun ? "proposed" : "made"}`;
      emit({ type: "diagnostic", diagnostic: { severity: "error", message } });
    }
    return {
      exitCode,
      changeSummary,
      operations: recorder.all(),
      calls: calls(),
      diagnostics: recorder.diagnostics,
      outputs: outputsOf(snapshot),
      text: chunks.join(""),
    };
  }
}

function updateOptions(options: PreviewOptions): Partial<Operation> {
  const { refresh = false, expectNoChanges = false, replace = [], targetReplace = [] } = options;
  return { refreshFirst: refresh, expectNoChanges, replace: [...replace, ...targetReplace] };
}

function fullOptions(operation: Operation, options: CommonOptions & Partial<PreviewOptions>): OperationOptions {
  const targets = [...(options.target ?? []), ...(options.targetReplace ?? [])];
  return {
    refreshFirst: false,
    runProgram: false,
    replace: [],
    clearPendingCreates: false,
    imports: [],
    ...operation,
    targets: targets.length === 0 ? undefined : targets,
    targetDependents: options.targetDependents ?? false,
  };
}

function outputsOf(snapshot: Snapshot): Record<string, OutputValue> {
  const root = snapshot.resources.find((state) => isRootStack(state.urn));
  return Object.fromEntries(
    Object.entries(root?.outputs ?? {}).map(([key, value]) => [
      key,
      { value: plain(value), secret: value instanceof Secret },
    ]),
  );
}
